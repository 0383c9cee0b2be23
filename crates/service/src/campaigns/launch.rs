//! Launching: once, whatever is clicked, repeated or killed.

use domain::Timestamp;
use domain::campaign::{CAMPAIGN_RECIPIENTS_MAX, CampaignEvent, IdempotencyKey};
use domain::ids::{CampaignId, DispatchId, WorkspaceId};
use domain::schedule::Timing;
use sha2::{Digest, Sha256};
use storage::campaigns::Campaign;
use storage::dispatches::control::wake_workers;
use storage::dispatches::launch::{self, EarlierLaunch, LaunchedPeople, NewLaunch, NewSlice};
use storage::dispatches::{undo, window};
use storage::{StorageError, Tx, campaigns, templates};

use super::preflight::{self, Blocker, Counting};
use crate::Services;
use crate::access::{Send, WorkspaceAccess};
use crate::channel_accounts;
use crate::clock::id_entropy;

/// Why a campaign was not launched.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// It was launched before, with another key.
    #[error("this campaign was launched already")]
    AlreadyLaunched,
    /// The key was used for another launch, or the plan changed between two launches with it.
    #[error(
        "this launch was asked for before with other content; open the campaign again to see what was launched"
    )]
    KeyConflict,
    /// The launch or schedule with this key was taken back.
    #[error("this was taken back; review the campaign again to send it")]
    TakenBack,
    /// Whoever scheduled it lost the right to send since.
    #[error("whoever scheduled this campaign may not send any more; somebody else can send it")]
    MayNotSend,
    /// It is not scheduled (any more), or was scheduled anew.
    #[error("this campaign is not scheduled")]
    NotScheduled,
    /// The people counted on the review page are not those it would go to now.
    #[error(
        "the audience changed since the review: {expected} people were shown, now it is {actual}; review it again"
    )]
    AudienceChanged {
        /// As reviewed.
        expected: i64,
        /// As it is.
        actual: i64,
    },
    /// Something must be put right first.
    #[error("the campaign is not ready")]
    NotReady(Vec<Blocker>),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A launch, just made or made before with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launched {
    /// The campaign.
    pub campaign: CampaignId,
    /// The first of its dispatches.
    pub dispatch: DispatchId,
    /// `false` when the same launch had been made before.
    pub is_new: bool,
}

/// At whose word a campaign is launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A person's, who was shown so many people and may take it back for a moment.
    Person {
        /// As reviewed.
        expected: Option<i64>,
    },
    /// Its schedule's: only if it is still scheduled with the same key.
    Schedule,
}

/// Launches a campaign in one transaction: resolves the audience anew, freezes addresses and values, cuts batches.
///
/// The same key with the same plan is the same launch, however often and however much at once it is asked for.
/// `expected` is the number of people shown to whoever pressed the button; a different number is refused.
pub async fn launch(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
    key: &IdempotencyKey,
    expected: Option<i64>,
) -> Result<Launched, LaunchError> {
    launch_at(services, access, id, key, Word::Person { expected }).await
}

/// As [`launch()`], at somebody's word.
pub(super) async fn launch_at(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
    key: &IdempotencyKey,
    word: Word,
) -> Result<Launched, LaunchError> {
    let workspace = access.workspace();
    ask_about_senders(services, workspace, id, CampaignEvent::Launch).await?;
    let mut tx = services.begin().await?;
    // The lock makes launches of one campaign wait for each other, so that a repetition finds the first.
    let campaign = campaigns::lock(&mut tx, workspace, id).await?.ok_or(LaunchError::NotFound)?;
    if let Some(earlier) = launch::find_by_key(&mut tx, workspace, key.as_str()).await? {
        return same_launch(&campaign, earlier);
    }
    may_launch(&campaign, key, word)?;
    if campaign.state.apply(CampaignEvent::Launch, services.clock.now()).is_err() {
        return Err(LaunchError::AlreadyLaunched);
    }
    let expected = match word {
        Word::Person { expected } => expected,
        Word::Schedule => None,
    };
    let counting = match expected {
        // Those who are frozen are counted below; a number that is not theirs undoes the launch.
        Some(expected) if (1..=i64::from(CAMPAIGN_RECIPIENTS_MAX)).contains(&expected) => {
            Counting::Believe(expected)
        }
        _ => Counting::Count,
    };
    let (found, ready) = preflight::check(&mut tx, workspace, &campaign, counting).await?;
    let Some(ready) = ready else {
        return Err(LaunchError::NotReady(found.blockers));
    };
    if let Some(over) = preflight::window_over(&campaign, services.clock.now()) {
        return Err(LaunchError::NotReady(vec![over]));
    }
    let expected = expected.unwrap_or(found.eligible);
    let timing = campaign.schedule.timing(word == Word::Schedule);
    let (dispatch, people) = match write(services, access, &mut tx, &campaign, key, timing, &ready).await {
        // Another campaign took the same key at the same instant.
        Err(error) if error.constraint() == Some("dispatches_idempotency_key") => {
            return Err(LaunchError::KeyConflict);
        }
        other => other?,
    };
    if people.pending != expected {
        return Err(LaunchError::AudienceChanged { expected, actual: people.pending });
    }
    if let Some(ends) = campaign.schedule.ends_at() {
        let holds_allowed = campaign.schedule.allows_holds(services.clock.now());
        window::set(&mut tx, workspace, id, ends, holds_allowed).await?;
    }
    if let (Word::Person { .. }, undo @ 1..) = (word, campaign.schedule.undo.seconds()) {
        undo::hold(&mut tx, workspace, id, undo).await?;
    }
    tx.commit().await.map_err(StorageError::from)?;
    metrics::counter!("fanfare_launches_total").increment(1);
    tracing::info!(
        campaign.id = %id,
        dispatch.id = %dispatch,
        dispatches = ready.slices.len(),
        recipients = people.audience,
        "campaign launched"
    );
    Ok(Launched { campaign: id, dispatch, is_new: true })
}

/// A repetition of a click that was taken back does nothing; neither does a schedule that was.
fn may_launch(campaign: &Campaign, key: &IdempotencyKey, word: Word) -> Result<(), LaunchError> {
    let scheduled_with = campaign.start.as_ref().map(|start| start.key.as_str());
    match word {
        Word::Schedule if scheduled_with != Some(key.as_str()) => Err(LaunchError::NotScheduled),
        _ if campaign.withdrawn_key.as_deref() == Some(key.as_str()) => Err(LaunchError::TakenBack),
        _ => Ok(()),
    }
}

/// What Meta says about the senders of a campaign that is about to be sent is brought up to date first, outside the
/// transaction: batches are cut by its plan, and a sender that cannot send is found here rather than by the worker.
pub(super) async fn ask_about_senders(
    services: &Services,
    workspace: WorkspaceId,
    id: CampaignId,
    about_to: CampaignEvent,
) -> Result<(), StorageError> {
    let campaign = {
        let mut conn = services.connection().await?;
        campaigns::get(&mut conn, workspace, id).await?
    };
    let campaign = campaign.filter(|campaign| campaign.state.apply(about_to, services.clock.now()).is_ok());
    let Some(campaign) = campaign else { return Ok(()) };
    // Side by side, so that a launch waits no longer for several than for one.
    let senders = campaign.channel_account.iter().chain(&campaign.further_senders);
    let asked = senders.map(|sender| channel_accounts::ask_before_launch(services, workspace, *sender));
    futures::future::try_join_all(asked).await.map(drop)
}

fn same_launch(campaign: &Campaign, earlier: EarlierLaunch) -> Result<Launched, LaunchError> {
    if earlier.campaign == campaign.id && earlier.content_digest == digest(campaign) {
        Ok(Launched { campaign: campaign.id, dispatch: earlier.dispatch, is_new: false })
    } else {
        Err(LaunchError::KeyConflict)
    }
}

/// Digest of what the user chose. Not of the template's text: that is frozen with the launch, and a later sync must not
/// turn a repeated click into a conflict.
fn digest(campaign: &Campaign) -> Vec<u8> {
    let chosen = serde_json::json!({
        "campaign": campaign.id,
        "channel_account": campaign.channel_account,
        "further_senders": campaign.further_senders,
        "template": campaign.template,
        "audience": campaign.audience,
        "variables": campaign.variables,
        "schedule": campaign.schedule,
    });
    Sha256::digest(chosen.to_string()).to_vec()
}

async fn write(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    tx: &mut Tx,
    campaign: &Campaign,
    key: &IdempotencyKey,
    timing: Timing,
    ready: &preflight::Ready,
) -> Result<(DispatchId, LaunchedPeople), StorageError> {
    let (workspace, user) = (access.workspace(), access.user());
    let now = services.clock.now();
    let template =
        campaign.template.ok_or(StorageError::Unreadable { table: "campaigns", column: "template_id" })?;
    let template_version =
        templates::freeze(tx, workspace, template, &ready.content, now, id_entropy()).await?;
    campaigns::mark_launched(tx, workspace, campaign.id, user, now).await?;
    let new = NewLaunch {
        campaign: campaign.id,
        template_version,
        idempotency_key: key.as_str().to_owned(),
        content_digest: digest(campaign),
        launched_by: user,
        launched_at: now,
        timing,
        canary: campaign.schedule.canary,
        slices: slices(ready, now),
    };
    let people = launch::insert(tx, workspace, &new, &ready.audience).await?;
    wake_workers(tx).await?;
    let first = new.slices.first().map(|slice| slice.dispatch);
    let first = first.ok_or(StorageError::Unreadable { table: "dispatches", column: "slice" })?;
    Ok((first, people))
}

/// The slices with ids that ascend: locks over several dispatches are taken in that order.
fn slices(ready: &preflight::Ready, now: Timestamp) -> Vec<NewSlice> {
    let mut ids: Vec<DispatchId> = ready.slices.iter().map(|_| DispatchId::mint(now, id_entropy())).collect();
    ids.sort_unstable();
    let senders = &ready.senders;
    let slices = ids.into_iter().zip(&ready.slices).filter_map(|(dispatch, slice)| {
        let (channel_account, plan) = senders.get(slice.sender).copied()?;
        Some(NewSlice {
            dispatch,
            channel_account,
            batch_size: i32::try_from(plan.batch_size.get()).unwrap_or(i32::MAX),
            first: i32::try_from(slice.first).unwrap_or(i32::MAX),
        })
    });
    slices.collect()
}
