-- Messages that the provider took and holds until it has seen how people react to the first ones are counted.

alter table dispatch_reasons
    drop constraint dispatch_reasons_state_known,
    add constraint dispatch_reasons_state_known check (state in ('sent', 'failed', 'skipped', 'unknown'));
comment on table dispatch_reasons is
    'How many recipients failed, were skipped or are unknown for which reason, and of how many sent ones the message is held by the '
    'provider; changes with the rows.';
