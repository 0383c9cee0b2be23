-- When a sender's credential stops working, if the provider says so.

alter table channel_accounts add column credential_expires_at timestamptz;
comment on column channel_accounts.credential_expires_at is 'Null when it never ends, or when the provider did not say.';
