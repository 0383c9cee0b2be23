//! Pause, resume and cancel.

use domain::delivery::{PauseReach, PauseReason, SkipReason};
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, TemplateId, UserId, WorkspaceId};

use super::counts::{self, Delta, StateWords};
use super::{handover, planner};
use crate::{Connection, StorageError};

/// The channel on which workers hear that something may be ready, or must stop.
pub const CONTROL_CHANNEL: &str = "fanfare_dispatch_control";

/// Wakes the workers when the caller commits.
pub async fn wake_workers(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("select pg_notify($1, '')", CONTROL_CHANNEL).fetch_one(conn).await?;
    Ok(())
}

/// The dispatches of a campaign in the order in which they are locked, which is that of their slices.
pub async fn of_campaign(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<DispatchId>, StorageError> {
    let rows = sqlx::query_scalar!(
        "select dispatch_id from dispatches where workspace_id = $1 and campaign_id = $2 order by dispatch_id",
        workspace.uuid(),
        campaign.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(DispatchId::from).collect())
}

/// The dispatches that run on a sender.
pub async fn running_on(
    conn: &mut Connection,
    workspace: WorkspaceId,
    channel_account: ChannelAccountId,
) -> Result<Vec<DispatchId>, StorageError> {
    let rows = sqlx::query_scalar!(
        "select dispatch_id from dispatches
          where workspace_id = $1 and channel_account_id = $2 and state = 'running'
          order by dispatch_id",
        workspace.uuid(),
        channel_account.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(DispatchId::from).collect())
}

/// Marks a connected sender as unable to send, or every one of its business account if the reason reaches that far, with
/// the reason in words. Returns the dispatches that run on them, in the order in which they are to be locked.
pub async fn stop_senders(
    conn: &mut Connection,
    workspace: WorkspaceId,
    channel_account: ChannelAccountId,
    reason: PauseReason,
    words: &str,
) -> Result<Vec<DispatchId>, StorageError> {
    // Locked in one order, or two reasons at once would wait for each other.
    let rows = sqlx::query_scalar!(
        r#"with reached as (
               select a.channel_account_id
                 from channel_accounts a
                where a.workspace_id = $1 and a.channel_account_id in (
                          select $2
                          union all
                          select other.channel_account_id
                            from whatsapp_numbers own
                            join whatsapp_numbers other on other.workspace_id = $1 and other.waba_id = own.waba_id
                           where own.workspace_id = $1 and own.channel_account_id = $2 and $3)
                order by a.channel_account_id
                  for no key update
           ),
           stopped as (
               update channel_accounts a
                  set state = 'paused', pause_kind = $4, state_reason = $5, updated_at = now()
                 from reached r
                where a.workspace_id = $1 and a.channel_account_id = r.channel_account_id and a.state = 'connected'
           )
           select d.dispatch_id
             from reached r
             join dispatches d on d.workspace_id = $1 and d.channel_account_id = r.channel_account_id
            where d.state = 'running'
            order by d.dispatch_id"#,
        workspace.uuid(),
        channel_account.uuid(),
        reason.reach() == PauseReach::Account,
        reason.as_str(),
        words,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(DispatchId::from).collect())
}

/// Announces to whoever watches that something changed about the template of these dispatches; returns those that run, in
/// the order in which they are to be locked.
pub async fn using_template(
    conn: &mut Connection,
    workspace: WorkspaceId,
    template: TemplateId,
) -> Result<Vec<DispatchId>, StorageError> {
    let rows = sqlx::query!(
        "select d.dispatch_id, d.state
           from template_versions v join dispatches d using (workspace_id, template_version_id)
          where v.workspace_id = $1 and v.template_id = $2 and d.state in ('running', 'paused')
          order by d.dispatch_id",
        workspace.uuid(),
        template.uuid(),
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        counts::announce(conn, workspace, row.dispatch_id.into()).await?;
    }
    let running = rows.into_iter().filter(|row| row.state == "running");
    Ok(running.map(|row| row.dispatch_id.into()).collect())
}

/// What a paused dispatch needs to go on: its sender and its template. `None` when it is not paused.
pub async fn needs(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<(ChannelAccountId, TemplateId)>, StorageError> {
    let row = sqlx::query!(
        "select d.channel_account_id, v.template_id
           from dispatches d join template_versions v using (workspace_id, template_version_id)
          where d.workspace_id = $1 and d.dispatch_id = $2 and d.state = 'paused'",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.channel_account_id.into(), row.template_id.into())))
}

/// Why people failed in a running dispatch that has reached nobody yet, each reason with its people. Empty when somebody
/// was reached, or may have been.
pub async fn failures_before_success(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Vec<(String, i64)>, StorageError> {
    let rows = sqlx::query!(
        r#"select r.reason, sum(r.recipients) as "people!"
             from dispatches d join dispatch_reasons r using (workspace_id, dispatch_id)
            where d.workspace_id = $1 and d.dispatch_id = $2 and d.state = 'running' and d.sent = 0 and d.unknown = 0
              and r.state = 'failed'
            group by r.reason"#,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.people)).collect())
}

/// Who or what stopped a dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PauseCause {
    /// A person pressed the button.
    Person(UserId),
    /// The provider refused in a way that concerns every recipient: our word for it and the provider's code.
    Provider {
        /// `domain::delivery::PauseReason` as its word.
        reason: String,
        /// In words, for the screen.
        detail: String,
    },
}

impl PauseCause {
    /// What the provider said, with its own words.
    pub fn provider(reason: PauseReason, detail: &str) -> Self {
        Self::Provider { reason: reason.as_str().to_owned(), detail: detail.to_owned() }
    }
}

/// Pauses a running dispatch. Returns how many recipients escaped, being in the air; `None` when it was not running.
pub async fn pause(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    cause: &PauseCause,
) -> Result<Option<i64>, StorageError> {
    let (kind, detail, by) = match cause {
        PauseCause::Person(user) => ("person", None, Some(user.uuid())),
        PauseCause::Provider { reason, detail } => (reason.as_str(), Some(detail.as_str()), None),
    };
    let paused = sqlx::query!(
        "update dispatches
            set state = 'paused', pause_kind = $3, pause_detail = $4, paused_by = $5, state_changed_at = now(),
                settled_at_pause = sent + failed + unknown
          where workspace_id = $1 and dispatch_id = $2 and state = 'running'",
        workspace.uuid(),
        dispatch.uuid(),
        kind,
        detail,
        by,
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if paused == 0 {
        return Ok(None);
    }
    let escaped = handover::count_in_the_air(conn, workspace, dispatch).await?;
    wake_workers(conn).await?;
    counts::announce(conn, workspace, dispatch).await?;
    Ok(Some(escaped))
}

/// Lets a paused dispatch run again. `false` when it was not paused.
pub async fn resume(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<bool, StorageError> {
    let resumed = sqlx::query!(
        "update dispatches
            set state = 'running', pause_kind = null, pause_detail = null, paused_by = null, state_changed_at = now(),
                settled_at_pause = null
          where workspace_id = $1 and dispatch_id = $2 and state = 'paused'",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if resumed == 1 {
        wake_workers(conn).await?;
        counts::announce(conn, workspace, dispatch).await?;
    }
    Ok(resumed == 1)
}

/// How a cancelled dispatch stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled {
    /// Recipients that will not be sent to.
    pub withheld: i32,
    /// Recipients in the air, which cannot be stopped.
    pub escaped: i64,
}

/// Cancels a dispatch that has not ended: who waits is skipped, who is in the air keeps its outcome. `None` when it had
/// ended.
pub async fn cancel(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<Cancelled>, StorageError> {
    let cancelled = sqlx::query!(
        "update dispatches set state = 'cancelled', state_changed_at = now(), ended_at = now()
          where workspace_id = $1 and dispatch_id = $2 and state in ('running', 'paused')",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if cancelled == 0 {
        return Ok(None);
    }
    let withheld = withhold(conn, workspace, dispatch, SkipReason::Cancelled.as_str()).await?;
    let escaped = handover::count_in_the_air(conn, workspace, dispatch).await?;
    let mut delta = Delta::default();
    if withheld > 0 {
        let to = StateWords { state: "skipped", reason: Some("cancelled"), provider_code: None };
        delta.moved(StateWords::bare("pending"), to, withheld);
    }
    counts::apply(conn, workspace, dispatch, &delta).await?;
    wake_workers(conn).await?;
    Ok(Some(Cancelled { withheld, escaped }))
}

/// Skips whoever waits and is not in the air, and closes the batches that nobody holds. Under the lock of the dispatch.
pub(super) async fn withhold(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    reason: &str,
) -> Result<i32, StorageError> {
    planner::hash_joins_only(conn).await?;
    let withheld = sqlx::query_scalar!(
        r#"with closed as (
               update batches set state = 'done'
                where workspace_id = $1 and dispatch_id = $2 and state = 'ready'
           ),
           flying as (
               select named.ordinal, h.handover_id
                 from handovers h cross join unnest(h.recipients) as named (ordinal)
                where h.workspace_id = $1 and h.dispatch_id = $2
           ),
           changed as (
               update recipients r
                  set state = 'skipped', reason = $3, not_before = null, settled_at = now()
                where r.workspace_id = $1 and r.dispatch_id = $2 and r.state = 'pending'
                  and not exists (
                      select from flying f where f.ordinal = r.ordinal and r.handover_id is distinct from f.handover_id)
            returning r.ordinal
           )
           select count(*)::int as "count!" from changed"#,
        workspace.uuid(),
        dispatch.uuid(),
        reason,
    )
    .fetch_one(&mut *conn)
    .await?;
    planner::any_joins(conn).await?;
    Ok(withheld)
}
