-- What comes back from the providers.

create table webhook_inbox (
    webhook_id bigint generated always as identity primary key,
    channel text not null
        constraint webhook_inbox_channel_known check (channel in ('whatsapp')),
    received_at timestamptz not null,
    body bytea not null,
    state text not null default 'received'
        constraint webhook_inbox_state_known check (state in ('received', 'unreadable')),
    problem text
);
create index webhook_inbox_received on webhook_inbox (webhook_id) where state = 'received';
comment on table webhook_inbox is
    'Webhooks as received, durable before they are answered. A row leaves when its events are in delivery_events and inbound_messages; '
    'what cannot be read stays, with the reason.';

create table delivery_events (
    workspace_id uuid not null,
    channel_account_id uuid not null,
    provider_message_id text not null,
    kind text not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    dispatch_id uuid,
    ordinal integer,
    provider_code integer,
    payload jsonb not null,
    constraint delivery_events_identity unique (workspace_id, provider_message_id, kind, occurred_at)
) partition by range (occurred_at);
create index delivery_events_by_recipient on delivery_events (workspace_id, dispatch_id, ordinal);
create table delivery_events_default partition of delivery_events default;
comment on table delivery_events is 'Facts reported by a provider about a message. Append-only; repeats fall on the identity.';
comment on column delivery_events.dispatch_id is 'Null for a message that we did not send, or cannot tell: parked.';
comment on column delivery_events.kind is 'sent, delivered, read, failed, or a word we do not know yet.';

create table inbound_messages (
    workspace_id uuid not null,
    channel_account_id uuid not null,
    provider_message_id text not null,
    sender_address text,
    kind text not null,
    body text not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    dispatch_id uuid,
    ordinal integer,
    payload jsonb not null,
    constraint inbound_messages_identity unique (workspace_id, provider_message_id, occurred_at)
) partition by range (occurred_at);
create index inbound_messages_by_sender on inbound_messages (workspace_id, sender_address, occurred_at desc);
create table inbound_messages_default partition of inbound_messages default;
comment on table inbound_messages is 'What people wrote to us.';
comment on column inbound_messages.dispatch_id is 'The latest send to this address before the message, if there was one.';

-- The first months. The worker adds those that follow; what no partition covers lands in the default one.
select create_month_partition(parent, month::date)
  from unnest(array['recipients', 'delivery_events', 'inbound_messages']) as parent,
       generate_series(date '2026-11-01', date '2027-04-01', interval '1 month') as month;
