-- A launch may be several dispatches: one key for all of them.

alter table dispatches alter column idempotency_key drop not null;
comment on column dispatches.slice is
    'Position among the dispatches of its campaign, from 1. Ids ascend with it, and so do locks over several dispatches.';
comment on column dispatches.idempotency_key is
    'The key of the click that made this dispatch and those cut off with it; only the first of them holds it.';
