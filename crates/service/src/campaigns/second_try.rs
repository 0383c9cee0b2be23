//! What trying people of a campaign again would do: for whom, for whom not and why, and whether it can be done now.

use domain::Timestamp;
use domain::campaign::{CampaignEvent, InvalidCampaignTransition};
use domain::delivery::{FailureReason, SkipReason};
use domain::dispatch::TryAgain;
use domain::ids::{CampaignId, DispatchId, TemplateId, WorkspaceId};
use storage::campaigns::Campaign;
use storage::dispatches::again::{self, AgainCount, AgainQuery, Standing};
use storage::dispatches::{read, whole};
use storage::{Connection, StorageError, campaigns, templates};

use super::progress::CampaignProgress;
use super::remedy;
use super::settlement::Settlement;
use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// What is offered on a page that is open is counted anew at least after so many seconds in which anything changed.
const OFFER_SECONDS_MAX: i64 = 10;

/// Why a campaign cannot be tried again now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has not ended by itself: the word of its state.
    NotFinished(&'static str),
    /// The time in which it may be sent is over.
    WindowOver,
    /// A sender or the template cannot send; a sentence with the next step.
    StillStopped(String),
}

/// Why somebody who failed or is unknown is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOutReason {
    /// Another try would fail for the same reason.
    Failure(FailureReason),
    /// They may not be written to any more, or were reached.
    Skip(SkipReason),
    /// They replied: whatever is known, they have it.
    Replied,
}

/// The word for who replied.
const REPLIED: &str = "replied";

impl LeftOutReason {
    /// The word of addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failure(reason) => reason.as_str(),
            Self::Skip(reason) => reason.as_str(),
            Self::Replied => REPLIED,
        }
    }

    /// Reads the word.
    pub fn of(word: &str) -> Option<Self> {
        if word == REPLIED {
            return Some(Self::Replied);
        }
        let failure = word.parse().map(Self::Failure);
        failure.or_else(|_| word.parse().map(Self::Skip)).ok()
    }
}

/// People who are left out for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// Why.
    pub reason: LeftOutReason,
    /// How many.
    pub people: i64,
}

/// What trying again would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondTry {
    /// Who would be sent to.
    pub people: i64,
    /// Who would not, by reason, most people first.
    pub left_out: Vec<LeftOut>,
    /// Why nobody can be sent to now.
    pub refusal: Option<Refusal>,
    /// While people are unknown: whether a report may still come for the last of them.
    pub settlement: Option<Settlement>,
}

/// Counts who would be tried again. `None` when the campaign does not exist in this workspace or was not launched.
pub async fn second_try(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
    what: TryAgain,
) -> Result<Option<SecondTry>, StorageError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    let as_of = storage::snapshot(&mut tx).await?;
    let Some(campaign) = campaigns::get(&mut tx, workspace, id).await? else { return Ok(None) };
    let Some(standing) = again::standing(&mut tx, workspace, id).await? else { return Ok(None) };
    let query = query_of(&mut tx, workspace, id, what, &standing).await?;
    let counts = again::count(&mut tx, workspace, &query).await?;
    let refusal = refusal(&mut tx, workspace, &campaign, &standing, as_of).await?;
    let parts = whole::parts(&mut tx, workspace, id).await?;
    let settlement = whole::together(&parts)
        .filter(|whole| whole.unknown > 0)
        .and_then(|whole| whole.last_unknown_at)
        .map(|since| Settlement::at(as_of, since, services.settings.settlement));
    let left_out = counts.iter().filter_map(left_out).collect();
    Ok(Some(SecondTry { people: to_be_sent(&counts), left_out, refusal, settlement }))
}

pub(super) fn to_be_sent(counts: &[AgainCount]) -> i64 {
    counts.iter().filter(|count| count.left_out.is_none()).map(|count| count.people).sum()
}

fn left_out(count: &AgainCount) -> Option<LeftOut> {
    let reason = LeftOutReason::of(count.left_out.as_deref()?)?;
    Some(LeftOut { reason, people: count.people })
}

/// What is asked about people of a campaign. `None` when it was not launched.
pub(super) async fn query(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    what: TryAgain,
) -> Result<Option<AgainQuery>, StorageError> {
    let Some(standing) = again::standing(conn, workspace, id).await? else { return Ok(None) };
    query_of(conn, workspace, id, what, &standing).await.map(Some)
}

pub(super) async fn query_of(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: CampaignId,
    what: TryAgain,
    standing: &Standing,
) -> Result<AgainQuery, StorageError> {
    let needs_consent = needs_consent(conn, workspace, standing.first, standing.template).await?;
    again::query(conn, workspace, id, what, needs_consent).await
}

/// Whether only confirmed consent will do: for the message as it was frozen, or for what the template became since.
async fn needs_consent(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatch: DispatchId,
    template: TemplateId,
) -> Result<bool, StorageError> {
    let frozen = read::content(conn, workspace, dispatch).await?;
    let present =
        templates::get(conn, workspace, template).await?.and_then(|template| template.content().ok());
    // Where nobody can read what is sent, the stricter rule holds.
    let needs = [frozen, present].into_iter().flatten().map(|content| content.category.needs_consent());
    Ok(needs.reduce(|one, other| one || other).unwrap_or(true))
}

pub(super) async fn refusal(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    standing: &Standing,
    now: Timestamp,
) -> Result<Option<Refusal>, StorageError> {
    if let Err(InvalidCampaignTransition { state }) = campaign.state.apply(CampaignEvent::TryAgain, now) {
        return Ok(Some(Refusal::NotFinished(state)));
    }
    if !standing.is_finished {
        return Ok(Some(Refusal::NotFinished(campaign.state.as_str())));
    }
    if standing.window_over {
        return Ok(Some(Refusal::WindowOver));
    }
    let mut obstacle = remedy::of_template(conn, workspace, standing.template).await?;
    for sender in campaign.channel_account.iter().chain(&campaign.further_senders) {
        if obstacle.is_none() {
            obstacle = remedy::of_sender(conn, workspace, *sender).await?;
        }
    }
    Ok(obstacle.map(|obstacle| Refusal::StillStopped(obstacle.sentence("try again"))))
}

/// Who of a finished campaign can be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offered {
    /// Who failed.
    pub failed: i64,
    /// Of whom nothing is known.
    pub unknown: i64,
    /// When they were counted, in seconds since 1970.
    counted_s: i64,
}

/// Counts whom a page offers to try again. Reads recipients, so for an open page only when who failed or is unknown
/// changed, or after a while. `None` while the campaign has not finished.
pub(super) async fn offered(
    conn: &mut Connection,
    workspace: WorkspaceId,
    found: &CampaignProgress,
    last: Option<&CampaignProgress>,
) -> Result<Option<Offered>, StorageError> {
    let Some(progress) = found.dispatch.as_ref().filter(|progress| progress.dispatch.state == "finished")
    else {
        return Ok(None);
    };
    let now_s = found.as_of.timestamp();
    if let Some(last) = last
        && let Some((before, offered)) = last.dispatch.as_ref().zip(last.offered)
        && before.reasons == progress.reasons
        && now_s - offered.counted_s < OFFER_SECONDS_MAX
    {
        return Ok(Some(offered));
    }
    let mut offered = Offered { counted_s: now_s, ..Offered::default() };
    for what in TryAgain::ALL {
        let may_change =
            |reason: &str| reason.parse().map_or(true, |reason: FailureReason| !reason.is_final());
        let any = progress.reasons.iter().any(|of| of.state == what.as_str() && may_change(&of.reason));
        let Some(query) = (if any { query(conn, workspace, found.campaign.id, what).await? } else { None })
        else {
            continue;
        };
        let people = to_be_sent(&again::count(conn, workspace, &query).await?);
        match what {
            TryAgain::Failed => offered.failed = people,
            TryAgain::Unknown => offered.unknown = people,
        }
    }
    Ok(Some(offered))
}
