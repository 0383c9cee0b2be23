-- People, the addresses they are reached at, consent, lists, suppressions, imports.

create table contacts (
    workspace_id uuid not null references workspaces (workspace_id),
    contact_id uuid not null,
    name text not null,
    attributes jsonb not null default '{}',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (workspace_id, contact_id)
);
comment on table contacts is 'A person we may reach.';
comment on column contacts.name is 'May be empty: a number alone is a contact too.';
comment on column contacts.attributes is 'Flat object of text values, for segments and template variables.';

create table addresses (
    workspace_id uuid not null,
    kind text not null
        constraint addresses_kind_known check (kind in ('phone', 'email', 'whatsapp_user')),
    value text not null,
    contact_id uuid not null,
    region text,
    consent text not null default 'none'
        constraint addresses_consent_known check (consent in ('none', 'pending', 'confirmed', 'withdrawn')),
    consent_source text,
    consent_wording text,
    consent_changed_at timestamptz,
    created_at timestamptz not null,
    primary key (workspace_id, kind, value),
    foreign key (workspace_id, contact_id) references contacts (workspace_id, contact_id) on delete cascade
);
create index addresses_by_contact on addresses (workspace_id, contact_id);
comment on table addresses is 'Where a contact is reached. Consent belongs to the address, with its proof.';
comment on column addresses.value is 'E.164 with +, or the email address in lower case, or the business-scoped user id.';
comment on column addresses.region is 'ISO 3166-1 alpha-2 of a phone number''s plan, if it has one.';

create table suppressions (
    workspace_id uuid not null references workspaces (workspace_id),
    kind text not null
        constraint suppressions_kind_known check (kind in ('phone', 'email', 'whatsapp_user')),
    value text not null,
    reason text not null
        constraint suppressions_reason_known check (reason in ('unsubscribed', 'hard_bounce', 'complaint', 'manual')),
    source text not null,
    created_at timestamptz not null,
    primary key (workspace_id, kind, value)
);
comment on table suppressions is 'Addresses that are never sent to. Outlives the contact; no import removes one.';

create table lists (
    workspace_id uuid not null references workspaces (workspace_id),
    list_id uuid not null,
    name text not null
        constraint lists_name_length check (char_length(name) between 1 and 120),
    created_at timestamptz not null,
    primary key (workspace_id, list_id)
);
create unique index lists_name_key on lists (workspace_id, lower(name));
comment on table lists is 'A hand-kept set of contacts.';

create table list_members (
    workspace_id uuid not null,
    list_id uuid not null,
    contact_id uuid not null,
    added_at timestamptz not null,
    primary key (workspace_id, list_id, contact_id),
    foreign key (workspace_id, list_id) references lists (workspace_id, list_id) on delete cascade,
    foreign key (workspace_id, contact_id) references contacts (workspace_id, contact_id) on delete cascade
);
create index list_members_by_contact on list_members (workspace_id, contact_id);

create table imports (
    workspace_id uuid not null references workspaces (workspace_id),
    import_id uuid not null,
    list_id uuid,
    file_name text not null,
    file_bytes bigint not null,
    mapping jsonb not null,
    default_country text,
    rows_read integer not null,
    contacts_created integer not null,
    contacts_updated integer not null,
    rows_repeated integer not null,
    rows_rejected integer not null,
    imported_by uuid not null references users (user_id),
    started_at timestamptz not null,
    finished_at timestamptz not null,
    primary key (workspace_id, import_id)
);
comment on table imports is 'What an import did. Written in the transaction of the import itself: a failed import leaves no row and no contact.';
comment on column imports.rows_repeated is 'Rows whose address stood in the file before; the later row wins.';

create table import_problems (
    workspace_id uuid not null,
    import_id uuid not null,
    line integer not null,
    field text not null,
    reason text not null,
    primary key (workspace_id, import_id, line, field),
    foreign key (workspace_id, import_id) references imports (workspace_id, import_id) on delete cascade
);
comment on table import_problems is 'Rows that were not imported, or only in part, with the reason; the first 10,000 of a file.';
