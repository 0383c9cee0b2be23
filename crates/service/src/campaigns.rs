//! Campaigns: written as a draft, checked, launched once, paused, resumed, cancelled.

mod again;
mod compose;
mod control;
mod foresight;
mod launch;
mod message;
mod overview;
mod pace;
mod preflight;
mod progress;
mod recipients;
mod remedy;
mod schedule;
mod second_try;
mod settlement;

use domain::campaign::{Audience, CampaignName, CampaignState};
use domain::ids::{CampaignId, ChannelAccountId, TemplateId};
use domain::schedule::Schedule;
use domain::template::VariableMapping;
pub use storage::campaigns::start::PlannedStart;
use storage::campaigns::{self, Plan};
pub use storage::campaigns::{
    Campaign, CampaignOverview, CampaignQuery, DayFigures, ListPlace, SendingCampaign,
};

use crate::access::{Read, Send, WorkspaceAccess};
use crate::clock::id_entropy;
use crate::{Services, StorageError};

pub use again::{Click, TriedAgain, TryAgainError, try_again};
pub use compose::{Chosen, chosen, contact_fields};
pub use control::{Cancelled, ControlError, Paused, cancel, pause, resume};
pub use launch::{LaunchError, Launched, launch};
pub use message::{SentMessage, sent_message};
pub use overview::{CampaignPage, FIGURES_DAYS, Figures, figures, list, sending};
pub use pace::{Bottleneck, CanaryStanding};
pub use preflight::{
    Blocker, Fact, Parts, Preflight, PreflightError, Sample, Skipped, Whereabouts, ZoneGroup, preflight,
};
pub use progress::{CampaignProgress, DispatchRow, LaterTry, Progress, ReasonCount, Throughput, progress};
pub(crate) use progress::{read_live, read_progress};
pub use recipients::{OtherTry, Place, RecipientFilter, RecipientPage, RecipientRow, WaitingRun, recipients};
pub use remedy::Remedy;
pub use schedule::{Started, UndoError, schedule, scheduled_by, start_due, undo, unschedule};
pub use second_try::{LeftOut, LeftOutReason, Offered, Refusal, SecondTry, second_try};
pub use settlement::Settlement;

/// Why a draft was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// It was launched meanwhile; its plan is fixed.
    #[error("this campaign was launched; what it sends cannot be changed any more")]
    Launched,
    /// It starts by itself; until it is a draft again its plan is fixed.
    #[error("this campaign is scheduled; unschedule it to change it")]
    Scheduled,
    /// The sender, template or a list is not one of this workspace.
    #[error("the {0} does not exist in this workspace")]
    Unknown(&'static str),
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Starts a draft.
pub async fn create(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    name: &CampaignName,
) -> Result<CampaignId, StorageError> {
    let now = services.clock.now();
    let id = CampaignId::mint(now, id_entropy());
    let mut conn = services.connection().await?;
    campaigns::insert(&mut conn, access.workspace(), id, name, access.user(), now).await?;
    Ok(id)
}

/// The whole plan of a draft; what is `None` was not chosen yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub name: CampaignName,
    /// The sender.
    pub channel_account: Option<ChannelAccountId>,
    /// Senders that share the audience with it.
    pub further_senders: Vec<ChannelAccountId>,
    /// The template.
    pub template: Option<TemplateId>,
    /// The audience.
    pub audience: Option<Audience>,
    /// How the variables are filled.
    pub variables: VariableMapping,
    /// When it goes out.
    pub schedule: Schedule,
}

impl Draft {
    /// The plan of a campaign as it stands.
    pub fn of(campaign: &Campaign) -> Self {
        Self {
            name: campaign.name.clone(),
            channel_account: campaign.channel_account,
            further_senders: campaign.further_senders.clone(),
            template: campaign.template,
            audience: campaign.audience.clone(),
            variables: mapping_of(campaign),
            schedule: campaign.schedule,
        }
    }
}

/// Saves the plan of a draft.
pub async fn save(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
    draft: Draft,
) -> Result<(), DraftError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    if let Some(audience) = &draft.audience
        && !storage::lists::all_exist(&mut tx, workspace, &audience.lists).await?
    {
        return Err(DraftError::Unknown("list"));
    }
    let plan = Plan {
        name: draft.name,
        channel_account: draft.channel_account,
        further_senders: further_senders(draft.channel_account, draft.further_senders),
        template: draft.template,
        audience: draft.audience,
        variables: serde_json::to_value(&draft.variables).unwrap_or_default(),
        schedule: draft.schedule,
    };
    let saved = campaigns::update_plan(&mut tx, workspace, id, &plan, services.clock.now()).await;
    match saved {
        Ok(true) => {}
        Ok(false) => {
            let found = campaigns::get(&mut tx, workspace, id).await?;
            return Err(match found.map(|campaign| campaign.state) {
                None => DraftError::NotFound,
                Some(CampaignState::Scheduled { .. }) => DraftError::Scheduled,
                Some(_) => DraftError::Launched,
            });
        }
        Err(error) => {
            return Err(match error.constraint() {
                Some(name) if name.contains("channel_account") => DraftError::Unknown("sender"),
                Some(name) if name.contains("template") => DraftError::Unknown("template"),
                _ => error.into(),
            });
        }
    }
    tx.commit().await.map_err(StorageError::from)?;
    Ok(())
}

/// Each other sender once; none without a main one.
fn further_senders(main: Option<ChannelAccountId>, further: Vec<ChannelAccountId>) -> Vec<ChannelAccountId> {
    let Some(main) = main else { return Vec::new() };
    let mut kept = vec![main];
    for sender in further {
        if !kept.contains(&sender) {
            kept.push(sender);
        }
    }
    kept.split_off(1)
}

/// Removes a draft. `false` when there is none.
pub async fn delete_draft(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: CampaignId,
) -> Result<bool, StorageError> {
    let mut conn = services.connection().await?;
    campaigns::delete_draft(&mut conn, access.workspace(), id).await
}

/// Reads a campaign.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Option<Campaign>, StorageError> {
    let mut conn = services.connection().await?;
    campaigns::get(&mut conn, access.workspace(), id).await
}

/// The mapping of a campaign; one that cannot be read is empty and so does not fit its template.
pub fn mapping_of(campaign: &Campaign) -> VariableMapping {
    serde_json::from_value(campaign.variables.clone()).unwrap_or_default()
}
