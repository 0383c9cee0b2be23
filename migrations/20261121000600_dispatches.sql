-- The send ledger: dispatches, their batches, their recipients, and what is in the air.

create table dispatches (
    workspace_id uuid not null references workspaces (workspace_id),
    dispatch_id uuid not null,
    campaign_id uuid not null,
    slice integer not null default 1,
    channel_account_id uuid not null,
    template_version_id uuid not null,
    state text not null
        constraint dispatches_state_known check (state in ('running', 'paused', 'finished', 'cancelled')),
    pause_kind text,
    pause_detail text,
    paused_by uuid references users (user_id),
    state_changed_at timestamptz not null,
    idempotency_key text not null
        constraint dispatches_idempotency_key_length check (char_length(idempotency_key) between 8 and 200),
    content_digest bytea not null,
    launched_by uuid not null references users (user_id),
    launched_at timestamptz not null,
    ended_at timestamptz,
    audience integer not null,
    pending integer not null,
    sent integer not null default 0,
    failed integer not null default 0,
    skipped integer not null default 0,
    unknown integer not null default 0,
    delivered integer not null default 0,
    read integer not null default 0,
    replied integer not null default 0,
    primary key (workspace_id, dispatch_id),
    foreign key (workspace_id, campaign_id) references campaigns (workspace_id, campaign_id),
    foreign key (workspace_id, channel_account_id) references channel_accounts (workspace_id, channel_account_id),
    foreign key (workspace_id, template_version_id) references template_versions (workspace_id, template_version_id),
    constraint dispatches_idempotency_key unique (workspace_id, idempotency_key),
    constraint dispatches_slice_key unique (workspace_id, campaign_id, slice),
    constraint dispatches_add_up check (audience = pending + sent + failed + skipped + unknown),
    constraint dispatches_counts_not_negative
        check (pending >= 0 and sent >= 0 and failed >= 0 and skipped >= 0 and unknown >= 0)
) with (fillfactor = 50);
comment on table dispatches is
    'One launch of a campaign. Whoever changes its recipients holds the lock of this row, so the counts are exact and nobody deadlocks.';
comment on column dispatches.pending is 'Not settled: waiting, or handed over at this moment (then an open handover names them).';
comment on column dispatches.sent is 'Accepted by the provider, whatever came after. delivered, read and replied are parts of it.';
comment on column dispatches.content_digest is 'SHA-256 of what was launched: the same key with other content is a conflict.';

create table dispatch_reasons (
    workspace_id uuid not null,
    dispatch_id uuid not null,
    state text not null
        constraint dispatch_reasons_state_known check (state in ('failed', 'skipped', 'unknown')),
    reason text not null,
    provider_code integer not null default 0,
    recipients integer not null,
    primary key (workspace_id, dispatch_id, state, reason, provider_code),
    foreign key (workspace_id, dispatch_id) references dispatches (workspace_id, dispatch_id)
) with (fillfactor = 50);
comment on table dispatch_reasons is 'How many recipients failed or were skipped for which reason; changes with the rows.';
comment on column dispatch_reasons.provider_code is '0 where the reason is ours.';

create table dispatch_seconds (
    workspace_id uuid not null,
    dispatch_id uuid not null,
    second timestamptz not null,
    handed_over integer not null,
    primary key (workspace_id, dispatch_id, second),
    foreign key (workspace_id, dispatch_id) references dispatches (workspace_id, dispatch_id)
) with (fillfactor = 50);
comment on table dispatch_seconds is 'Answers of the provider per second, for the rate and its chart.';

create table batches (
    workspace_id uuid not null,
    dispatch_id uuid not null,
    ordinal integer not null,
    channel_account_id uuid not null,
    first_recipient integer not null,
    last_recipient integer not null,
    state text not null
        constraint batches_state_known check (state in ('ready', 'claimed', 'done')),
    not_before timestamptz not null,
    lease_owner uuid,
    lease_expires_at timestamptz,
    attempt integer not null default 0,
    primary key (workspace_id, dispatch_id, ordinal),
    foreign key (workspace_id, dispatch_id) references dispatches (workspace_id, dispatch_id),
    constraint batches_lease_iff_claimed
        check ((state = 'claimed') = (lease_owner is not null and lease_expires_at is not null)),
    constraint batches_range_ordered check (first_recipient <= last_recipient)
);
create index batches_ready on batches (workspace_id, channel_account_id, not_before, dispatch_id, ordinal)
    where state = 'ready';
create index batches_claimed on batches (lease_expires_at) where state = 'claimed';
comment on table batches is 'A run of recipients of a dispatch; the unit a worker claims.';
comment on column batches.attempt is 'Grows with every claim; together with lease_owner it fences every later write.';

-- Partitioned by the dispatch id, whose first 48 bits are the time of the launch: a month is a range of ids, retention is
-- DROP, and a query that names the dispatch reads one partition.
create table recipients (
    workspace_id uuid not null,
    dispatch_id uuid not null,
    ordinal integer not null,
    contact_id uuid not null,
    address text,
    variables text[] not null default '{}',
    state text not null
        constraint recipients_state_known check (state in ('pending', 'sent', 'failed', 'skipped', 'unknown')),
    attempt smallint not null default 0,
    not_before timestamptz,
    handover_id bigint,
    provider_message_id text,
    reason text,
    provider_code integer,
    settled_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    replied_at timestamptz,
    primary key (workspace_id, dispatch_id, ordinal),
    constraint recipients_contact_key unique (workspace_id, contact_id, dispatch_id),
    constraint recipients_address_key unique (workspace_id, address, dispatch_id),
    constraint recipients_reason_given check (state not in ('failed', 'skipped') or reason is not null)
) partition by range (dispatch_id);
comment on table recipients is 'One contact in one dispatch: the frozen address and variables, and the one state it is in.';
comment on column recipients.ordinal is 'Position in the dispatch, from 1; those to be sent come before those skipped.';
comment on column recipients.address is 'Frozen at launch. Null when the contact has none, or shares it with an earlier recipient.';
comment on column recipients.handover_id is
    'The last handover whose outcome is recorded here. A pending row named by an open handover with another id is in the air.';
comment on column recipients.attempt is 'Answers recorded so far.';
comment on column recipients.settled_at is 'When the state became terminal.';

-- The id that a version 7 UUID minted at this instant is not below.
create function uuid_floor(at timestamptz) returns uuid
    language sql immutable strict parallel safe
    return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

create function create_month_partition(parent text, month date) returns void
    language plpgsql as $$
declare
    child text := format('%s_%s', parent, to_char(month, 'YYYYMM'));
    low timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    high timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
begin
    if to_regclass(child) is not null then
        return;
    end if;
    if parent = 'recipients' then
        execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = 60)',
                       child, parent, uuid_floor(low), uuid_floor(high));
    else
        execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent, low, high);
    end if;
end
$$;
comment on function create_month_partition is 'Adds the partition of one month to recipients, delivery_events or inbound_messages; harmless when it is there.';

create table recipients_default partition of recipients default with (fillfactor = 60);

create table handovers (
    handover_id bigint generated always as identity primary key,
    workspace_id uuid not null,
    dispatch_id uuid not null,
    batch_ordinal integer not null,
    batch_attempt integer not null,
    lease_owner uuid not null,
    sequence integer not null,
    recipients integer[] not null,
    opened_at timestamptz not null,
    constraint handovers_sequence_key unique (workspace_id, dispatch_id, batch_ordinal, batch_attempt, lease_owner, sequence),
    foreign key (workspace_id, dispatch_id, batch_ordinal) references batches (workspace_id, dispatch_id, ordinal)
);
comment on table handovers is
    'Written and committed before the first byte leaves: which recipients are about to be given to the provider. '
    'Deleted with the last of their outcomes. What a crash leaves here becomes unknown and is never sent again by the machine.';
