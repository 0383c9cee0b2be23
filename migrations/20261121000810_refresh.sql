-- Which senders the provider is to be asked about again.

alter table channel_accounts add column refresh_claimed_at timestamptz not null default now();
comment on column channel_accounts.refresh_claimed_at is
    'When a worker last took it upon itself to ask the provider about it; whatsapp_numbers.checked_at is when that was answered.';
