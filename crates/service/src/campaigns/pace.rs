//! Why a running campaign is as fast as it is.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::delivery::WaitReason;
use domain::ids::{CampaignId, DispatchId, WorkspaceId};
use storage::dispatches::canary;
pub use storage::dispatches::canary::Standing as CanaryStanding;
use storage::dispatches::waiting::{self, SenderStanding};
use storage::{Connection, StorageError};

/// A worker takes a sender within two seconds and a dead one's within fifteen; longer than that is not a moment's wait.
const IDLE_IS_STRANGE_AFTER: TimeDelta = TimeDelta::seconds(20);

/// Something that keeps a running campaign from being faster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bottleneck {
    /// A sender must not send until a person acts.
    SenderCannotSend {
        /// What it is called.
        sender: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// Something is due and no worker takes it.
    NoWorker {
        /// The sender that nobody drives.
        sender: String,
    },
    /// The worker of a sender cannot connect to the provider.
    Unreachable {
        /// What it is called.
        sender: String,
        /// Since when.
        since: Timestamp,
    },
    /// The portfolio has written to as many people in 24 hours as it may.
    PortfolioLimit {
        /// When the next place is free.
        until: Timestamp,
    },
    /// The provider asked a sender to be slower.
    SlowedDown {
        /// What it is called.
        sender: String,
        /// Messages a second for the moment.
        now: i32,
        /// Messages a second that its plan allows.
        plan: i32,
    },
    /// People wait for something.
    Waiting {
        /// What for.
        reason: WaitReason,
        /// How many.
        people: i32,
        /// When the first of them is due.
        until: Timestamp,
    },
    /// The first people are watched, and all others wait until they are judged.
    Canary {
        /// Everybody who waits for that.
        people: i32,
        /// How the first ones stand.
        standing: CanaryStanding,
    },
    /// Other campaigns take turns on a sender.
    SharedSender {
        /// What it is called.
        sender: String,
        /// How many others.
        campaigns: i32,
    },
}

/// What keeps these running dispatches from being faster, what weighs most first. Empty when nothing does but the limit of
/// their senders.
pub(super) async fn bottlenecks(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
    running: &[DispatchId],
    as_of: Timestamp,
) -> Result<Vec<Bottleneck>, StorageError> {
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let senders = waiting::senders(conn, workspace, running).await?;
    let mut found: Vec<Bottleneck> =
        senders.iter().filter_map(|sender| stands_still(sender, as_of)).collect();
    if let Some(until) = senders.iter().filter_map(|sender| sender.limited_until).min() {
        found.push(Bottleneck::PortfolioLimit { until });
    }
    found.extend(senders.iter().filter_map(slowed_down));
    for group in waiting::waiting(conn, workspace, running).await? {
        let Ok(reason) = group.reason.parse() else { continue };
        let people = group.people;
        if reason == WaitReason::Canary
            && let Some(standing) = canary::standing(conn, workspace, campaign).await?
        {
            found.push(Bottleneck::Canary { people, standing });
        } else {
            found.push(Bottleneck::Waiting { reason, people, until: group.until });
        }
    }
    found.extend(
        senders.into_iter().filter(|sender| sender.other_campaigns > 0).map(|sender| {
            Bottleneck::SharedSender { sender: sender.name, campaigns: sender.other_campaigns }
        }),
    );
    Ok(found)
}

fn stands_still(sender: &SenderStanding, as_of: Timestamp) -> Option<Bottleneck> {
    if sender.state != "connected" {
        let reason = match (&sender.state_reason, sender.state.as_str()) {
            (Some(reason), _) if !reason.is_empty() => reason.clone(),
            (_, "disconnected") => "It was disconnected.".to_owned(),
            _ => "It is paused.".to_owned(),
        };
        return Some(Bottleneck::SenderCannotSend { sender: sender.name.clone(), reason });
    }
    let idle = sender.idle_since.is_some_and(|since| as_of - since > IDLE_IS_STRANGE_AFTER);
    // At the portfolio's limit nothing is claimed, so nobody drives it, and rightly so.
    if let Some(since) = sender.unreachable_since {
        return Some(Bottleneck::Unreachable { sender: sender.name.clone(), since });
    }
    (idle && sender.limited_until.is_none()).then(|| Bottleneck::NoWorker { sender: sender.name.clone() })
}

fn slowed_down(sender: &SenderStanding) -> Option<Bottleneck> {
    let asked = sender.throttled_at.is_some() && sender.unreachable_since.is_none();
    let now = sender.rate_now.filter(|now| *now < sender.rate_per_second && asked)?;
    Some(Bottleneck::SlowedDown { sender: sender.name.clone(), now, plan: sender.rate_per_second })
}
