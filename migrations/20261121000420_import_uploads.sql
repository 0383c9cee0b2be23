-- Files that wait for their columns to be mapped: the way to import without WebAssembly takes two requests, and the
-- second may reach another server. Unlogged: after a crash of Postgres one uploads the file again.

create unlogged table import_uploads (
    workspace_id uuid not null,
    upload_id uuid not null,
    file_name text not null,
    file_bytes bigint not null,
    uploaded_by uuid not null,
    uploaded_at timestamptz not null,
    primary key (workspace_id, upload_id)
);
create index import_uploads_by_age on import_uploads (uploaded_at);
comment on table import_uploads is 'An uploaded file until it is imported, at most a day.';

create unlogged table import_upload_chunks (
    workspace_id uuid not null,
    upload_id uuid not null,
    position integer not null,
    bytes bytea not null,
    primary key (workspace_id, upload_id, position),
    foreign key (workspace_id, upload_id) references import_uploads (workspace_id, upload_id) on delete cascade
);
-- Reading is sequential and the rows are short-lived: compressing them would cost more than it saves.
alter table import_upload_chunks alter column bytes set storage external;
comment on column import_upload_chunks.position is 'From 0, in the order of the file.';
