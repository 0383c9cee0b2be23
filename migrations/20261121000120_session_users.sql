-- Whose session it is, so that a new password ends the person's other sessions.

alter table sessions add column user_id uuid references users (user_id);
create index sessions_by_user on sessions (user_id) where user_id is not null;
comment on column sessions.user_id is 'Null for a visitor who has not signed in.';
