//! Pause, resume, cancel: each at once, each telling how many it could not stop.

use domain::campaign::{CampaignEvent, InvalidCampaignTransition};
use domain::ids::CampaignId;
use storage::dispatches::canary;
use storage::dispatches::control::{self, PauseCause};
use storage::dispatches::locks;
use storage::{StorageError, Tx, campaigns};

use super::remedy;
use crate::Services;
use crate::access::{Send, WorkspaceAccess};

/// Why a campaign was not paused, resumed or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// Its state does not allow it.
    #[error(transparent)]
    Refused(#[from] InvalidCampaignTransition),
    /// What stopped it is still so; a sentence with the next step.
    #[error("{0}")]
    StillStopped(String),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A campaign was paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// Recipients in the air at that moment: they cannot be called back.
    pub escaped: i64,
}

/// Pauses a running campaign.
pub async fn pause(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<Paused, ControlError> {
    let mut tx = services.begin().await?;
    let dispatches = control::of_campaign(&mut tx, access.workspace(), id).await?;
    let mut escaped = 0;
    let mut paused = false;
    for dispatch in dispatches {
        let cause = PauseCause::Person(access.user());
        if let Some(flying) = control::pause(&mut tx, access.workspace(), dispatch, &cause).await? {
            escaped += flying;
            paused = true;
        }
    }
    finish(services, access, tx, id, CampaignEvent::Pause, paused).await?;
    Ok(Paused { escaped })
}

/// Lets a paused campaign go on, as far as its senders and templates can send again. What waits for a judgement on the first
/// messages goes on waiting, unless it was a bad one.
pub async fn resume(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<(), ControlError> {
    let mut tx = services.begin().await?;
    let mut resumed = false;
    let mut stopped = None;
    let dispatches = locks::lock_campaign(&mut tx, access.workspace(), id).await?;
    for dispatch in dispatches {
        if let Some(obstacle) = remedy::obstacle(&mut tx, access.workspace(), dispatch).await? {
            stopped = Some(obstacle);
            continue;
        }
        resumed |= control::resume(&mut tx, access.workspace(), dispatch).await?;
    }
    if let (false, Some(obstacle)) = (resumed, stopped) {
        return Err(ControlError::StillStopped(obstacle.sentence("resume")));
    }
    if resumed {
        canary::overrule(&mut tx, access.workspace(), id).await?;
    }
    finish(services, access, tx, id, CampaignEvent::Resume, resumed).await
}

/// A campaign was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled {
    /// Recipients who will not get it.
    pub withheld: i64,
    /// Recipients in the air at that moment.
    pub escaped: i64,
}

/// Ends a campaign early: who waits is skipped.
pub async fn cancel(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<Cancelled, ControlError> {
    let mut tx = services.begin().await?;
    let mut total = Cancelled { withheld: 0, escaped: 0 };
    let mut cancelled = false;
    for dispatch in control::of_campaign(&mut tx, access.workspace(), id).await? {
        if let Some(found) = control::cancel(&mut tx, access.workspace(), dispatch).await? {
            total.withheld += i64::from(found.withheld);
            total.escaped += found.escaped;
            cancelled = true;
        }
    }
    finish(services, access, tx, id, CampaignEvent::Cancel, cancelled).await?;
    Ok(total)
}

/// Brings the campaign in line and commits; refuses when nothing changed and the state does not allow it either.
async fn finish(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    mut tx: Tx,
    id: CampaignId,
    event: CampaignEvent,
    changed: bool,
) -> Result<(), ControlError> {
    let campaign = campaigns::lock(&mut tx, access.workspace(), id).await?.ok_or(ControlError::NotFound)?;
    if !changed {
        campaign.state.apply(event, services.clock.now())?;
        return Err(InvalidCampaignTransition { state: campaign.state.as_str() }.into());
    }
    campaigns::follow_dispatches(&mut tx, access.workspace(), id).await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(campaign.id = %id, event = ?event, "campaign changed by a person");
    Ok(())
}
