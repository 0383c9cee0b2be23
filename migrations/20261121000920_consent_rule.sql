-- One rule for whom consent and suppression leave out, for an audience and for people who are tried again.

create function consent_refusal(suppression text, consent text, needs_consent boolean) returns text
    language sql immutable parallel safe
    return case
        when suppression is not null then suppression
        when consent = 'withdrawn' then 'unsubscribed'
        when needs_consent and consent is distinct from 'confirmed' then 'no_consent'
    end;
comment on function consent_refusal is
    'Why an address may not be written to, as a reason to skip: its suppression, a withdrawn consent, or none where the message needs one. Null if it may.';

create or replace function resolve_audience(
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
        people.value,
        coalesce(filled.variables, '{}'),
        case
            when people.value is null then 'no_address'
            else coalesce(consent_refusal(s.reason, people.consent, needs_consent),
                          case when filled.missing then 'missing_variable' end)
        end
      from (
            select distinct on (m.contact_id) m.contact_id, a.value, a.consent
              from list_members m
              left join addresses a
                on a.workspace_id = workspace and a.contact_id = m.contact_id and a.kind = address_kind
             where m.workspace_id = workspace and m.list_id = any (list_ids)
             order by m.contact_id, case a.consent when 'confirmed' then 0 when 'withdrawn' then 2 else 1 end,
                      a.created_at, a.value
           ) people
      join contacts c on c.workspace_id = workspace and c.contact_id = people.contact_id
      left join suppressions s on s.workspace_id = workspace and s.kind = address_kind and s.value = people.value
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
