//! The people of a launched campaign, page by page over all its dispatches.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Timestamp;
use domain::ids::{CampaignId, ContactId, DispatchId, WorkspaceId};
pub use storage::dispatches::again::OtherTry;
use storage::dispatches::again::{self, AgainQuery, Stretch};
use storage::dispatches::live::{self, Before};
pub use storage::dispatches::read::{DispatchRow, RecipientFilter, RecipientRow};
pub use storage::dispatches::waiting::WaitingRun;
use storage::dispatches::waiting::{self, Which};
use storage::dispatches::{read, whole};
use storage::{Connection, StorageError, campaigns};

use super::settlement::Settlement;
use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// Recipients on one page of the table.
const PAGE_ROWS_MAX: i64 = 50;

/// A position among the people of a campaign; the default one is before everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Place {
    /// The dispatch, by its position in the campaign.
    pub slice: i32,
    /// The position in it.
    pub ordinal: i32,
}

/// A page of recipients.
#[derive(Debug, Clone)]
pub struct RecipientPage {
    /// In the order of the dispatches and of their positions.
    pub recipients: Vec<RecipientRow>,
    /// Position after which the next page starts.
    pub next_after: Option<Place>,
    /// Position after which the page before starts, if there is one.
    pub previous_after: Option<Place>,
    /// Rows of the same people that count no more, because they were tried again; oldest first.
    other_tries: Vec<OtherTry>,
    /// When this was true.
    as_of: Timestamp,
    /// How long a report is waited for.
    window: Duration,
    /// What waits among them.
    waiting: Vec<(DispatchId, WaitingRun)>,
}

impl RecipientPage {
    /// The other tries of one of the recipients, oldest first.
    pub fn other_tries(&self, recipient: &RecipientRow) -> impl Iterator<Item = &OtherTry> {
        let contact = recipient.contact;
        self.other_tries.iter().filter(move |other| other.contact == contact)
    }

    /// What is to be expected for one of the recipients, if it is unknown.
    pub fn settlement(&self, recipient: &RecipientRow) -> Option<Settlement> {
        let since = recipient.settled_at.filter(|_| recipient.state == "unknown")?;
        Some(Settlement::at(self.as_of, since, self.window))
    }

    /// What the batch of one of the recipients waits for, if they are still to be sent to and it waits.
    pub fn waits(&self, recipient: &RecipientRow) -> Option<&WaitingRun> {
        let here = |(dispatch, run): &&(DispatchId, WaitingRun)| {
            *dispatch == recipient.dispatch && (run.first..=run.last).contains(&recipient.ordinal)
        };
        let found = self.waiting.iter().find(here).filter(|_| recipient.state == "pending");
        found.map(|(_, run)| run)
    }
}

/// A page of a campaign's recipients, narrowed by state and reason, after a position. `None` when the campaign does not
/// exist in this workspace.
pub async fn recipients(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
    filter: RecipientFilter,
    reason: Option<&str>,
    after: Place,
) -> Result<Option<RecipientPage>, StorageError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    if campaigns::get(&mut conn, workspace, id).await?.is_none() {
        return Ok(None);
    }
    let parts = whole::parts(&mut conn, workspace, id).await?;
    let again = match filter.tries_again() {
        Some(what) => super::second_try::query(&mut conn, workspace, id, what).await?,
        None => None,
    };
    let was_tried_again = parts.iter().any(|part| part.tries_again.is_some());
    let shown = Shown { workspace, parts, filter, reason, again };
    let (recipients, next_after) = shown.page(&mut conn, after).await?;
    let previous_after = if after > Place::default() { shown.before(&mut conn, after).await? } else { None };
    let waiting = waiting_among(&mut conn, workspace, &recipients).await?;
    let contacts: Vec<ContactId> = recipients.iter().map(|row| row.contact).collect();
    let other_tries = if was_tried_again {
        again::other_tries(&mut conn, workspace, id, &contacts).await?
    } else {
        Vec::new()
    };
    Ok(Some(RecipientPage {
        recipients,
        other_tries,
        next_after,
        previous_after,
        as_of: services.clock.now(),
        window: services.settings.settlement,
        waiting,
    }))
}

/// What waits among people of one page; nothing is asked when all of them are settled.
async fn waiting_among(
    conn: &mut Connection,
    workspace: WorkspaceId,
    recipients: &[RecipientRow],
) -> Result<Vec<(DispatchId, WaitingRun)>, StorageError> {
    let mut spans: BTreeMap<DispatchId, (i32, i32)> = BTreeMap::new();
    for row in recipients.iter().filter(|row| row.state == "pending") {
        let span = spans.entry(row.dispatch).or_insert((row.ordinal, row.ordinal));
        *span = (span.0.min(row.ordinal), span.1.max(row.ordinal));
    }
    let mut found = Vec::new();
    for (dispatch, span) in spans {
        let runs = waiting::runs_between(conn, workspace, dispatch, span).await?;
        found.extend(runs.into_iter().map(|run| (dispatch, run)));
    }
    Ok(found)
}

/// What is looked for, and where.
struct Shown<'r> {
    workspace: WorkspaceId,
    parts: Vec<DispatchRow>,
    filter: RecipientFilter,
    reason: Option<&'r str>,
    /// What is asked about people who may be tried again.
    again: Option<AgainQuery>,
}

impl Shown<'_> {
    /// The people after a place, and the last of them if there are more. A dispatch without anybody who matches is not
    /// looked into: its counts say so.
    async fn page(
        &self,
        conn: &mut Connection,
        after: Place,
    ) -> Result<(Vec<RecipientRow>, Option<Place>), StorageError> {
        let page = usize::try_from(PAGE_ROWS_MAX).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut slices = Vec::new();
        for part in self.parts.iter().filter(|part| part.slice >= after.slice && self.may_match(part)) {
            let from = if part.slice == after.slice { after.ordinal } else { 0 };
            let wanted = PAGE_ROWS_MAX + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            let dispatch = part.dispatch;
            let rows = match self.who(conn, dispatch, (from, i32::MAX), Which::First, wanted).await? {
                Some(who) => read::recipients_at(conn, self.workspace, dispatch, &who).await?,
                None => {
                    read::recipients(conn, self.workspace, dispatch, self.filter, self.reason, from, wanted)
                        .await?
                }
            };
            slices.extend(rows.iter().map(|_| part.slice));
            found.extend(rows);
            if found.len() > page {
                break;
            }
        }
        let has_more = found.len() > page;
        found.truncate(page);
        let last = found.last().zip(slices.get(page - 1));
        let next = last.map(|(row, slice)| Place { slice: *slice, ordinal: row.ordinal });
        Ok((found, next.filter(|_| has_more)))
    }

    /// The place after which the page before `after` starts. `None` when nobody who matches stands up to there.
    async fn before(&self, conn: &mut Connection, after: Place) -> Result<Option<Place>, StorageError> {
        let mut wanted = PAGE_ROWS_MAX;
        let mut place = None;
        for part in self.parts.iter().rev().filter(|part| part.slice <= after.slice && self.may_match(part)) {
            let until = if part.slice == after.slice { after.ordinal + 1 } else { i32::MAX };
            let dispatch = part.dispatch;
            let before = match self.who(conn, dispatch, (0, until), Which::Last, wanted).await? {
                Some(who) => {
                    let rows = i64::try_from(who.len()).unwrap_or(i64::MAX);
                    who.first().map(|first| Before { after: first - 1, rows })
                }
                None => {
                    live::previous_page(
                        conn,
                        self.workspace,
                        dispatch,
                        self.filter,
                        self.reason,
                        until,
                        wanted,
                    )
                    .await?
                }
            };
            if let Some(before) = before {
                place = Some(Place { slice: part.slice, ordinal: before.after });
                wanted -= before.rows;
            }
            if wanted <= 0 {
                break;
            }
        }
        Ok(place)
    }

    /// The positions of people who are found by what is true of them at the moment: what they wait for, or whether they
    /// can be tried again. `None` for those whose row says it all.
    async fn who(
        &self,
        conn: &mut Connection,
        dispatch: DispatchId,
        between: (i32, i32),
        which: Which,
        wanted: i64,
    ) -> Result<Option<Vec<i32>>, StorageError> {
        let (ws, reason) = (self.workspace, self.reason);
        if let Some(query) = &self.again {
            let (after, before) = between;
            let stretch = Stretch { after, before, which, people_max: wanted };
            return again::who(conn, ws, query, dispatch, reason, stretch).await.map(Some);
        }
        match reason.filter(|_| self.filter == RecipientFilter::Waiting) {
            Some(reason) => {
                waiting::who_waits(conn, ws, dispatch, reason, between, which, wanted).await.map(Some)
            }
            None => Ok(None),
        }
    }

    fn may_match(&self, part: &DispatchRow) -> bool {
        let people = match self.filter {
            RecipientFilter::All => part.audience,
            RecipientFilter::Waiting => part.pending,
            RecipientFilter::Submitted | RecipientFilter::NoReceipt => part.sent,
            RecipientFilter::Delivered => part.delivered,
            RecipientFilter::Read => part.read,
            RecipientFilter::Replied => part.replied,
            RecipientFilter::Failed | RecipientFilter::FailedAgain => part.failed,
            RecipientFilter::Skipped => part.skipped,
            RecipientFilter::Unknown | RecipientFilter::UnknownAgain => part.unknown,
        };
        people > 0
    }
}
