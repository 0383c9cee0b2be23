//! Pages of contacts.

use domain::Timestamp;
use domain::address::{EmailAddress, PhoneNumber};
use domain::contact::{Consent, ContactName};
use domain::ids::{ContactId, ListId, WorkspaceId};

use super::unreadable;
use crate::{Connection, StorageError};

/// Most matches of a search that are looked at; whoever searches reads the first page, then types on.
const MATCHES_MAX: i64 = 5_000;

/// What is searched for: matches of any of these are found.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Words of which a name must have all, by their beginnings.
    pub name_words: Vec<String>,
    /// How a phone number begins, in E.164.
    pub phone: Option<String>,
    /// How an email address begins, in lower case.
    pub email: Option<String>,
}

/// Which contacts.
#[derive(Debug, Clone, Default)]
pub enum Search {
    /// Everybody.
    #[default]
    Everyone,
    /// Those on a list.
    OnList(ListId),
    /// Those that match, on a list or not.
    Matching(Terms, Option<ListId>),
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// With the newest contact.
    #[default]
    FromNewest,
    /// With the next older one than this.
    OlderThan(ContactId),
    /// With the next newer one than this, which then stands last.
    NewerThan(ContactId),
}

/// A contact in a table: its oldest number and its oldest email address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The contact.
    pub id: ContactId,
    /// The name; may be empty.
    pub name: ContactName,
    /// The number, its consent, and whether it is suppressed.
    pub phone: Option<(PhoneNumber, Consent, bool)>,
    /// The email address, its consent, and whether it is suppressed.
    pub email: Option<(EmailAddress, Consent, bool)>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Contacts, the newest first, at most `limit`.
pub async fn page(
    conn: &mut Connection,
    workspace: WorkspaceId,
    search: &Search,
    direction: Direction,
    limit: i64,
) -> Result<Vec<Found>, StorageError> {
    let ids = match search {
        Search::Everyone => newest(conn, workspace, direction, limit).await?,
        Search::OnList(list) => on_list(conn, workspace, *list, direction, limit).await?,
        Search::Matching(terms, list) => matching(conn, workspace, terms, *list, direction, limit).await?,
    };
    rows(conn, workspace, &ids).await
}

/// The bounds of a page, as nullable parameters: ids below the first, or above the second.
fn bounds(direction: Direction) -> (Option<uuid::Uuid>, Option<uuid::Uuid>) {
    match direction {
        Direction::FromNewest => (None, None),
        Direction::OlderThan(id) => (Some(id.uuid()), None),
        Direction::NewerThan(id) => (None, Some(id.uuid())),
    }
}

// Ids sort by the time they were made, so the primary keys are in the order of the page.
async fn newest(
    conn: &mut Connection,
    workspace: WorkspaceId,
    direction: Direction,
    limit: i64,
) -> Result<Vec<uuid::Uuid>, StorageError> {
    let (below, above) = bounds(direction);
    Ok(if above.is_some() {
        sqlx::query_scalar!(
            "select contact_id from contacts where workspace_id = $1 and contact_id > $2 order by contact_id limit $3",
            workspace.uuid(),
            above,
            limit,
        )
        .fetch_all(conn)
        .await?
    } else {
        sqlx::query_scalar!(
            "select contact_id from contacts
              where workspace_id = $1 and contact_id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
              order by contact_id desc limit $3",
            workspace.uuid(),
            below,
            limit,
        )
        .fetch_all(conn)
        .await?
    })
}

async fn on_list(
    conn: &mut Connection,
    workspace: WorkspaceId,
    list: ListId,
    direction: Direction,
    limit: i64,
) -> Result<Vec<uuid::Uuid>, StorageError> {
    let (below, above) = bounds(direction);
    Ok(if above.is_some() {
        sqlx::query_scalar!(
            "select contact_id from list_members
              where workspace_id = $1 and list_id = $2 and contact_id > $3
              order by contact_id limit $4",
            workspace.uuid(),
            list.uuid(),
            above,
            limit,
        )
        .fetch_all(conn)
        .await?
    } else {
        sqlx::query_scalar!(
            "select contact_id from list_members
              where workspace_id = $1 and list_id = $2
                and contact_id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
              order by contact_id desc limit $4",
            workspace.uuid(),
            list.uuid(),
            below,
            limit,
        )
        .fetch_all(conn)
        .await?
    })
}

async fn matching(
    conn: &mut Connection,
    workspace: WorkspaceId,
    terms: &Terms,
    list: Option<ListId>,
    direction: Direction,
    limit: i64,
) -> Result<Vec<uuid::Uuid>, StorageError> {
    let (below, above) = bounds(direction);
    let ids = sqlx::query_scalar!(
        r#"with found as (
            (select contact_id from contacts
              where workspace_id = $1 and to_tsvector('simple', name) @@ to_tsquery('simple', $2) limit $8)
            union
            (select contact_id from addresses
              where workspace_id = $1 and kind = 'phone' and value like $3 limit $8)
            union
            (select contact_id from addresses
              where workspace_id = $1 and kind = 'email' and value like $4 limit $8)
        )
        select contact_id as "contact_id!" from found
         where ($5::uuid is null or contact_id < $5) and ($6::uuid is null or contact_id > $6)
           and ($7::uuid is null or exists (
                select from list_members m
                 where m.workspace_id = $1 and m.list_id = $7 and m.contact_id = found.contact_id))
         order by case when $6 is null then contact_id end desc, contact_id
         limit $9"#,
        workspace.uuid(),
        name_query(&terms.name_words),
        terms.phone.as_deref().map(beginning),
        terms.email.as_deref().map(beginning),
        below,
        above,
        list.map(|list| list.uuid()),
        MATCHES_MAX,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// `'ana':* & 'fer':*`; nothing without words.
fn name_query(words: &[String]) -> Option<String> {
    let quoted = words.iter().filter(|word| word.chars().any(char::is_alphanumeric));
    let quoted = quoted.map(|word| format!("'{}':*", word.replace(['\'', '\\'], " ").trim()));
    let query = quoted.collect::<Vec<_>>().join(" & ");
    Some(query).filter(|query| !query.is_empty())
}

/// A `like` pattern for what begins so.
fn beginning(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

async fn rows(
    conn: &mut Connection,
    workspace: WorkspaceId,
    ids: &[uuid::Uuid],
) -> Result<Vec<Found>, StorageError> {
    let rows = sqlx::query!(
        r#"select c.contact_id, c.name, c.created_at,
                  p.value as "phone?", p.consent as "phone_consent?", p.suppressed as "phone_suppressed?",
                  e.value as "email?", e.consent as "email_consent?", e.suppressed as "email_suppressed?"
             from contacts c
             left join lateral (
                  select a.value, a.consent, exists (
                         select from suppressions s
                          where s.workspace_id = $1 and s.kind = a.kind and s.value = a.value) as suppressed
                    from addresses a
                   where a.workspace_id = $1 and a.contact_id = c.contact_id and a.kind = 'phone'
                   order by a.created_at, a.value limit 1) p on true
             left join lateral (
                  select a.value, a.consent, exists (
                         select from suppressions s
                          where s.workspace_id = $1 and s.kind = a.kind and s.value = a.value) as suppressed
                    from addresses a
                   where a.workspace_id = $1 and a.contact_id = c.contact_id and a.kind = 'email'
                   order by a.created_at, a.value limit 1) e on true
            where c.workspace_id = $1 and c.contact_id = any ($2)
            order by c.contact_id desc"#,
        workspace.uuid(),
        ids,
    )
    .fetch_all(conn)
    .await?;
    let consent = |word: Option<String>| {
        word.unwrap_or_default().parse::<Consent>().map_err(|_| unreadable("addresses", "consent"))
    };
    rows.into_iter()
        .map(|row| {
            Ok(Found {
                id: row.contact_id.into(),
                name: row.name.parse().map_err(|_| unreadable("contacts", "name"))?,
                phone: match row.phone {
                    Some(value) => Some((
                        value.parse().map_err(|_| unreadable("addresses", "value"))?,
                        consent(row.phone_consent)?,
                        row.phone_suppressed.unwrap_or(false),
                    )),
                    None => None,
                },
                email: match row.email {
                    Some(value) => Some((
                        value.parse().map_err(|_| unreadable("addresses", "value"))?,
                        consent(row.email_consent)?,
                        row.email_suppressed.unwrap_or(false),
                    )),
                    None => None,
                },
                created_at: row.created_at,
            })
        })
        .collect()
}

/// How many contacts a workspace has, counting no further than `limit`.
pub async fn count_up_to(
    conn: &mut Connection,
    workspace: WorkspaceId,
    limit: i64,
) -> Result<i64, StorageError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from contacts where workspace_id = $1 limit $2) counted"#,
        workspace.uuid(),
        limit,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}
