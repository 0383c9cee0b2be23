-- Connected senders and what the provider says about them.

create table channel_accounts (
    workspace_id uuid not null references workspaces (workspace_id),
    channel_account_id uuid not null,
    channel text not null
        constraint channel_accounts_channel_known check (channel in ('whatsapp', 'gmail', 'smtp')),
    name text not null,
    state text not null
        constraint channel_accounts_state_known check (state in ('connected', 'paused', 'disconnected')),
    state_reason text,
    credential bytea,
    credential_key_id text,
    rate_per_second integer not null
        constraint channel_accounts_rate_positive check (rate_per_second > 0),
    batch_size integer not null
        constraint channel_accounts_batch_size_positive check (batch_size > 0),
    connected_by uuid references users (user_id),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (workspace_id, channel_account_id),
    constraint channel_accounts_credential_present
        check (state = 'disconnected' or (credential is not null and credential_key_id is not null))
);
comment on table channel_accounts is 'One connected number, mailbox or server, with its credential and limits.';
comment on column channel_accounts.credential is 'AES-256-GCM: nonce, then ciphertext; associated data is workspace and row id.';
comment on column channel_accounts.credential_key_id is 'Which key of the ring sealed it.';
comment on column channel_accounts.rate_per_second is 'Messages a second that the plan of this sender allows.';
comment on column channel_accounts.batch_size is 'Recipients in a batch, by the same plan.';
comment on column channel_accounts.state_reason is 'In words, why it cannot send now.';

create table whatsapp_numbers (
    workspace_id uuid not null,
    channel_account_id uuid not null,
    phone_number_id text not null,
    waba_id text not null,
    display_phone_number text not null,
    verified_name text not null,
    quality_rating text not null,
    throughput_level text not null,
    on_business_app boolean not null,
    messaging_limit text,
    checked_at timestamptz not null,
    primary key (workspace_id, channel_account_id),
    foreign key (workspace_id, channel_account_id)
        references channel_accounts (workspace_id, channel_account_id) on delete cascade
);
-- A webhook names only the number, so a number belongs to one workspace of this installation.
create unique index whatsapp_numbers_phone_number_id_key on whatsapp_numbers (phone_number_id);
comment on table whatsapp_numbers is 'What Graph says about a connected WhatsApp number.';
comment on column whatsapp_numbers.messaging_limit is 'Portfolio tier, as Graph names it (TIER_…); null when Graph did not say.';

create table sender_leases (
    workspace_id uuid not null,
    channel_account_id uuid not null,
    lease_owner uuid not null,
    fence bigint not null,
    expires_at timestamptz not null,
    primary key (workspace_id, channel_account_id),
    foreign key (workspace_id, channel_account_id)
        references channel_accounts (workspace_id, channel_account_id) on delete cascade
);
comment on table sender_leases is 'Which worker drives a sender. One at a time, so that its rate is exact with any number of workers.';
comment on column sender_leases.fence is 'Grows with every change of owner.';
