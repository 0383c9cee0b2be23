-- Why what waits is waiting: the live page names it, and the people behind it.

alter table batches add column wait_reason text
    constraint batches_wait_reason_known
    check (wait_reason in ('retry', 'pair_limit', 'marketing_limit', 'portfolio_limit', 'quiet_hours', 'not_started', 'canary'));
comment on column batches.wait_reason is 'While ready and not due: what its earliest recipient waits for.';

alter table recipients add column wait_reason text;
alter table recipients add column holds smallint not null default 0;
comment on column recipients.wait_reason is 'While pending with not_before: what this person waits for; the words are those of batches.wait_reason.';
comment on column recipients.holds is 'How often this person was made to wait for their own sake (pair limit, marketing limit); attempt does not count these.';
