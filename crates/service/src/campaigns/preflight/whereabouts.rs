//! Where the people of an audience are, and when their turn comes there.

use std::time::Duration;

use domain::Timestamp;
use domain::ids::WorkspaceId;
use domain::schedule::{Wave, ends};
use storage::campaigns::Campaign;
use storage::dispatches::launch::AudienceQuery;
use storage::dispatches::zones;
pub use storage::dispatches::zones::ZoneGroup;
use storage::{Connection, StorageError};

use super::Preflight;
use crate::dispatch::CANARY_RECEIPTS_WITHIN;

/// Where people are, as far as their turn depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// People by zone and by what it is known from; who may be written to first comes first.
    pub groups: Vec<ZoneGroup>,
    /// Who cannot be written to before the campaign's window is over.
    pub too_late: i64,
}

impl Whereabouts {
    /// People whose zone is known from this: `field`, `number` or `workspace`.
    pub fn known_from(&self, source: &str) -> i64 {
        self.groups.iter().filter(|group| group.source == source).map(|group| group.people).sum()
    }
}

/// Tells when a campaign starts where, and how long it takes with the nights in between. By the same functions of the database
/// by which it is launched.
pub(in crate::campaigns) async fn look_around(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    now: Timestamp,
    audience: &AudienceQuery,
    found: &mut Preflight,
) -> Result<(), StorageError> {
    let schedule = campaign.schedule;
    if schedule.canary.is_some() {
        found.duration = found.duration.map(|takes| takes + CANARY_RECEIPTS_WITHIN);
    }
    let timing = schedule.timing(true);
    if !timing.goes_by_zone() {
        return Ok(());
    }
    let planned = schedule.starts_at().filter(|at| timing.local_start.is_none() && *at > now);
    let launch_at = planned.unwrap_or(now);
    let groups = zones::groups(conn, workspace, audience, timing, launch_at).await?;
    if timing.local_start.is_some() {
        // Whose moment has passed do not wait for those whose moment is to come.
        found.starts_at = groups.first().map(|group| group.due).or(found.starts_at);
    }
    let start = found.starts_at.filter(|at| *at > now).unwrap_or(now);
    if let Some(parts) = found.parts {
        let waves: Vec<Wave> = groups.iter().map(wave).collect();
        let mut takes =
            (ends(&waves, parts.rate_per_second, start) - start).to_std().unwrap_or(Duration::ZERO);
        if schedule.canary.is_some() {
            takes += CANARY_RECEIPTS_WITHIN;
        }
        found.duration = Some(takes);
    }
    let over = schedule.ends_at();
    let too_late = |group: &&ZoneGroup| over.is_some_and(|over| group.due >= over);
    let too_late = groups.iter().filter(too_late).map(|group| group.people).sum();
    found.whereabouts = Some(Whereabouts { groups, too_late });
    Ok(())
}

fn wave(group: &ZoneGroup) -> Wave {
    Wave {
        people: u64::try_from(group.people).unwrap_or(0),
        opens: group.due,
        night: group.night_falls.zip(group.night_ends),
    }
}
