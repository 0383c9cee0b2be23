-- Workspaces, the people in them, and their browser sessions.

create table workspaces (
    workspace_id uuid primary key,
    name text not null
        constraint workspaces_name_length check (char_length(name) between 1 and 80),
    time_zone text not null,
    default_country text
        constraint workspaces_default_country_alpha2 check (default_country ~ '^[A-Z]{2}$'),
    created_at timestamptz not null
);
comment on table workspaces is 'A tenant: owns everything else.';
comment on column workspaces.time_zone is 'IANA name; times on screen are shown in it.';
comment on column workspaces.default_country is 'ISO 3166-1 alpha-2; assumed for imported numbers without +, and said so in the preview.';

create table users (
    user_id uuid primary key,
    email text not null,
    name text not null
        constraint users_name_length check (char_length(name) between 1 and 120),
    password_hash text not null,
    created_at timestamptz not null
);
create unique index users_email_key on users (lower(email));
comment on table users is 'A person who signs in. May belong to several workspaces.';
comment on column users.password_hash is 'argon2id in PHC string form.';

create table memberships (
    workspace_id uuid not null references workspaces (workspace_id),
    user_id uuid not null references users (user_id),
    role text not null
        constraint memberships_role_known check (role in ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz not null,
    primary key (workspace_id, user_id)
);
create index memberships_by_user on memberships (user_id);
comment on table memberships is 'Who may do what in a workspace.';

create table sessions (
    session_digest bytea primary key,
    record jsonb not null,
    expires_at timestamptz not null
);
create index sessions_by_expiry on sessions (expires_at);
comment on table sessions is 'Browser sessions (tower-sessions).';
comment on column sessions.session_digest is 'SHA-256 of the cookie value, so that a copy of the table opens no session.';
