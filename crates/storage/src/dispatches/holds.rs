//! People whom the provider holds back: whether they may wait, and their batches when they wait again.

use domain::delivery::{Hold, WaitReason};
use domain::ids::{DispatchId, WorkspaceId};

use super::control;
use crate::{Connection, StorageError};

/// Whether people of a dispatch that the caller has locked may wait for this. Nobody waits in a cancelled dispatch; for
/// another day of marketing they wait as long as that day ends within the campaign's window.
pub(super) async fn may_wait(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    hold: Hold,
) -> Result<bool, StorageError> {
    let may_wait = sqlx::query_scalar!(
        r#"select state <> 'cancelled'
                  and ($3 or holds_allowed
                         and now() + make_interval(secs => $4) <= coalesce(not_after, launched_at + interval '72 hours'))
                  as "may_wait!"
             from dispatches where workspace_id = $1 and dispatch_id = $2"#,
        workspace.uuid(),
        dispatch.uuid(),
        hold != Hold::Marketing,
        hold.first_wait().as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(may_wait.unwrap_or(false))
}

/// Somebody who waits again although the run over their batch may know nothing of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Returned {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// How long they wait.
    pub seconds: f64,
    /// What for; `None` when they are due.
    pub reason: Option<WaitReason>,
}

impl Returned {
    /// Somebody who is due at once.
    pub(super) const fn now(ordinal: i32) -> Self {
        Self { ordinal, seconds: 0.0, reason: None }
    }
}

/// Makes the batches of people who wait again ready for the first of them. One that somebody holds becomes so when that
/// claim ends, because the claim may have been read before they came back.
pub(super) async fn reopen(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    returned: &[Returned],
) -> Result<(), StorageError> {
    let ordinals: Vec<i32> = returned.iter().map(|one| one.ordinal).collect();
    let seconds: Vec<f64> = returned.iter().map(|one| one.seconds).collect();
    let reasons: Vec<Option<&str>> = returned.iter().map(|one| one.reason.map(WaitReason::as_str)).collect();
    sqlx::query!(
        "update batches b
            set state = case when b.state = 'done' then 'ready' else b.state end,
                not_before = case b.state when 'done' then w.due when 'ready' then least(b.not_before, w.due) else b.not_before end,
                wait_reason = case when b.state = 'done' or b.state = 'ready' and w.due < b.not_before then w.reason
                                   else b.wait_reason end,
                reopened = b.state = 'claimed'
           from (select of.ordinal, now() + make_interval(secs => min(back.seconds)) as due,
                        (array_agg(back.reason order by back.seconds))[1] as reason
                   from unnest($3::int[], $4::float8[], $5::text[]) as back (ordinal, seconds, reason)
                   join batches of
                     on of.workspace_id = $1 and of.dispatch_id = $2
                    and back.ordinal between of.first_recipient and of.last_recipient
                  group by of.ordinal) w
          where b.workspace_id = $1 and b.dispatch_id = $2 and b.ordinal = w.ordinal",
        workspace.uuid(),
        dispatch.uuid(),
        &ordinals,
        &seconds,
        &reasons as &[Option<&str>],
    )
    .execute(&mut *conn)
    .await?;
    control::wake_workers(conn).await
}
