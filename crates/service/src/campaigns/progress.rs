//! What the live page shows.

use chrono::DateTime;
use domain::Timestamp;
use domain::ids::{CampaignId, DispatchId, UserId, WorkspaceId};
use storage::campaigns::{self, Campaign};
pub use storage::dispatches::read::{DispatchRow, ReasonCount};
use storage::dispatches::whole;
pub use storage::dispatches::whole::Progress;
use storage::{Connection, StorageError, Tx};

use super::pace::{Bottleneck, bottlenecks};
use super::remedy::{self, Remedy};
use super::second_try::{Offered, offered};
use super::settlement::Settlement;
use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// Seconds of history that a snapshot carries one by one: enough for the rate.
const SECONDS_MAX: i64 = 10;
/// Whole seconds over which the rate is told.
const RATE_SECONDS_MAX: i64 = 5;
/// The most stretches in which the throughput of a dispatch is told.
const STRETCHES_MAX: i64 = 120;

/// Answers of the provider over the life of a dispatch, in stretches of equal length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throughput {
    /// Length of a stretch, in seconds.
    pub stretch_seconds: i32,
    /// Answers in each stretch, from the launch on.
    pub answers: Vec<i32>,
}

/// People who were tried again with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterTry {
    /// `failed` or `unknown`.
    pub what: String,
    /// How many.
    pub people: i32,
    /// When.
    pub at: Timestamp,
    /// The name of whoever clicked.
    pub by: Option<String>,
}

/// A campaign and how far it is, read at one instant.
#[derive(Debug, Clone)]
pub struct CampaignProgress {
    /// The campaign.
    pub campaign: Campaign,
    /// Its dispatches with counts, once it was launched.
    pub dispatch: Option<Progress>,
    /// How the answers came in.
    pub throughput: Throughput,
    /// When the first of those who wait for another try is due, if everybody who waits does so for that.
    pub next_try: Option<Timestamp>,
    /// While it runs: what keeps it from being faster, what weighs most first.
    pub bottlenecks: Vec<Bottleneck>,
    /// While people are unknown: whether a report may still come for the last of them.
    pub settlement: Option<Settlement>,
    /// When it has finished, and if it was asked for: who of it can be tried again.
    pub offered: Option<Offered>,
    /// Who of it was tried again, oldest first.
    pub later_tries: Vec<LaterTry>,
    /// The name of whoever launched it.
    pub launched_by: Option<String>,
    /// The name of whoever paused it.
    pub paused_by: Option<String>,
    /// What is to be done about it, if the provider stopped it.
    pub remedy: Option<Remedy>,
    /// When this was true, by the database's clock.
    pub as_of: Timestamp,
}

impl CampaignProgress {
    /// Answers a second over the last whole seconds: five, or as many as there were since the first answer. The second
    /// that has just ended is left out: some of its answers are still on their way into the ledger.
    pub fn rate(&self) -> f64 {
        let Some(dispatch) = &self.dispatch else { return 0.0 };
        let until = self.as_of.timestamp() - 1;
        let Some((first, _)) = dispatch.seconds.first() else { return 0.0 };
        let seconds = (until - first.timestamp()).clamp(1, RATE_SECONDS_MAX);
        let recent = |at: &Timestamp| (until - seconds..until).contains(&at.timestamp());
        let answers: i32 = dispatch.seconds.iter().filter(|(at, _)| recent(at)).map(|(_, count)| count).sum();
        f64::from(answers) / f64::from(i32::try_from(seconds).unwrap_or(i32::MAX))
    }
}

/// Reads the progress of a campaign. `None` when it does not exist in this workspace.
pub async fn progress(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Option<CampaignProgress>, StorageError> {
    read_live(services, access.workspace(), id, None).await
}

/// As [`progress`], for the live hub, whose watchers have shown their right to read before; `last` is what they saw last.
pub(crate) async fn read_live(
    services: &Services,
    workspace: WorkspaceId,
    id: CampaignId,
    last: Option<&CampaignProgress>,
) -> Result<Option<CampaignProgress>, StorageError> {
    // One snapshot, so that the figures add up among themselves.
    let mut tx = services.begin().await?;
    let Some(mut found) = read(services, &mut tx, workspace, id).await? else { return Ok(None) };
    found.offered = offered(&mut tx, workspace, &found, last).await?;
    Ok(Some(found))
}

/// As [`progress`], without what is offered to a person.
pub(crate) async fn read_progress(
    services: &Services,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<Option<CampaignProgress>, StorageError> {
    let mut tx = services.begin().await?;
    read(services, &mut tx, workspace, id).await
}

async fn read(
    services: &Services,
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: CampaignId,
) -> Result<Option<CampaignProgress>, StorageError> {
    let as_of = storage::snapshot(tx).await?;
    let Some(campaign) = campaigns::get(tx, workspace, id).await? else {
        return Ok(None);
    };
    let dispatch = whole::progress(tx, workspace, id, SECONDS_MAX).await?;
    let mut found = CampaignProgress {
        campaign,
        dispatch,
        throughput: Throughput { stretch_seconds: 1, answers: Vec::new() },
        next_try: None,
        bottlenecks: Vec::new(),
        settlement: None,
        offered: None,
        later_tries: Vec::new(),
        launched_by: None,
        paused_by: None,
        remedy: None,
        as_of,
    };
    if let Some(progress) = &found.dispatch {
        let row = &progress.dispatch;
        found.throughput = throughput(tx, workspace, progress, as_of).await?;
        if row.pending > 0 && row.pending == progress.retrying {
            found.next_try = whole::next_try(tx, workspace, &ids(progress)).await?;
        }
        let running: Vec<DispatchId> = progress
            .parts
            .iter()
            .filter(|part| part.state == "running" && part.pending > 0)
            .map(|part| part.dispatch)
            .collect();
        found.bottlenecks = bottlenecks(tx, workspace, id, &running, as_of).await?;
        found.settlement = row
            .last_unknown_at
            .filter(|_| row.unknown > 0)
            .map(|since| Settlement::at(as_of, since, services.settings.settlement));
        found.later_tries = later_tries(tx, &progress.parts).await?;
        found.launched_by = name_of(tx, Some(row.launched_by)).await?;
        found.paused_by = name_of(tx, row.paused_by.map(UserId::from)).await?;
        // The first of the paused parts gave the whole its reason.
        let paused = progress.parts.iter().find(|part| row.state == "paused" && part.state == "paused");
        if let Some(part) = paused {
            found.remedy = remedy::remedy(tx, workspace, part.dispatch, part.pause_kind.as_deref()).await?;
        }
    }
    Ok(Some(found))
}

/// The clicks that tried people again, read off the dispatches they made.
async fn later_tries(conn: &mut Connection, parts: &[DispatchRow]) -> Result<Vec<LaterTry>, StorageError> {
    let mut tries: Vec<LaterTry> = Vec::new();
    for part in parts {
        let Some(what) = &part.tries_again else { continue };
        match tries.last_mut().filter(|last| last.at == part.launched_at && last.what == *what) {
            Some(last) => last.people += part.people,
            None => tries.push(LaterTry {
                what: what.clone(),
                people: part.people,
                at: part.launched_at,
                by: name_of(conn, Some(part.launched_by)).await?,
            }),
        }
    }
    Ok(tries)
}

fn ids(progress: &Progress) -> Vec<DispatchId> {
    progress.parts.iter().map(|part| part.dispatch).collect()
}

async fn name_of(conn: &mut Connection, user: Option<UserId>) -> Result<Option<String>, StorageError> {
    let Some(user) = user else { return Ok(None) };
    Ok(storage::users::get(conn, user).await?.map(|user| user.name.to_string()))
}

/// Over the whole life of the campaign: up to now while it runs, up to the last answer afterwards.
async fn throughput(
    conn: &mut Connection,
    workspace: WorkspaceId,
    progress: &Progress,
    as_of: Timestamp,
) -> Result<Throughput, StorageError> {
    let row = &progress.dispatch;
    let since = DateTime::from_timestamp(row.launched_at.timestamp(), 0).unwrap_or(row.launched_at);
    let last = progress.seconds.last().map_or(since, |(at, _)| *at);
    let until = if row.state == "running" { as_of.max(last) } else { last };
    let span = (until - since).num_seconds().max(0) + 1;
    let stretch_seconds = stretch(span);
    let told = whole::throughput(conn, workspace, &ids(progress), since, stretch_seconds).await?;
    let length = usize::try_from(span.div_euclid(i64::from(stretch_seconds)) + 1).unwrap_or(0);
    let mut answers = vec![0; length];
    for (stretch, count) in told {
        if let Some(slot) = usize::try_from(stretch).ok().and_then(|stretch| answers.get_mut(stretch)) {
            *slot = count;
        }
    }
    Ok(Throughput { stretch_seconds, answers })
}

/// The shortest round length of which at most [`STRETCHES_MAX`] cover a span.
fn stretch(span_seconds: i64) -> i32 {
    const ROUND: [i32; 16] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
    let fits = |length: &i32| span_seconds <= i64::from(*length) * STRETCHES_MAX;
    ROUND.into_iter().find(fits).unwrap_or(86_400)
}
