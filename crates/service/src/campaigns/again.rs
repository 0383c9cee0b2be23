//! Trying people of a finished campaign again, by explicit choice: who failed, or of whom nothing is known.

use domain::Timestamp;
use domain::campaign::{CAMPAIGN_RECIPIENTS_MAX, CampaignEvent, DISPATCH_RECIPIENTS_MAX, IdempotencyKey};
use domain::channel::RatePlan;
use domain::dispatch::TryAgain;
use domain::ids::{CampaignId, ChannelAccountId, DispatchId, WorkspaceId};
use domain::schedule::Timing;
use domain::slices;
use sha2::{Digest, Sha256};
use storage::campaigns::Campaign;
use storage::dispatches::again::{self, AgainQuery, Standing};
use storage::dispatches::control::wake_workers;
use storage::dispatches::launch::{self, NewLaunch, NewSlice};
use storage::dispatches::locks;
use storage::{Connection, StorageError, Tx, campaigns, channel_accounts};

use super::launch::ask_about_senders;
use super::second_try::{Refusal, query_of, refusal, to_be_sent};
use crate::Services;
use crate::access::{Send, WorkspaceAccess};
use crate::clock::id_entropy;

/// Why people were not tried again.
#[derive(Debug, thiserror::Error)]
pub enum TryAgainError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// The campaign cannot be tried again now.
    #[error("the campaign cannot be tried again now")]
    Refused(Refusal),
    /// People who may get the message twice, and nobody said that this is wanted.
    #[error("it was not confirmed that these people may get the message twice")]
    NotConfirmed,
    /// The key was used for something else.
    #[error("this was asked for before with another choice")]
    KeyConflict,
    /// The number that was shown is not that of the people it would be now.
    #[error("{expected} people were shown, now it is {actual}")]
    NumberChanged {
        /// As shown.
        expected: i64,
        /// As it is.
        actual: i64,
    },
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A click on the button.
#[derive(Debug, Clone)]
pub struct Click {
    /// Who is to be tried again.
    pub what: TryAgain,
    /// The key of the click.
    pub key: IdempotencyKey,
    /// How many people were shown.
    pub expected: i64,
    /// It was said that these people may get the message twice.
    pub twice_is_fine: bool,
}

/// People who are tried again, since just now or since an earlier click with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriedAgain {
    /// The first of the dispatches made for them.
    pub dispatch: DispatchId,
    /// `false` when the same was asked for before.
    pub is_new: bool,
}

/// Tries people of a finished campaign again, in one transaction: the same message to the same addresses. The same key is
/// the same try, however often and however much at once it is asked for.
pub async fn try_again(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
    click: &Click,
) -> Result<TriedAgain, TryAgainError> {
    let workspace = access.workspace();
    ask_about_senders(services, workspace, id, CampaignEvent::TryAgain).await?;
    let mut tx = services.begin().await?;
    // Dispatches before the campaign, as everybody locks them.
    locks::lock_campaign(&mut tx, workspace, id).await?;
    let campaign = campaigns::lock(&mut tx, workspace, id).await?.ok_or(TryAgainError::NotFound)?;
    if let Some(earlier) = launch::find_by_key(&mut tx, workspace, click.key.as_str()).await? {
        let is_same = earlier.campaign == id && earlier.content_digest == digest(id, click.what);
        let same = TriedAgain { dispatch: earlier.dispatch, is_new: false };
        return if is_same { Ok(same) } else { Err(TryAgainError::KeyConflict) };
    }
    if click.what == TryAgain::Unknown && !click.twice_is_fine {
        return Err(TryAgainError::NotConfirmed);
    }
    let now = services.clock.now();
    let standing = again::standing(&mut tx, workspace, id).await?;
    let standing =
        standing.ok_or_else(|| TryAgainError::Refused(Refusal::NotFinished(campaign.state.as_str())))?;
    if let Some(refusal) = refusal(&mut tx, workspace, &campaign, &standing, now).await? {
        return Err(TryAgainError::Refused(refusal));
    }
    let query = query_of(&mut tx, workspace, id, click.what, &standing).await?;
    let people = match u32::try_from(click.expected) {
        Ok(people @ 1..=CAMPAIGN_RECIPIENTS_MAX) => people,
        _ => {
            let actual = to_be_sent(&again::count(&mut tx, workspace, &query).await?);
            return Err(TryAgainError::NumberChanged { expected: click.expected, actual });
        }
    };
    let slices = slices(&mut tx, workspace, &campaign, people, &standing, now).await?;
    let parts = slices.len();
    let dispatch = write(access, &mut tx, click, &campaign, &standing, &query, slices, now).await?;
    campaigns::follow_dispatches(&mut tx, workspace, id).await?;
    wake_workers(&mut tx).await?;
    tx.commit().await.map_err(StorageError::from)?;
    metrics::counter!("fanfare_retries_total", "what" => click.what.as_str()).increment(1);
    tracing::info!(
        campaign.id = %id,
        dispatch.id = %dispatch,
        dispatches = parts,
        recipients = people,
        what = %click.what,
        "people tried again"
    );
    Ok(TriedAgain { dispatch, is_new: true })
}

fn digest(campaign: CampaignId, what: TryAgain) -> Vec<u8> {
    let chosen = serde_json::json!({ "campaign": campaign, "tries_again": what });
    Sha256::digest(chosen.to_string()).to_vec()
}

#[expect(clippy::too_many_arguments, reason = "each is a part of one click that was checked before")]
async fn write(
    access: &WorkspaceAccess<Send>,
    tx: &mut Tx,
    click: &Click,
    campaign: &Campaign,
    standing: &Standing,
    query: &AgainQuery,
    slices: Vec<NewSlice>,
    now: Timestamp,
) -> Result<DispatchId, TryAgainError> {
    let first = slices.first().map(|slice| slice.dispatch);
    let first = first.ok_or(StorageError::Unreadable { table: "campaigns", column: "channel_account_id" })?;
    let new = NewLaunch {
        campaign: campaign.id,
        template_version: standing.template_version,
        idempotency_key: click.key.as_str().to_owned(),
        content_digest: digest(campaign.id, click.what),
        launched_by: access.user(),
        launched_at: now,
        // The hour at which it began is past for everybody; nights are not.
        timing: Timing { local_start: None, quiet_hours: campaign.schedule.quiet_hours },
        canary: None,
        slices,
    };
    let actual = match again::insert(tx, access.workspace(), &new, query).await {
        // Another campaign took the same key at the same instant.
        Err(error) if error.constraint() == Some("dispatches_idempotency_key") => {
            return Err(TryAgainError::KeyConflict);
        }
        inserted => inserted?,
    };
    if actual != click.expected {
        return Err(TryAgainError::NumberChanged { expected: click.expected, actual });
    }
    Ok(first)
}

/// The people over the senders of the campaign, cut as at its launch. The ids are above all that the campaign has: whoever
/// locks its dispatches goes on with these.
async fn slices(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    people: u32,
    standing: &Standing,
    now: Timestamp,
) -> Result<Vec<NewSlice>, StorageError> {
    let mut senders: Vec<(ChannelAccountId, RatePlan)> = Vec::new();
    for id in campaign.channel_account.iter().chain(&campaign.further_senders) {
        senders.extend(
            channel_accounts::get(conn, workspace, *id).await?.map(|sender| (sender.id, sender.plan)),
        );
    }
    let plans: Vec<RatePlan> = senders.iter().map(|(_, plan)| *plan).collect();
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let cut = slices::cut(people, &plans, DISPATCH_RECIPIENTS_MAX);
    let at = now.max(after(standing.last).unwrap_or(now));
    let mut ids: Vec<DispatchId> = cut.iter().map(|_| DispatchId::mint(at, id_entropy())).collect();
    ids.sort_unstable();
    let slices = ids.into_iter().zip(&cut).filter_map(|(dispatch, slice)| {
        let (channel_account, plan) = senders.get(slice.sender).copied()?;
        Some(NewSlice {
            dispatch,
            channel_account,
            batch_size: i32::try_from(plan.batch_size.get()).unwrap_or(i32::MAX),
            first: i32::try_from(slice.first).unwrap_or(i32::MAX),
        })
    });
    Ok(slices.collect())
}

/// The first moment whose ids are all above this one, even if another clock was ahead when it was made.
fn after(id: DispatchId) -> Option<Timestamp> {
    let minted_ms = i64::try_from(id.uuid().as_u128() >> 80).ok()?;
    Timestamp::from_timestamp_millis(minted_ms + 1)
}
