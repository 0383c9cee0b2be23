//! What the live page of a campaign asks beyond its counts.

use domain::Timestamp;
use domain::ids::{ContactId, DispatchId, WorkspaceId};

use super::read::RecipientFilter;
use crate::{Connection, StorageError};

/// Messages that left since a moment, summed over stretches of this many seconds: number of the stretch, from 0,
/// and messages. Stretches without one are left out.
pub async fn throughput(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    since: Timestamp,
    stretch_seconds: i32,
) -> Result<Vec<(i32, i32)>, StorageError> {
    let rows = sqlx::query!(
        r#"select floor(extract(epoch from second - $3) / $4::int)::int as "stretch!", sum(handed_over)::int as "answers!"
             from dispatch_seconds
            where workspace_id = $1 and dispatch_id = $2 and second >= $3
            group by 1 order by 1"#,
        workspace.uuid(),
        dispatch.uuid(),
        since,
        stretch_seconds,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.stretch, row.answers)).collect())
}

/// When the first of the batches that wait for another try is due, if nothing is due before.
pub async fn next_try(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<Timestamp>, StorageError> {
    let due = sqlx::query_scalar!(
        "select min(not_before) from batches where workspace_id = $1 and dispatch_id = $2 and state = 'ready'",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(due)
}

/// A recipient with the frozen values of their message.
#[derive(Debug, Clone)]
pub struct FrozenRecipient {
    /// The contact.
    pub contact: ContactId,
    /// The contact's present name; `None` when the contact was erased.
    pub name: Option<String>,
    /// Variable values in order.
    pub variables: Vec<String>,
}

/// The recipient at a position.
pub async fn frozen_recipient(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinal: i32,
) -> Result<Option<FrozenRecipient>, StorageError> {
    let recipient = sqlx::query_as!(
        FrozenRecipient,
        r#"select r.contact_id as contact, c.name as "name?", r.variables
             from recipients r
             left join contacts c on c.workspace_id = $1 and c.contact_id = r.contact_id
            where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal = $3"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinal,
    )
    .fetch_optional(conn)
    .await?;
    Ok(recipient)
}

/// The position after which the page before this one starts: `None` if nobody who matches stands before `ordinal`.
pub async fn previous_page(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    filter: RecipientFilter,
    reason: Option<&str>,
    ordinal: i32,
    rows_max: i64,
) -> Result<Option<i32>, StorageError> {
    let after = sqlx::query_scalar!(
        "select min(ordinal) - 1
           from (select r.ordinal from recipients r
                  where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal < $3
                    and case $4
                            when 'waiting' then r.state = 'pending'
                            when 'submitted' then r.state = 'sent'
                            when 'no_receipt' then r.state = 'sent' and r.delivered_at is null
                            when 'delivered' then r.state = 'sent' and r.delivered_at is not null
                            when 'read' then r.state = 'sent' and r.read_at is not null
                            when 'replied' then r.replied_at is not null
                            when 'failed' then r.state = 'failed'
                            when 'skipped' then r.state = 'skipped'
                            when 'unknown' then r.state = 'unknown'
                            else true
                        end
                    and ($5::text is null or r.reason = $5)
                  order by r.ordinal desc
                  limit $6) page",
        workspace.uuid(),
        dispatch.uuid(),
        ordinal,
        filter.as_str(),
        reason,
        rows_max,
    )
    .fetch_one(conn)
    .await?;
    Ok(after)
}
