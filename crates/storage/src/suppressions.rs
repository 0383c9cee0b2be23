//! Addresses that are never sent to.

use domain::Timestamp;
use domain::address::AddressKind;
use domain::contact::SuppressionReason;
use domain::ids::WorkspaceId;

use crate::{Connection, StorageError};

/// An address that is never sent to.
#[derive(Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What sort of address.
    pub kind: AddressKind,
    /// The address, whole.
    pub value: String,
    /// Why.
    pub reason: SuppressionReason,
    /// Where that came from: `inbound message`, `import`, `added by hand`.
    pub source: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// Without the address, which is personal.
impl std::fmt::Debug for Suppression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suppression")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .field("source", &self.source)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

const fn unreadable(column: &'static str) -> StorageError {
    StorageError::Unreadable { table: "suppressions", column }
}

struct Row {
    kind: String,
    value: String,
    reason: String,
    source: String,
    created_at: Timestamp,
}

impl TryFrom<Row> for Suppression {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            kind: row.kind.parse().map_err(|_| unreadable("kind"))?,
            value: row.value,
            reason: row.reason.parse().map_err(|_| unreadable("reason"))?,
            source: row.source,
            created_at: row.created_at,
        })
    }
}

/// Records that the people behind these addresses want nothing more: suppresses each, and withdraws its consent.
///
/// Idempotent, and for many at once: the transaction that processes inbound messages calls it with all it has seen. What
/// a member put there by hand becomes an opt-out, which no member can lift. How many addresses were not opted out before.
pub async fn opt_out(
    conn: &mut Connection,
    workspace: WorkspaceId,
    kind: AddressKind,
    values: &[&str],
    source: &str,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let values = values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    // In the order of the key, so that two transactions with the same people do not wait for each other in a circle.
    let suppressed = sqlx::query!(
        "insert into suppressions as s (workspace_id, kind, value, reason, source, created_at)
         select distinct $1::uuid, $2, value, 'unsubscribed', $4, $5::timestamptz
           from unnest($3::text[]) as value order by value
         on conflict (workspace_id, kind, value) do update
            set reason = 'unsubscribed', source = excluded.source, created_at = excluded.created_at
          where s.reason = 'manual'",
        workspace.uuid(),
        kind.as_str(),
        &values,
        source,
        now,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "with opted_out as (
            select value from addresses
             where workspace_id = $1 and kind = $2 and value = any ($3::text[]) and consent <> 'withdrawn'
             order by value
               for no key update
         )
         update addresses a
            set consent = 'withdrawn', consent_source = $4, consent_changed_at = $5
           from opted_out o
          where a.workspace_id = $1 and a.kind = $2 and a.value = o.value",
        workspace.uuid(),
        kind.as_str(),
        &values,
        source,
        now,
    )
    .execute(conn)
    .await?;
    Ok(suppressed.rows_affected())
}

/// Suppresses one address. `false` if it was already, for whatever reason: that reason stays.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    suppression: &Suppression,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query!(
        "insert into suppressions (workspace_id, kind, value, reason, source, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        workspace.uuid(),
        suppression.kind.as_str(),
        suppression.value,
        suppression.reason.as_str(),
        suppression.source,
        suppression.created_at,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Takes off what a member put there by hand. `false` if there is no such suppression, or it has another reason.
pub async fn lift(
    conn: &mut Connection,
    workspace: WorkspaceId,
    kind: AddressKind,
    value: &str,
) -> Result<bool, StorageError> {
    let lifted = sqlx::query!(
        "delete from suppressions
          where workspace_id = $1 and kind = $2 and value = $3 and reason = 'manual'",
        workspace.uuid(),
        kind.as_str(),
        value,
    )
    .execute(conn)
    .await?;
    Ok(lifted.rows_affected() == 1)
}

/// Why an address is never sent to, if so.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    kind: AddressKind,
    value: &str,
) -> Result<Option<Suppression>, StorageError> {
    sqlx::query_as!(
        Row,
        "select kind, value, reason, source, created_at from suppressions
          where workspace_id = $1 and kind = $2 and value = $3",
        workspace.uuid(),
        kind.as_str(),
        value,
    )
    .fetch_optional(conn)
    .await?
    .map(Suppression::try_from)
    .transpose()
}

/// Which of them to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// Only addresses that begin like this.
    pub beginning: Option<&'a str>,
    /// Only from this moment back. Many may share a moment: an import suppresses all at once.
    pub from: Option<Timestamp>,
    /// Without the first so many.
    pub skip: i64,
    /// At most so many.
    pub limit: i64,
}

/// Suppressions, the newest first.
pub async fn page(
    conn: &mut Connection,
    workspace: WorkspaceId,
    page: Page<'_>,
) -> Result<Vec<Suppression>, StorageError> {
    let rows = sqlx::query_as!(
        Row,
        "select kind, value, reason, source, created_at from suppressions
          where workspace_id = $1
            and ($2::text is null or starts_with(value, $2))
            and created_at <= coalesce($3, 'infinity'::timestamptz)
          order by created_at desc, kind, value
         offset $4 limit $5",
        workspace.uuid(),
        page.beginning,
        page.from,
        page.skip,
        page.limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Suppression::try_from).collect()
}
