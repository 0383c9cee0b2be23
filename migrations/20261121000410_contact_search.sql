-- Finding people by the beginning of a name, a number or an email address, among millions.

create index contacts_by_name_words on contacts using gin (to_tsvector('simple', name));
comment on index contacts_by_name_words is 'Any word of a name by its beginning.';

create index addresses_by_beginning on addresses (workspace_id, kind, value text_pattern_ops);
comment on index addresses_by_beginning is '`like ''+3519%''` whatever the collation of the database.';

create index suppressions_newest on suppressions (workspace_id, created_at desc, kind, value);

create index imports_newest on imports (workspace_id, started_at desc, import_id desc);
