-- Campaigns that are worth nothing after a moment: whoever waits then is left out.

create index dispatches_windows on dispatches (not_after)
    where not_after is not null and state in ('running', 'paused');
