//! What the live page of a campaign asks beyond its counts.

use domain::ids::{ContactId, DispatchId, WorkspaceId};

use super::read::RecipientFilter;
use crate::{Connection, StorageError};

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

/// The rows before a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// The position after which they start.
    pub after: i32,
    /// How many there are.
    pub rows: i64,
}

/// The last rows of a dispatch before a position: `None` if nobody who matches stands there.
pub async fn previous_page(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    filter: RecipientFilter,
    reason: Option<&str>,
    ordinal: i32,
    rows_max: i64,
) -> Result<Option<Before>, StorageError> {
    let before = sqlx::query!(
        r#"select min(ordinal) - 1 as after, count(*) as "rows!"
             from (select r.ordinal from recipients r
                  where r.workspace_id = $1 and r.dispatch_id = $2 and r.ordinal < $3 and r.superseded_by is null
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
                  limit $6) page"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinal,
        filter.as_str(),
        reason,
        rows_max,
    )
    .fetch_one(conn)
    .await?;
    Ok(before.after.map(|after| Before { after, rows: before.rows }))
}
