-- How many were on their way when a dispatch was paused, to the person.

alter table dispatches add column settled_at_pause integer;
comment on column dispatches.settled_at_pause is
    'Sent, failed and unknown at the moment of the pause, while paused: what was settled since had been on its way.';
