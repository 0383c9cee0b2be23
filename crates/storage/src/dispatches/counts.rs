//! The counts of a dispatch, changed by delta with the rows they count.

use std::collections::BTreeMap;

use domain::address::AddressKind;
use domain::ids::{DispatchId, WorkspaceId};

use crate::{Connection, StorageError};

/// The channel on which a changed dispatch is announced; the payload is
/// `<workspace uuid> <dispatch uuid> <campaign uuid>`.
pub const CHANGED_CHANNEL: &str = "fanfare_dispatch_changed";

/// What happened to the counts of a dispatch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Not settled yet.
    pub pending: i32,
    /// Accepted by the provider.
    pub sent: i32,
    /// Failed.
    pub failed: i32,
    /// Skipped.
    pub skipped: i32,
    /// Unknown.
    pub unknown: i32,
    /// Counted by the row of another dispatch.
    pub superseded: i32,
    /// Delivered, a part of sent.
    pub delivered: i32,
    /// Read, a part of delivered.
    pub read: i32,
    /// Replied.
    pub replied: i32,
    pub(super) reasons: BTreeMap<(String, String, i32), i32>,
    /// Somebody became unknown who was not before.
    pub(super) newly_unknown: bool,
}

impl Delta {
    /// Counts recipients leaving one state and entering another. A state is the word of the column; reasons are counted
    /// for failed, skipped and unknown.
    pub(super) fn moved(&mut self, from: StateWords<'_>, to: StateWords<'_>, recipients: i32) {
        self.newly_unknown |= to.state == "unknown" && from.state != "unknown" && recipients > 0;
        self.add(from, -recipients);
        self.add(to, recipients);
    }

    fn add(&mut self, state: StateWords<'_>, recipients: i32) {
        match state.state {
            "pending" => self.pending += recipients,
            "sent" => self.sent += recipients,
            "failed" => self.failed += recipients,
            "skipped" => self.skipped += recipients,
            "superseded" => self.superseded += recipients,
            _ => self.unknown += recipients,
        }
        // Of those who were sent to, only some have one: the provider holds their message.
        let has_reason = state.state == "sent" && state.reason.is_some();
        if has_reason || matches!(state.state, "failed" | "skipped" | "unknown") {
            let reason = state.reason.unwrap_or("no_answer").to_owned();
            let code = state.provider_code.unwrap_or(0);
            *self.reasons.entry((state.state.to_owned(), reason, code)).or_default() += recipients;
        }
    }

    /// Whether there is anything to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A state with what is counted beside it, as the columns hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateWords<'a> {
    pub state: &'a str,
    pub reason: Option<&'a str>,
    pub provider_code: Option<i32>,
}

impl<'a> StateWords<'a> {
    /// Another row of the person counts, whatever the state of this one.
    pub(super) const SUPERSEDED: Self = Self::bare("superseded");

    pub(super) const fn bare(state: &'a str) -> Self {
        Self { state, reason: None, provider_code: None }
    }
}

/// Locks a dispatch and tells its state. Whoever changes recipients takes this lock first.
pub(super) async fn lock(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<String>, StorageError> {
    let state = sqlx::query_scalar!(
        "select state from dispatches where workspace_id = $1 and dispatch_id = $2 for no key update",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(state)
}

/// Writes a delta, ends the dispatch with its last pending recipient and the campaign with its last dispatch, and
/// announces the change when the caller commits. A dispatch that had ended by itself runs again when somebody waits again.
pub(super) async fn apply(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    delta: &Delta,
) -> Result<(), StorageError> {
    let campaign = sqlx::query!(
        r#"update dispatches
              set pending = pending + $3, sent = sent + $4, failed = failed + $5, skipped = skipped + $6,
                  unknown = unknown + $7, superseded = superseded + $12, delivered = delivered + $8, read = read + $9, replied = replied + $10,
                  last_unknown_at = case when $11 then now() else last_unknown_at end,
                  state = case when pending + $3 = 0 and state in ('running', 'paused') then 'finished'
                               when pending + $3 > 0 and state = 'finished' then 'running' else state end,
                  ended_at = case when pending + $3 = 0 and state in ('running', 'paused') then now()
                                  when pending + $3 > 0 and state = 'finished' then null else ended_at end,
                  pause_kind = case when pending + $3 = 0 or state <> 'finished' then pause_kind end,
                  pause_detail = case when pending + $3 = 0 or state <> 'finished' then pause_detail end,
                  paused_by = case when pending + $3 = 0 or state <> 'finished' then paused_by end,
                  state_changed_at = case when (pending + $3 = 0) = (state in ('running', 'paused')) and state <> 'cancelled'
                                          then now() else state_changed_at end
            where workspace_id = $1 and dispatch_id = $2
        returning campaign_id, state = 'finished' and ended_at = now() as "finished!",
                  state = 'running' and state_changed_at = now() as "resumed!""#,
        workspace.uuid(),
        dispatch.uuid(),
        delta.pending,
        delta.sent,
        delta.failed,
        delta.skipped,
        delta.unknown,
        delta.delivered,
        delta.read,
        delta.replied,
        delta.newly_unknown,
        delta.superseded,
    )
    .fetch_one(&mut *conn)
    .await?;
    apply_reasons(conn, workspace, dispatch, delta).await?;
    if campaign.finished {
        close_batches(conn, workspace, dispatch).await?;
    }
    if campaign.finished || campaign.resumed {
        crate::campaigns::follow_dispatches(conn, workspace, campaign.campaign_id.into()).await?;
    }
    announce(conn, workspace, dispatch).await
}

/// Nobody is left in them; as ready ones every later claim would read them.
async fn close_batches(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update batches set state = 'done', wait_reason = null
          where workspace_id = $1 and dispatch_id = $2 and state = 'ready'",
        workspace.uuid(),
        dispatch.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn apply_reasons(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    delta: &Delta,
) -> Result<(), StorageError> {
    if delta.reasons.is_empty() {
        return Ok(());
    }
    let mut states = Vec::with_capacity(delta.reasons.len());
    let mut reasons = Vec::with_capacity(delta.reasons.len());
    let mut codes = Vec::with_capacity(delta.reasons.len());
    let mut recipients = Vec::with_capacity(delta.reasons.len());
    for ((state, reason, code), count) in &delta.reasons {
        states.push(state.clone());
        reasons.push(reason.clone());
        codes.push(*code);
        recipients.push(*count);
    }
    sqlx::query!(
        "insert into dispatch_reasons as r (workspace_id, dispatch_id, state, reason, provider_code, recipients)
         select $1, $2, state, reason, provider_code, recipients
           from unnest($3::text[], $4::text[], $5::int[], $6::int[]) as d (state, reason, provider_code, recipients)
             on conflict (workspace_id, dispatch_id, state, reason, provider_code)
             do update set recipients = r.recipients + excluded.recipients",
        workspace.uuid(),
        dispatch.uuid(),
        &states,
        &reasons,
        &codes,
        &recipients,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Suppresses the addresses of recipients whose provider said that they stopped marketing.
pub(super) async fn suppress_opted_out(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    ordinals: &[i32],
) -> Result<(), StorageError> {
    if ordinals.is_empty() {
        return Ok(());
    }
    let addresses = sqlx::query!(
        r#"select address as "address!", now() as "now!" from recipients
            where workspace_id = $1 and dispatch_id = $2 and ordinal = any ($3)
              and reason = 'opted_out' and address is not null"#,
        workspace.uuid(),
        dispatch.uuid(),
        ordinals,
    )
    .fetch_all(&mut *conn)
    .await?;
    if let Some(now) = addresses.first().map(|row| row.now) {
        let values: Vec<&str> = addresses.iter().map(|row| row.address.as_str()).collect();
        crate::suppressions::opt_out(conn, workspace, AddressKind::Phone, &values, "provider", now).await?;
    }
    Ok(())
}

/// Announces that a dispatch changed, when the caller commits.
pub(super) async fn announce(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    sqlx::query!(
        "select pg_notify($1, format('%s %s %s', workspace_id, dispatch_id, campaign_id))
           from dispatches where workspace_id = $2 and dispatch_id = $3",
        CHANGED_CHANNEL,
        workspace.uuid(),
        dispatch.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(())
}
