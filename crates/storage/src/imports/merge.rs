//! From staged rows to contacts, in a handful of statements over sets.
//!
//! Who is who: a number that somebody has is that person. Else an email address that somebody has is that person, if the
//! row has no number or the person has none: two numbers with one shared mailbox are two people. Else the person is new.
//! Of several rows with one number (or, without numbers, one email address) the last one counts.
//!
//! What is never undone: consent that was withdrawn, and suppressions. An opt-out counts wherever in the file it stands.

use domain::Timestamp;
use domain::contact::ConsentProof;
use domain::ids::{ListId, WorkspaceId};

use super::PROBLEMS_MAX;
use crate::{Connection, StorageError};

/// What an import does beyond its rows.
#[derive(Debug, Clone, Copy)]
pub struct MergePlan<'a> {
    /// The list its contacts are put on.
    pub list: Option<ListId>,
    /// What is kept as proof with the addresses of those who agreed.
    pub proof: Option<&'a ConsentProof>,
    /// What is named as the source of opt-outs.
    pub source: &'a str,
    /// The present time.
    pub now: Timestamp,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Contacts that were not known before.
    pub created: i64,
    /// Contacts that were.
    pub known: i64,
    /// Rows whose person stood in the file again, later.
    pub repeated: i64,
    /// The first of the rows that repeat an earlier one.
    pub repeats: Vec<Repeat>,
    /// The first lines whose email address stayed with another contact.
    pub email_elsewhere: Vec<i32>,
}

/// A row whose person stood in an earlier line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The later line, which counts.
    pub line: i32,
    /// The line before it.
    pub earlier_line: i32,
}

/// Makes contacts, addresses, consent, suppressions and memberships of the staged rows.
///
/// The caller holds [`crate::contacts::lock`].
pub async fn merge(
    conn: &mut Connection,
    workspace: WorkspaceId,
    plan: &MergePlan<'_>,
) -> Result<Merged, StorageError> {
    sqlx::query("set local work_mem = '64MB'").execute(&mut *conn).await?;
    settle_last_rows(conn, workspace).await?;
    settle_people(conn).await?;
    let (created, known) = upsert_contacts(conn, workspace, plan.now).await?;
    suppress_opted_out(conn, workspace, plan).await?;
    upsert_addresses(conn, workspace, plan).await?;
    if let Some(list) = plan.list {
        add_to_list(conn, workspace, list, plan.now).await?;
    }
    let rows: i64 = sqlx::query_scalar("select count(*) from staged").fetch_one(&mut *conn).await?;
    let repeated = rows - created - known;
    Ok(Merged {
        created,
        known,
        repeated,
        repeats: if repeated > 0 { repeats(conn).await? } else { Vec::new() },
        email_elsewhere: email_elsewhere(conn).await?,
    })
}

/// The last row of each number, or of each email address without a number, with the contacts that have those already.
async fn settle_last_rows(conn: &mut Connection, workspace: WorkspaceId) -> Result<(), StorageError> {
    sqlx::query("analyze staged").execute(&mut *conn).await?;
    sqlx::query(
        "create temporary table last_rows (
            line integer not null,
            candidate uuid not null,
            phone text,
            region text,
            email text,
            name text not null,
            attributes jsonb not null,
            claim \"char\" not null,
            by_phone uuid,
            by_email uuid,
            email_owner_has_phone boolean not null
        ) on commit drop",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into last_rows
         select s.line, s.candidate, s.phone, s.region, s.email, s.name, s.attributes, s.claim, p.contact_id, e.contact_id,
                e.contact_id is not null and s.phone is not null and exists (
                    select from addresses o
                     where o.workspace_id = $1 and o.contact_id = e.contact_id and o.kind = 'phone')
           from (select distinct on (coalesce(phone, email) collate \"C\") *
                   from staged
                  order by coalesce(phone, email) collate \"C\", line desc) s
           left join addresses p on p.workspace_id = $1 and p.kind = 'phone' and p.value = s.phone
           left join addresses e on e.workspace_id = $1 and e.kind = 'email' and e.value = s.email",
    )
    .bind(workspace.uuid())
    .execute(&mut *conn)
    .await?;
    sqlx::query("analyze last_rows").execute(conn).await?;
    Ok(())
}

/// Which contact each row is, and which contact its email address belongs to.
async fn settle_people(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query(
        "create temporary table people (
            line integer not null,
            contact_id uuid not null,
            email_contact uuid,
            is_known boolean not null,
            phone text,
            region text,
            email text,
            name text not null,
            attributes jsonb not null,
            claim \"char\" not null
        ) on commit drop",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into people
         select line, coalesce(by_phone, candidate), null, by_phone is not null, phone, region, null, name, attributes, claim
           from last_rows where email is null
         union all
         select line, coalesce(phone_contact, email_contact), email_contact,
                coalesce(phone_contact, email_contact) is not distinct from by_phone
                    or coalesce(phone_contact, email_contact) is not distinct from by_email,
                phone, region, email, name, attributes, claim
           from (select r.*,
                        coalesce(by_email,
                                 first_value(phone_contact) over (partition by email collate \"C\"
                                                                      order by phone_contact is null, line),
                                 candidate) as email_contact
                   from (select l.*,
                                case
                                    when phone is null then null
                                    when by_phone is not null then by_phone
                                    -- The first row that has a number for somebody who had none.
                                    when by_email is not null and not email_owner_has_phone
                                         and row_number() over (partition by email collate \"C\"
                                                                    order by phone is null, by_phone is not null, line) = 1
                                         then by_email
                                    else candidate
                                end as phone_contact
                           from last_rows l where email is not null) r) resolved",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query("analyze people").execute(conn).await?;
    Ok(())
}

/// The contacts, each from its last row: how many are new, and how many were known.
async fn upsert_contacts(
    conn: &mut Connection,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<(i64, i64), StorageError> {
    let known: i64 = sqlx::query_scalar(
        "with last as (
            select distinct on (contact_id) contact_id, name, attributes
              from people
             where contact_id in (select contact_id from people where is_known)
             order by contact_id, line desc
         ), changed as (
            update contacts c
               set name = coalesce(nullif(l.name, ''), c.name), attributes = c.attributes || l.attributes, updated_at = $2
              from last l
             where c.workspace_id = $1 and c.contact_id = l.contact_id
               and ((l.name <> '' and l.name <> c.name) or not c.attributes @> l.attributes)
         )
         select count(*) from last",
    )
    .bind(workspace.uuid())
    .bind(now)
    .fetch_one(&mut *conn)
    .await?;
    let created = sqlx::query(
        "insert into contacts (workspace_id, contact_id, name, attributes, created_at, updated_at)
         select distinct on (contact_id) $1, contact_id, name, attributes, $2, $2
           from people p
          where not exists (select from people k where k.contact_id = p.contact_id and k.is_known)
          order by contact_id, line desc",
    )
    .bind(workspace.uuid())
    .bind(now)
    .execute(conn)
    .await?;
    Ok((i64::try_from(created.rows_affected()).unwrap_or(i64::MAX), known))
}

/// Whoever opted out anywhere in the file is suppressed, whatever later rows say.
async fn suppress_opted_out(
    conn: &mut Connection,
    workspace: WorkspaceId,
    plan: &MergePlan<'_>,
) -> Result<(), StorageError> {
    sqlx::query(
        "insert into suppressions as s (workspace_id, kind, value, reason, source, created_at)
         select distinct $1::uuid, o.kind, o.value, 'unsubscribed', $2, $3::timestamptz
           from staged cross join lateral (values ('phone', phone), ('email', email)) o (kind, value)
          where claim = 'o' and o.value is not null
          order by 2, 3
         on conflict (workspace_id, kind, value) do update
            set reason = 'unsubscribed', source = excluded.source, created_at = excluded.created_at
          where s.reason = 'manual'",
    )
    .bind(workspace.uuid())
    .bind(plan.source)
    .bind(plan.now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The addresses, with consent. Withdrawn stays withdrawn, and a suppressed person is not confirmed by a file.
async fn upsert_addresses(
    conn: &mut Connection,
    workspace: WorkspaceId,
    plan: &MergePlan<'_>,
) -> Result<(), StorageError> {
    sqlx::query(
        "insert into addresses as a (workspace_id, kind, value, contact_id, region, consent, consent_source,
                                     consent_wording, consent_changed_at, created_at)
         select $1, r.kind, r.value, r.contact_id, r.region,
                case when s.value is not null then 'withdrawn' when r.claim = 'a' then 'confirmed' else 'none' end,
                case when s.value is not null then s.source when r.claim = 'a' then $2 end,
                case when s.value is null and r.claim = 'a' then $3 end,
                case when s.value is not null then s.created_at when r.claim = 'a' then $4::timestamptz end,
                $4
           from (select 'phone' as kind, phone as value, contact_id, region, claim from people where phone is not null
                 union all
                 (select distinct on (email collate \"C\") 'email', email, contact_id, null, claim
                    from people
                   where email is not null and email_contact = contact_id
                   order by email collate \"C\", line desc)) r
           left join suppressions s
             on s.workspace_id = $1 and s.kind = r.kind and s.value = r.value and s.reason in ('unsubscribed', 'complaint')
         on conflict (workspace_id, kind, value) do update
            set consent = excluded.consent, consent_source = excluded.consent_source,
                consent_wording = excluded.consent_wording, consent_changed_at = excluded.consent_changed_at
          where (excluded.consent = 'withdrawn' and a.consent <> 'withdrawn')
             or (excluded.consent = 'confirmed' and a.consent in ('none', 'pending'))",
    )
    .bind(workspace.uuid())
    .bind(plan.proof.map(ConsentProof::source))
    .bind(plan.proof.and_then(ConsentProof::wording))
    .bind(plan.now)
    .execute(conn)
    .await?;
    Ok(())
}

async fn add_to_list(
    conn: &mut Connection,
    workspace: WorkspaceId,
    list: ListId,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query(
        "insert into list_members (workspace_id, list_id, contact_id, added_at)
         select distinct $1::uuid, $2::uuid, contact_id, $3::timestamptz from people order by contact_id
         on conflict do nothing",
    )
    .bind(workspace.uuid())
    .bind(list.uuid())
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Rows that repeat an earlier one: of the same number or email address, or of the same person by another way.
async fn repeats(conn: &mut Connection) -> Result<Vec<Repeat>, StorageError> {
    let rows: Vec<(i32, i32)> = sqlx::query_as(
        "select line, earlier from (
            select line, lag(line) over (partition by coalesce(phone, email) collate \"C\" order by line) as earlier
              from staged
            union all
            select line, lag(line) over (partition by contact_id order by line) from people
         ) lines
          where earlier is not null order by line limit $1",
    )
    .bind(i64::try_from(PROBLEMS_MAX).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(line, earlier_line)| Repeat { line, earlier_line }).collect())
}

async fn email_elsewhere(conn: &mut Connection) -> Result<Vec<i32>, StorageError> {
    let lines = sqlx::query_scalar(
        "select line from people where email is not null and email_contact <> contact_id order by line limit $1",
    )
    .bind(i64::try_from(PROBLEMS_MAX).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    Ok(lines)
}
