//! What the worker does to the ledger, one function per step.
//!
//! The order is the safety: lease, claim, open a handover and commit it, only then send, then record in bulk. Nothing
//! here holds a transaction while a provider is asked.

mod canary;
mod nights;

use std::time::Duration;

use domain::channel::RatePlan;
use domain::delivery::{FailureReason, PauseReason};
use domain::ids::{ChannelAccountId, DispatchId, WorkerId, WorkspaceId};
use domain::template::TemplateContent;
pub use storage::dispatches::claim::{Claimed, ClaimedBatch, Turns, WaitingRecipient};
pub use storage::dispatches::control::{CONTROL_CHANNEL, PauseCause};
pub use storage::dispatches::counts::CHANGED_CHANNEL;
use storage::dispatches::handover::{self, Opening};
pub use storage::dispatches::handover::{HandoverId, Opened};
pub use storage::dispatches::lease::{SenderLease, Speed};
pub use storage::dispatches::outcome::{Answer, EndedBatch, Flush, Outcome};
pub use storage::dispatches::sweep::Swept;
use storage::{Connection, StorageError, Tx, dispatches, portfolios};

pub use self::canary::{CANARY_RECEIPTS_WITHIN, Judged, judge_canaries};
pub use self::nights::look_through_nights;
use crate::Services;

/// When so many messages failed for a reason that blames the campaign, and none got through, the rest is held back.
const BLAMING_FAILURES_MAX: i64 = 20;

/// Takes a free sender that has something to send.
pub async fn acquire_sender(
    services: &Services,
    worker: WorkerId,
    ttl: Duration,
) -> Result<Option<SenderLease>, StorageError> {
    let mut tx = services.begin().await?;
    let lease = dispatches::lease::acquire_sender(&mut tx, worker, ttl).await?;
    tx.commit().await?;
    Ok(lease)
}

/// Extends the lease of a sender and of the batches held under it, and notes how fast it goes. Returns its present plan;
/// `None` when the lease was lost.
pub async fn renew_sender(
    services: &Services,
    worker: WorkerId,
    lease: SenderLease,
    ttl: Duration,
    speed: Speed,
) -> Result<Option<RatePlan>, StorageError> {
    let mut conn = services.connection().await?;
    dispatches::lease::renew_sender(&mut conn, worker, lease, ttl, speed).await
}

/// Gives a sender back.
pub async fn release_sender(
    services: &Services,
    worker: WorkerId,
    lease: SenderLease,
) -> Result<(), StorageError> {
    let mut conn = services.connection().await?;
    dispatches::lease::release_sender(&mut conn, worker, lease).await
}

/// Claims the next batches of a sender in turns between its campaigns. Also tells which campaign had the last turn.
pub async fn claim(
    services: &Services,
    worker: WorkerId,
    lease: SenderLease,
    ttl: Duration,
    turns: Turns,
) -> Result<Claimed, StorageError> {
    let mut tx = services.begin().await?;
    let claimed = dispatches::claim::claim_batches(&mut tx, worker, lease, ttl, turns).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// The recipients of a claimed batch that are still to be sent to, due or not, in order.
pub async fn load(services: &Services, batch: &ClaimedBatch) -> Result<Vec<WaitingRecipient>, StorageError> {
    let mut conn = services.connection().await?;
    dispatches::claim::waiting_recipients(&mut conn, batch).await
}

/// How long until the sender's next batch is due; `None` when none waits.
pub async fn next_batch_due(
    services: &Services,
    lease: SenderLease,
) -> Result<Option<Duration>, StorageError> {
    let mut tx = services.begin().await?;
    dispatches::claim::next_batch_due(&mut tx, lease).await
}

/// Commits that these recipients are about to be given to the provider, or those of them that the limit of the sender's
/// portfolio leaves.
pub async fn open_handover(
    services: &Services,
    worker: WorkerId,
    batch: &ClaimedBatch,
    sequence: i32,
    recipients: &[i32],
) -> Result<Option<Opened>, StorageError> {
    let opening = {
        let mut conn = services.connection().await?;
        handover::open(&mut conn, worker, batch, sequence, recipients).await?
    };
    let opening = match opening {
        Opening::Limited(limits) => {
            let mut tx = services.begin().await?;
            let opening =
                handover::open_limited(&mut tx, worker, batch, sequence, recipients, &limits).await?;
            tx.commit().await?;
            opening
        }
        opening => opening,
    };
    Ok(match opening {
        Opening::Opened(opened) => Some(opened),
        Opening::Refused | Opening::Limited(_) => None,
    })
}

/// Records outcomes of one dispatch, and pauses it when they show that the message is wrong for everybody.
pub async fn record(
    services: &Services,
    worker: WorkerId,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    flush: &Flush,
) -> Result<(), StorageError> {
    let mut tx = services.begin().await?;
    dispatches::outcome::record(&mut tx, worker, workspace, dispatch, flush).await?;
    let blames_campaign = |outcome: &Outcome| match outcome.answer {
        Answer::Failed { reason, .. } => reason.blames_campaign(),
        _ => false,
    };
    if flush.outcomes.iter().any(blames_campaign) {
        pause_if_refused_for_all(&mut tx, workspace, dispatch).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A mistake in the template or its values would fail one person after the other; the first ones are enough to see it.
async fn pause_if_refused_for_all(
    tx: &mut Tx,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<(), StorageError> {
    let failures = dispatches::control::failures_before_success(tx, workspace, dispatch).await?;
    let blaming = failures.iter().filter_map(|(word, people)| {
        let reason: FailureReason = word.parse().ok()?;
        reason.blames_campaign().then_some((reason, *people))
    });
    let blaming: Vec<(FailureReason, i64)> = blaming.collect();
    let people: i64 = blaming.iter().map(|(_, people)| people).sum();
    let Some((commonest, _)) = blaming.into_iter().max_by_key(|(_, people)| *people) else { return Ok(()) };
    if people < BLAMING_FAILURES_MAX {
        return Ok(());
    }
    let cause = PauseCause::Provider {
        reason: PauseReason::RefusedForAll.as_str().to_owned(),
        detail: format!(
            "None of the first {people} messages got through: “{}”. If you can put it right at Meta, do so and resume. \
             Otherwise cancel this campaign and launch a corrected one.",
            commonest.label()
        ),
    };
    if dispatches::control::pause(tx, workspace, dispatch, &cause).await?.is_some() {
        tracing::warn!(dispatch.id = %dispatch, reason = %commonest, people, "refused for everybody; paused");
        storage::campaigns::follow_dispatch(tx, workspace, dispatch).await?;
    }
    Ok(())
}

/// Dispatches that were stopped while batches of them are claimed on this sender.
pub async fn stopped_on(
    services: &Services,
    workspace: WorkspaceId,
    channel_account: ChannelAccountId,
) -> Result<Vec<DispatchId>, StorageError> {
    let mut conn = services.connection().await?;
    dispatches::claim::stopped_in_hand(&mut conn, workspace, channel_account).await
}

/// The template that a dispatch sends, as it was frozen at launch.
pub async fn content(
    services: &Services,
    workspace: WorkspaceId,
    dispatch: DispatchId,
) -> Result<Option<TemplateContent>, StorageError> {
    let mut conn = services.connection().await?;
    dispatches::read::content(&mut conn, workspace, dispatch).await
}

/// Pauses a dispatch because of what the provider said. `false` when it was not running.
pub async fn pause(
    services: &Services,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    cause: &PauseCause,
) -> Result<bool, StorageError> {
    let mut tx = services.begin().await?;
    let paused = dispatches::control::pause(&mut tx, workspace, dispatch, cause).await?.is_some();
    if paused {
        storage::campaigns::follow_dispatch(&mut tx, workspace, dispatch).await?;
    }
    tx.commit().await?;
    Ok(paused)
}

/// Marks a sender as unable to send, with all those that the reason reaches, and pauses what they were sending.
pub async fn pause_sender(
    services: &Services,
    workspace: WorkspaceId,
    channel_account: ChannelAccountId,
    reason: PauseReason,
    detail: &str,
) -> Result<(), StorageError> {
    let mut tx = services.begin().await?;
    let control = dispatches::control::stop_senders(&mut tx, workspace, channel_account, reason, detail);
    let stopped = control.await?;
    pause_all(&mut tx, workspace, &stopped, &PauseCause::provider(reason, detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// Pauses those of these dispatches that run. They come in the order of their ids, and their campaigns follow when all
/// are locked: a campaign is always locked after its dispatches.
pub(crate) async fn pause_all(
    conn: &mut Connection,
    workspace: WorkspaceId,
    stopped: &[DispatchId],
    cause: &PauseCause,
) -> Result<(), StorageError> {
    let mut paused = Vec::with_capacity(stopped.len());
    for dispatch in stopped {
        if dispatches::control::pause(conn, workspace, *dispatch, cause).await?.is_some() {
            paused.push(*dispatch);
        }
    }
    for dispatch in paused {
        storage::campaigns::follow_dispatch(conn, workspace, dispatch).await?;
    }
    Ok(())
}

/// Takes back what dead workers left behind, one transaction per dispatch.
pub async fn sweep(
    services: &Services,
    dispatches_max: i64,
) -> Result<Vec<(DispatchId, Swept)>, StorageError> {
    let expired = {
        let mut conn = services.connection().await?;
        dispatches::sweep::find_expired(&mut conn, dispatches_max).await?
    };
    let mut swept = Vec::with_capacity(expired.len());
    for (workspace, dispatch) in expired {
        let mut tx = services.begin().await?;
        let found = dispatches::sweep::sweep(&mut tx, workspace, dispatch).await?;
        dispatches::control::wake_workers(&mut tx).await?;
        tx.commit().await?;
        swept.push((dispatch, found));
    }
    Ok(swept)
}

/// Forgets the people who count towards the limit of no portfolio any more.
pub async fn forget_people(services: &Services) -> Result<(), StorageError> {
    loop {
        let mut tx = services.begin().await?;
        let is_more = portfolios::forget_minute(&mut tx).await?;
        tx.commit().await?;
        if !is_more {
            return Ok(());
        }
    }
}

/// Leaves out whoever waits in dispatches whose window is over, one transaction per dispatch. Returns how many were left
/// out of each.
pub async fn close_windows(
    services: &Services,
    dispatches_max: i64,
) -> Result<Vec<(DispatchId, i32)>, StorageError> {
    let over = {
        let mut conn = services.connection().await?;
        dispatches::window::over(&mut conn, dispatches_max).await?
    };
    let mut closed = Vec::with_capacity(over.len());
    for (workspace, dispatch) in over {
        let mut tx = services.begin().await?;
        let withheld = dispatches::window::close(&mut tx, workspace, dispatch).await?;
        tx.commit().await?;
        closed.push((dispatch, withheld));
    }
    Ok(closed)
}

/// Compares the counts of dispatches that changed lately with their rows. Returns those that differ.
pub async fn prove_counts(services: &Services, dispatches_max: i64) -> Result<Vec<DispatchId>, StorageError> {
    let mut conn = services.connection().await?;
    let mut differing = Vec::new();
    for (workspace, dispatch) in dispatches::sweep::lately_changed(&mut conn, dispatches_max).await? {
        if !dispatches::sweep::counts_agree(&mut conn, workspace, dispatch).await? {
            differing.push(dispatch);
        }
    }
    Ok(differing)
}
