-- A recipient's row grows by a third or more when its outcome is recorded, and a page's rows are recorded together: with less
-- room than this, half of those updates went to other pages and into all three indexes.

create or replace function create_month_partition(parent text, month date) returns void
    language plpgsql as $$
declare
    child text := format('%s_%s', parent, to_char(month, 'YYYYMM'));
    low timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    high timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
begin
    if to_regclass(child) is not null then
        return;
    end if;
    if parent = 'recipients' then
        execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = 40)',
                       child, parent, uuid_floor(low), uuid_floor(high));
    else
        execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent, low, high);
    end if;
end
$$;

-- What is there is sent by now, or fits as well as before; this is for rows to come.
do $$
declare
    child regclass;
begin
    for child in select inhrelid::regclass from pg_inherits where inhparent = 'recipients'::regclass loop
        execute format('alter table %s set (fillfactor = 40)', child);
    end loop;
end
$$;
