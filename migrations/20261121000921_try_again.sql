-- Failed or unknown people of a finished campaign are tried again by explicit choice, in dispatches of their own. The row of
-- the earlier try stays; it counts nowhere any more.

alter table dispatches
    add column tries_again text
        constraint dispatches_tries_again_known check (tries_again in ('failed', 'unknown')),
    add column superseded integer not null default 0,
    drop constraint dispatches_add_up,
    add constraint dispatches_add_up check (audience = pending + sent + failed + skipped + unknown + superseded),
    drop constraint dispatches_counts_not_negative,
    add constraint dispatches_counts_not_negative
        check (pending >= 0 and sent >= 0 and failed >= 0 and skipped >= 0 and unknown >= 0 and superseded >= 0);
comment on column dispatches.tries_again is
    'Whom of the campaign it tries again: who had failed, or of whom nothing was known. Null for what the launch made.';
comment on column dispatches.superseded is
    'Recipients for whom the row of another dispatch of the campaign counts. Whoever changes recipients here while there are any also locks the campaign''s later dispatches that try again.';

alter table recipients
    add column superseded_by uuid,
    add column retries uuid;
comment on column recipients.superseded_by is
    'The dispatch of the campaign whose row counts for this contact instead of this one. Such a row never waits again.';
comment on column recipients.retries is 'The dispatch with the earlier row of the same contact that this one tries again.';

create function people_to_try_again(
    workspace uuid,
    dispatches uuid[],
    others uuid[],
    wanted_state text,
    final_reasons text[],
    address_kind text,
    needs_consent boolean
) returns table (dispatch_id uuid, ordinal integer, contact_id uuid, left_out text)
    language sql stable parallel safe
    as $$
    select
        r.dispatch_id,
        r.ordinal,
        r.contact_id,
        case
            when r.reason = any (final_reasons) then r.reason
            when r.replied_at is not null then 'replied'
            when exists (
                select from unnest(others) as other (dispatch_id)
                 cross join lateral (
                       select from recipients o
                        where o.workspace_id = workspace and o.contact_id = r.contact_id
                          and o.dispatch_id = other.dispatch_id and o.state = 'sent'
                       offset 0) reached)
            then 'reached_meanwhile'
            when a.value is null then 'no_address'
            else consent_refusal(s.reason, a.consent, needs_consent)
        end
      from recipients r
      -- Lookups by key, whatever is believed about tables that nobody has counted yet.
      left join lateral (
           select value, consent from addresses
            where workspace_id = workspace and kind = address_kind and value = r.address
           offset 0) a on true
      left join lateral (
           select reason from suppressions
            where workspace_id = workspace and kind = address_kind and value = r.address
           offset 0) s on true
     where r.workspace_id = workspace and r.dispatch_id = any (dispatches) and r.state = wanted_state
       and r.superseded_by is null
$$;
comment on function people_to_try_again is
    'Whoever of these dispatches stands in this state, and why some of them are not tried again: their reason is final, they replied or were reached by another try (in one of the others), or may not be written to any more. left_out is null for those who are.';
