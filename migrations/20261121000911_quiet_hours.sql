-- Nobody is written to at night, and campaigns that start at the same hour everywhere.

alter table dispatches
    add column local_start timestamp,
    add column quiet_from time,
    add column quiet_until time,
    add column quiet_checked_until timestamptz,
    add constraint dispatches_quiet_hours_whole
        check ((quiet_from is null) = (quiet_until is null) and (quiet_from is null or quiet_from <> quiet_until));
create index dispatches_quiet_checks on dispatches (quiet_checked_until) where quiet_from is not null and state = 'running';
comment on column dispatches.local_start is 'Nobody is written to before their own clocks show this; null when all start together.';
comment on column dispatches.quiet_from is 'Nobody is written to from this time of their own day on, until quiet_until (which may be of the next day).';
comment on column dispatches.quiet_checked_until is
    'With quiet hours: until then they begin for nobody of it, and everything that is ready and due may be claimed. Afterwards, and '
    'while it is null, nothing is, until what is due was looked through (dispatches::quiet).';

alter table batches add column time_zone text;
comment on column batches.time_zone is
    'With quiet hours or a local start: the zone of everybody in it, as in recipients.time_zone. Batches are cut so that it is one.';

alter table recipients
    add column time_zone text,
    add column zone_source text
        constraint recipients_zone_source_known check (zone_source in ('field', 'number', 'workspace'));
comment on column recipients.time_zone is
    'With quiet hours or a local start, frozen at launch: the IANA name, or several separated by commas where the number tells no '
    'better. The first is where a local start is meant; the quiet hours of all count.';

-- Whether it is quiet in any of these zones.
create function is_quiet(at timestamptz, zones text, quiet_from time, quiet_until time) returns boolean
    language sql stable strict parallel safe
    as $$
    select exists (
        select from string_to_table(zones, ',') as zone
         where case when quiet_from < quiet_until
                    then (at at time zone zone)::time >= quiet_from and (at at time zone zone)::time < quiet_until
                    else (at at time zone zone)::time >= quiet_from or (at at time zone zone)::time < quiet_until end)
$$;

-- The first moment, from this one on, at which it is quiet in none of these zones; null when there is none in three days.
create function quiet_end(at timestamptz, zones text, quiet_from time, quiet_until time) returns timestamptz
    language plpgsql stable strict parallel safe
    as $$
declare
    moment timestamptz := at;
    ends timestamptz;
begin
    while is_quiet(moment, zones, quiet_from, quiet_until) loop
        select max((local::date + (quiet_from > quiet_until and local::time >= quiet_from)::int + quiet_until) at time zone zone)
          into ends
          from string_to_table(zones, ',') as zone
         cross join lateral (select moment at time zone zone as local) clock
         where is_quiet(moment, zone, quiet_from, quiet_until);
        -- Where clocks are set back, the end may be named twice.
        moment := greatest(ends, moment + interval '1 minute');
        if moment > at + interval '3 days' then
            return null;
        end if;
    end loop;
    return moment;
end
$$;

-- When it next becomes quiet in the first of these zones after a moment.
create function quiet_start_after(at timestamptz, zones text, quiet_from time) returns timestamptz
    language sql stable strict parallel safe
    as $$
    select min(starts)
      from string_to_table(zones, ',') as zone
     cross join generate_series(-1, 2) as day
     cross join lateral (select ((at at time zone zone)::date + day + quiet_from) at time zone zone as starts) clock
     where starts > at
$$;

-- Zones between whose nights there is no time to write to anybody are taken for the first of them.
create function zones_with_a_day(zones text, quiet_from time, quiet_until time) returns text
    language sql stable parallel safe
    as $$
    select case when quiet_from is not null and position(',' in zones) > 0 and quiet_end(now(), zones, quiet_from, quiet_until) is null
                then split_part(zones, ',', 1) else zones end
$$;

-- From when on people in these zones may be written to, not before a moment, and what they wait for until then.
create function zone_wait(
    at timestamptz,
    zones text,
    local_start timestamp,
    quiet_from time,
    quiet_until time,
    out due timestamptz,
    out reason text
)
    language plpgsql stable parallel safe
    as $$
declare
    ends timestamptz;
begin
    due := at;
    if local_start at time zone split_part(zones, ',', 1) > due then
        due := local_start at time zone split_part(zones, ',', 1);
        reason := 'not_started';
    end if;
    ends := coalesce(quiet_end(due, zones, quiet_from, quiet_until), due);
    if ends > due then
        due := ends;
        reason := coalesce(reason, 'quiet_hours');
    end if;
end
$$;

-- Whatever makes a batch ready, it is not due in the quiet hours of its people.
create function keep_quiet_hours() returns trigger
    language plpgsql as $$
declare
    d record;
    ends timestamptz;
    from_now timestamptz := greatest(new.not_before, now());
begin
    select quiet_from, quiet_until into d
      from dispatches where workspace_id = new.workspace_id and dispatch_id = new.dispatch_id;
    if d.quiet_from is null then
        return new;
    end if;
    ends := coalesce(quiet_end(from_now, new.time_zone, d.quiet_from, d.quiet_until), from_now + interval '1 hour');
    if ends > from_now then
        -- Who waits for long has another reason; that it ends in the morning is by the way.
        if new.wait_reason is null or new.not_before < now() + interval '5 minutes' then
            new.wait_reason := 'quiet_hours';
        end if;
        new.not_before := ends;
    end if;
    return new;
end
$$;

create trigger batches_keep_quiet_hours
    before insert or update of state, not_before on batches
    for each row
    when (new.state = 'ready' and new.time_zone is not null)
    execute function keep_quiet_hours();
