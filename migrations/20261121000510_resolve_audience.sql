-- Who a campaign reaches, and who not and why: one definition for the preview, the checks before launch, and the launch.

create function resolve_audience(
    workspace uuid,
    list_ids uuid[],
    address_kind text,
    needs_consent boolean,
    variable_fields text[],
    variable_attributes text[],
    variable_fallbacks text[]
) returns table (contact_id uuid, address text, variables text[], skip_reason text)
    language sql stable parallel safe
    as $$
    select
        c.contact_id,
        reach.value,
        coalesce(filled.variables, '{}'),
        case
            when reach.value is null then 'no_address'
            when s.reason is not null then s.reason
            when reach.consent = 'withdrawn' then 'unsubscribed'
            when needs_consent and reach.consent <> 'confirmed' then 'no_consent'
            when filled.missing then 'missing_variable'
        end
      from (
            select distinct m.contact_id
              from list_members m
             where m.workspace_id = workspace and m.list_id = any (list_ids)
           ) people
      join contacts c on c.workspace_id = workspace and c.contact_id = people.contact_id
      left join lateral (
            select a.value, a.consent
              from addresses a
             where a.workspace_id = workspace and a.contact_id = c.contact_id and a.kind = address_kind
             order by case a.consent when 'confirmed' then 0 when 'withdrawn' then 2 else 1 end, a.created_at, a.value
             limit 1
           ) reach on true
      left join suppressions s on s.workspace_id = workspace and s.kind = address_kind and s.value = reach.value
     cross join lateral (
            select array_agg(coalesce(value, '') order by position) as variables, bool_or(value is null) as missing
              from (
                    select v.position,
                           coalesce(
                               nullif(btrim(case v.field
                                   when 'name' then c.name
                                   when 'first_name' then split_part(btrim(c.name), ' ', 1)
                                   when 'phone' then (select p.value from addresses p
                                                       where p.workspace_id = workspace and p.contact_id = c.contact_id
                                                         and p.kind = 'phone'
                                                       order by p.created_at, p.value limit 1)
                                   when 'email' then (select e.value from addresses e
                                                       where e.workspace_id = workspace and e.contact_id = c.contact_id
                                                         and e.kind = 'email'
                                                       order by e.created_at, e.value limit 1)
                                   when 'attribute' then c.attributes ->> v.attribute
                               end), ''),
                               nullif(v.fallback, '')) as value
                      from unnest(variable_fields, variable_attributes, variable_fallbacks)
                           with ordinality as v (field, attribute, fallback, position)
                   ) v
           ) filled
$$;
comment on function resolve_audience is
    'Each contact of the lists once. skip_reason is null for those who will be sent to. '
    'The four arrays say, per template variable in order, which field fills it (name, first_name, phone, email, attribute, fixed) and the fallback.';
