-- Members who have been added but have not chosen a password yet.

alter table users alter column password_hash drop not null;
comment on column users.password_hash is 'argon2id in PHC string form. Null until the person has followed an invitation.';

create table invitations (
    token_digest bytea primary key,
    user_id uuid not null references users (user_id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint invitations_user_key unique (user_id)
);
comment on table invitations is 'A link, good once, with which a new member chooses a password. A newer one replaces the older.';
comment on column invitations.token_digest is 'SHA-256 of the token in the link, so that a copy of the table opens no account.';
