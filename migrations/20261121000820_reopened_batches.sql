-- A recipient may come back to a batch that another worker holds by then.

alter table batches add column reopened boolean not null default false;
comment on column batches.reopened is
    'While claimed: a recipient came back that the claim does not know of, so the batch ends as ready and not as done.';
