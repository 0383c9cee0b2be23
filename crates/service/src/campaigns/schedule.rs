//! Starting at a time, and taking a start or a launch back.

use std::time::Duration;

use domain::Timestamp;
use domain::campaign::{CampaignState, IdempotencyKey, InvalidCampaignTransition};
use domain::ids::CampaignId;
use storage::campaigns::start::{self, DueStart, PlannedStart};
use storage::dispatches::{launch, undo as ledger};
use storage::{StorageError, campaigns};

use super::launch::{LaunchError, Word, launch_at};
use super::{ControlError, preflight};
use crate::Services;
use crate::access::{AccessError, Read, Send, WorkspaceAccess, authorize};

/// A worker that died while starting a campaign is waited for so long.
const AGAIN_AFTER: Duration = Duration::from_secs(20);

/// How often a launch is tried whose audience changes while it is made.
const TRIES_MAX: u32 = 5;

/// Schedules a draft for the moment in its plan. Nobody is frozen: audience and consent are looked at when it starts, on
/// behalf of whoever pressed the button now. The same key is the same schedule, however often it is asked for.
pub async fn schedule(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
    key: &IdempotencyKey,
    expected: Option<i64>,
) -> Result<Timestamp, LaunchError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    let campaign = campaigns::lock(&mut tx, workspace, id).await?.ok_or(LaunchError::NotFound)?;
    if let Some(start) = &campaign.start {
        return if start.key == key.as_str() { Ok(start.at) } else { Err(LaunchError::AlreadyLaunched) };
    }
    if campaign.withdrawn_key.as_deref() == Some(key.as_str()) {
        return Err(LaunchError::TakenBack);
    }
    if launch::find_by_key(&mut tx, workspace, key.as_str()).await?.is_some() {
        return Err(LaunchError::KeyConflict);
    }
    if campaign.state != CampaignState::Draft {
        return Err(LaunchError::AlreadyLaunched);
    }
    let now = services.clock.now();
    let (mut found, ready) =
        preflight::check(&mut tx, workspace, &campaign, preflight::Counting::Count).await?;
    if let Some(ready) = &ready {
        preflight::look_around(&mut tx, workspace, &campaign, now, &ready.audience, &mut found).await?;
    }
    found.blockers.extend(preflight::start_passed(&campaign, now));
    found.blockers.extend(preflight::window_over(&campaign, now));
    let Some(at) = found.starts_at.filter(|_| found.blockers.is_empty()) else {
        return Err(LaunchError::NotReady(found.blockers));
    };
    if let Some(expected) = expected.filter(|expected| *expected != found.eligible) {
        return Err(LaunchError::AudienceChanged { expected, actual: found.eligible });
    }
    let planned = PlannedStart {
        at,
        by: access.user(),
        set_at: now,
        key: key.as_str().to_owned(),
        expected: Some(found.eligible),
    };
    start::schedule(&mut tx, workspace, id, &planned).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(campaign.id = %id, starts_at = %at, "campaign scheduled");
    Ok(at)
}

/// The name of whoever scheduled a campaign. `None` when it is not scheduled or not of this workspace.
pub async fn scheduled_by(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Option<String>, StorageError> {
    let mut conn = services.connection().await?;
    let campaign = campaigns::get(&mut conn, access.workspace(), id).await?;
    let Some(start) = campaign.and_then(|campaign| campaign.start) else { return Ok(None) };
    Ok(storage::users::get(&mut conn, start.by).await?.map(|user| user.name.to_string()))
}

/// Makes a scheduled campaign a draft again.
pub async fn unschedule(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<(), ControlError> {
    let mut tx = services.begin().await?;
    let campaign = campaigns::lock(&mut tx, access.workspace(), id).await?.ok_or(ControlError::NotFound)?;
    if !start::unschedule(&mut tx, access.workspace(), id, None, None, services.clock.now()).await? {
        return Err(InvalidCampaignTransition { state: campaign.state.as_str() }.into());
    }
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(campaign.id = %id, "campaign unscheduled");
    Ok(())
}

/// What came of a start that was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The campaign.
    pub campaign: CampaignId,
    /// Why it was not launched, in words: it is a draft again and says so.
    pub problem: Option<String>,
}

/// Launches one campaign whose time has come. `None` when there is none. Any number of workers may ask: each campaign goes
/// to one, and to another when that one died.
pub async fn start_due(services: &Services) -> Result<Option<Started>, StorageError> {
    let due = {
        let mut conn = services.connection().await?;
        start::claim_due(&mut conn, AGAIN_AFTER).await?
    };
    let Some(due) = due else { return Ok(None) };
    let campaign = due.campaign;
    let problem = match start(services, &due).await {
        // Unscheduled, or scheduled anew, since it was claimed.
        Ok(()) | Err(LaunchError::NotScheduled | LaunchError::NotFound) => None,
        Err(LaunchError::Storage(error)) => return Err(error),
        Err(LaunchError::NotReady(blockers)) => {
            let sentences: Vec<String> = blockers.iter().map(preflight::Blocker::sentence).collect();
            Some(sentences.join(" "))
        }
        Err(error) => Some(sentence(&error.to_string())),
    };
    if let Some(problem) = &problem {
        let mut conn = services.connection().await?;
        let now = services.clock.now();
        start::unschedule(&mut conn, due.workspace, campaign, Some(&due.key), Some(problem), now).await?;
    }
    Ok(Some(Started { campaign, problem }))
}

async fn start(services: &Services, due: &DueStart) -> Result<(), LaunchError> {
    let access = match authorize::<Send>(services, due.by, due.workspace).await {
        Ok(access) => access,
        Err(AccessError::Storage(error)) => return Err(error.into()),
        Err(AccessError::NotFound | AccessError::Forbidden(_)) => return Err(LaunchError::MayNotSend),
    };
    let key = due.key.parse().map_err(|_| LaunchError::KeyConflict)?;
    let mut tries = 1;
    loop {
        match launch_at(services, &access, due.campaign, &key, Word::Schedule).await {
            // Somebody joined or left between the count and the freeze of one launch; nobody was shown a number.
            Err(LaunchError::AudienceChanged { .. }) if tries < TRIES_MAX => tries += 1,
            other => return other.map(|_| ()),
        }
    }
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Why a launch was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// It was not launched, has ended, or a worker has begun.
    #[error("the sending has begun; pause or cancel it instead")]
    TooLate,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Takes a launch back before the first message: nobody is frozen any more, and the campaign is a draft again.
pub async fn undo(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<(), UndoError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    // Dispatches before the campaign, as everybody locks them.
    let key = ledger::take_back(&mut tx, workspace, id).await?;
    campaigns::lock(&mut tx, workspace, id).await?.ok_or(UndoError::NotFound)?;
    let key = key.ok_or(UndoError::TooLate)?;
    start::back_to_draft(&mut tx, workspace, id, &key, services.clock.now()).await?;
    tx.commit().await.map_err(StorageError::from)?;
    metrics::counter!("fanfare_launches_undone_total").increment(1);
    tracing::info!(campaign.id = %id, "launch taken back");
    Ok(())
}
