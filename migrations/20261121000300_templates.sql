-- Message templates as the provider holds them, and the copies that were sent.

create table templates (
    workspace_id uuid not null references workspaces (workspace_id),
    template_id uuid not null,
    waba_id text not null,
    provider_template_id text not null,
    name text not null,
    language text not null,
    category text not null,
    state text not null,
    parameter_format text not null,
    components jsonb not null,
    rejected_reason text,
    quality text,
    synced_at timestamptz not null,
    removed_at timestamptz,
    primary key (workspace_id, template_id),
    constraint templates_name_and_language_key unique (workspace_id, waba_id, name, language)
);
comment on table templates is 'WhatsApp templates of the connected business accounts, as last synced.';
comment on column templates.state is 'The provider''s word (APPROVED, PENDING, …); an open set.';
comment on column templates.removed_at is 'Set when a sync no longer finds it.';

create table template_versions (
    workspace_id uuid not null,
    template_version_id uuid not null,
    template_id uuid not null,
    content jsonb not null,
    content_digest bytea not null,
    created_at timestamptz not null,
    primary key (workspace_id, template_version_id),
    foreign key (workspace_id, template_id) references templates (workspace_id, template_id),
    constraint template_versions_content_key unique (workspace_id, template_id, content_digest)
);
comment on table template_versions is 'The frozen copy that a dispatch sends.';
