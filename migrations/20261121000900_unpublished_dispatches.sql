-- What has to be told to others after a dispatch changed is noted in the transaction that changes it.

alter table dispatches
    add column version bigint not null default 1,
    add column unpublished boolean not null default true;
comment on column dispatches.version is 'Grows with every change of the row, whoever makes it.';
comment on column dispatches.unpublished is
    'Changed since its campaign was last published (worker.publisher). Not the version, so that changes stay on their page (HOT).';
create index dispatches_unpublished on dispatches (workspace_id, campaign_id) where unpublished;

create function note_dispatch_change() returns trigger
    language plpgsql as $$
begin
    new.version := old.version + 1;
    new.unpublished := true;
    return new;
end
$$;

-- Publishing is no change that has to be published.
create trigger dispatches_note_change
    before update on dispatches
    for each row
    when (old.unpublished = new.unpublished)
    execute function note_dispatch_change();
