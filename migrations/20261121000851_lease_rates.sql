-- How fast a sender goes at the moment, for whoever watches it and for the worker that drives it next.

alter table sender_leases add column rate_now integer
    constraint sender_leases_rate_now_positive check (rate_now > 0);
alter table sender_leases add column throttled_at timestamptz;
comment on column sender_leases.rate_now is
    'Messages a second that its worker allows it now, as of the last renewal; below the plan after the provider asked for less. '
    'Null until the first renewal. Means nothing once the lease ran out, except to the next worker.';
comment on column sender_leases.throttled_at is 'When the provider last said that it is too fast.';
