-- What is decided on a provider's answer: which senders stand still and why, and how long a person is held back.

alter table channel_accounts add column pause_kind text;
comment on column channel_accounts.pause_kind is 'While paused: the word of domain::delivery::PauseReason, as dispatches.pause_kind; state_reason says it in words.';

alter table dispatches add column not_after timestamptz;
alter table dispatches add column holds_allowed boolean not null default true;
comment on column dispatches.not_after is 'End of the campaign''s window: nobody is sent to afterwards. Null: held people are tried again until 72 hours after the launch.';
comment on column dispatches.holds_allowed is 'Whether people whom the provider holds back for a day are tried again; false for a campaign that means nothing a day later.';

alter table recipients add column dropped_message_ids text[];
comment on column recipients.dropped_message_ids is
    'Messages that the provider took and then dropped for now, so that the person waits again. What it repeats about them is old, unless one arrived after all.';
