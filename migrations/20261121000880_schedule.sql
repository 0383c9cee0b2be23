-- Campaigns that start at a time, and launches that can be taken back before the first message leaves.

alter table campaigns
    add column schedule jsonb not null default '{}',
    add column starts_at timestamptz,
    add column scheduled_by uuid references users (user_id),
    add column scheduled_at timestamptz,
    add column start_key text,
    add column start_expected bigint,
    add column start_claimed_at timestamptz,
    add column start_problem text,
    add column withdrawn_key text,
    add constraint campaigns_start_iff_scheduled
        check ((state = 'scheduled') = (starts_at is not null and scheduled_by is not null
                                        and scheduled_at is not null and start_key is not null));
create index campaigns_starting on campaigns (starts_at) where state = 'scheduled';
comment on column campaigns.schedule is 'When it goes out, as chosen (domain::schedule).';
comment on column campaigns.starts_at is 'While scheduled: the instant of the launch.';
comment on column campaigns.scheduled_by is 'While scheduled: on whose behalf it is launched; their right to send is looked at again then.';
comment on column campaigns.start_key is 'While scheduled: the idempotency key of the launch.';
comment on column campaigns.start_expected is 'While scheduled: how many people were shown to whoever scheduled it.';
comment on column campaigns.start_claimed_at is 'When a worker last tried to start it; another does when nothing came of that.';
comment on column campaigns.start_problem is 'Why the last scheduled start did not happen, in words.';
comment on column campaigns.withdrawn_key is
    'The key of the launch or schedule that was last taken back: a late repetition of its click does nothing.';

alter table dispatches add column undo_until timestamptz;
comment on column dispatches.undo_until is 'Nothing is handed over before; until then the launch can be taken back.';
