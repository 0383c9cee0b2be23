-- The first messages of a campaign are watched before the rest goes out.

alter table dispatches
    add column canary_people integer
        constraint dispatches_canary_people_positive check (canary_people > 0),
    add column canary_percent_max smallint
        constraint dispatches_canary_percent_max_known check (canary_percent_max between 0 and 99),
    add column canary_state text
        constraint dispatches_canary_state_known check (canary_state in ('watching', 'passed', 'failed', 'overruled')),
    add constraint dispatches_canary_whole
        check ((canary_state is null) = (canary_people is null) and (canary_state is null) = (canary_percent_max is null));
create index dispatches_canaries on dispatches (dispatch_id) where canary_state = 'watching';
comment on column dispatches.canary_people is
    'In the first dispatch of a campaign that has a canary: so many people from position 1 on go first, in batches of their own; all '
    'other batches of the campaign wait (wait_reason canary) until they are judged.';
comment on column dispatches.canary_percent_max is 'The campaign is paused when more of them fail.';
comment on column dispatches.canary_state is 'watching until judged; then passed, or failed, and overruled when somebody resumed nevertheless.';
