//! The server's end of a live page.

use std::time::{Duration, Instant};

use domain::delivery::SkipReason;
use domain::ids::{CampaignId, UserId, WorkspaceId};
use domain::time_zone::TimeZone;
use domain::workspace::{Permission, Role};
use futures::{StreamExt, stream};
use leptos::prelude::{Owner, RenderHtml};
use server_fn::BoxedStream;
use service::Services;
use service::access::{Read, authorize};
use service::campaigns::{self, CampaignProgress, Chosen, Progress};
use service::live::{LiveFeed, LiveHub};
use tokio::time::{sleep, timeout};

use super::api::{LiveMessage, LivePart};
use super::live_cards::{LiveHead, Part, as_of};
use super::pace;
use super::reasons::{groups, pause};
use super::recipients::{PLACE, Shown, people_shown};
use super::snapshot::{PartLine, Pause, Remedy, Snapshot, Standing};
use super::times::Times;
use super::words::announcement;
use crate::channels::account::account_path;
use crate::error::AppError;
use crate::request::RequestContext;

/// How long a browser may take to say which campaign it watches.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);
/// With nothing to say for so long, the server says that it is still there, so that neither a proxy nor the browser
/// takes the line for dead; and looks whether the person may still watch.
const STILL_HERE_PERIOD: Duration = Duration::from_secs(20);
/// The chart is sent at most this often while the campaign runs.
const CHART_PERIOD: Duration = Duration::from_secs(1);
/// The people are read and sent at most this often.
const PEOPLE_PERIOD: Duration = Duration::from_secs(1);
/// A screen reader is told something at most this often, in seconds, unless the state changed.
const ANNOUNCE_EVERY_S: i64 = 10;

/// Said where a launch was taken back while somebody else watched it.
const TAKEN_BACK: &str = "The send was taken back before anything left; the campaign is a draft again.";

/// Opens the stream of a person who may read.
pub(super) async fn watch(
    asked: BoxedStream<String, AppError>,
) -> Result<BoxedStream<LiveMessage, AppError>, AppError> {
    let request = RequestContext::current().await?;
    let access = request.workspace_access::<Read>().await?;
    let watcher = Watcher {
        asked,
        user: access.user(),
        workspace: access.workspace(),
        services: request.services,
        watched: None,
    };
    let messages = stream::unfold(Some(watcher), |watcher| async {
        let mut watcher = watcher?;
        match watcher.next().await? {
            Ok(message) => Some((Ok(message), Some(watcher))),
            // Said once, and then the line is closed.
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(messages.into())
}

/// One open live page.
struct Watcher {
    asked: BoxedStream<String, AppError>,
    user: UserId,
    workspace: WorkspaceId,
    services: Services,
    watched: Option<Watched>,
}

/// The people on an open page.
struct People {
    shown: Shown,
    /// Their HTML as it was last sent.
    html: String,
    /// When they are to be read again, if anything changed since they were.
    due: Option<Instant>,
}

/// What an open page shows.
struct Watched {
    campaign: CampaignId,
    people: People,
    feed: LiveFeed,
    zone: TimeZone,
    fixed: LiveHead,
    shared_with_app: bool,
    told: Snapshot,
    told_at: Instant,
    /// The HTML of each part as it was last sent.
    shown: [String; Part::ALL.len()],
    chart_sent: Instant,
    said_s: i64,
}

impl Watched {
    /// The parts that differ from what the page shows. The chart, by far the largest, once a second.
    fn changed(&mut self, now: Snapshot) -> LiveMessage {
        let mut parts = Vec::new();
        let chart_is_due = now.has_ended() || self.chart_sent.elapsed() >= CHART_PERIOD;
        for (part, shown) in Part::ALL.into_iter().zip(&mut self.shown) {
            if part == Part::Throughput && !chart_is_due {
                continue;
            }
            let html = html(part, &self.fixed, &now);
            if *shown != html {
                shown.clone_from(&html);
                parts.push(LivePart { place: part.place().to_owned(), html });
            }
        }
        if chart_is_due {
            self.chart_sent = Instant::now();
        }
        let quiet = now.as_of_s - self.said_s < ANNOUNCE_EVERY_S && self.told.standing == now.standing;
        let said = announcement(&self.fixed.name, &self.told, &now).filter(|_| !quiet);
        if said.is_some() {
            self.said_s = now.as_of_s;
        }
        self.told = now;
        self.told_at = Instant::now();
        self.people.due.get_or_insert_with(|| Instant::now() + PEOPLE_PERIOD);
        LiveMessage::Changed { parts, as_of: as_of(&self.told), said }
    }

    /// When the seconds left for taking the launch back are to be told again.
    fn next_second(&self) -> Option<Instant> {
        self.told.undo_left_s().map(|_| self.told_at + Duration::from_secs(1))
    }

    /// What was told, a second later: nothing else changed, or it would have been announced.
    fn a_second_later(&mut self) -> LiveMessage {
        let mut now = self.told.clone();
        now.as_of_s += i64::try_from(self.told_at.elapsed().as_secs()).unwrap_or(0);
        self.changed(now)
    }
}

/// A part of the page as HTML.
fn html(part: Part, fixed: &LiveHead, snapshot: &Snapshot) -> String {
    Owner::new().with(|| part.draw(fixed, snapshot).to_html())
}

impl Watcher {
    /// The next thing to say; `None` when nobody listens any more.
    async fn next(&mut self) -> Option<Result<LiveMessage, AppError>> {
        if self.watched.is_none() {
            let asked = timeout(ASK_TIMEOUT, self.asked.next()).await.ok()??.ok()?;
            return Some(self.begin(&asked).await);
        }
        loop {
            let watched = self.watched.as_mut()?;
            let next_second = watched.next_second();
            tokio::select! {
                // The browser has nothing more to say, so this is its end.
                _ = self.asked.next() => return None,
                progress = watched.feed.next() => {
                    match snapshot(progress, watched.zone, watched.shared_with_app) {
                        Some(snapshot) if snapshot.says_more_than(&watched.told) => {
                            return Some(Ok(watched.changed(snapshot)));
                        }
                        Some(_) => {}
                        None => return Some(Err(AppError::conflict(TAKEN_BACK))),
                    }
                }
                () = until(next_second) => return Some(Ok(watched.a_second_later())),
                () = until(watched.people.due) => {
                    if let Some(said) = self.people().await.transpose() {
                        return Some(said);
                    }
                }
                () = sleep(STILL_HERE_PERIOD) => {
                    let may = authorize::<Read>(&self.services, self.user, self.workspace).await;
                    return Some(may.map(|_| LiveMessage::StillHere).map_err(AppError::from));
                }
            }
        }
    }

    /// The people on the page, if they differ from those it shows.
    async fn people(&mut self) -> Result<Option<LiveMessage>, AppError> {
        let Some(watched) = &mut self.watched else { return Ok(None) };
        // Names and numbers: whoever was shut out meanwhile gets no more of them.
        let access = authorize::<Read>(&self.services, self.user, self.workspace).await?;
        watched.people.due = None;
        let Shown { filter, reason, after, .. } = &watched.people.shown;
        let page = campaigns::recipients(
            &self.services,
            &access,
            watched.campaign,
            *filter,
            reason.as_deref(),
            *after,
        )
        .await?
        .ok_or_else(AppError::not_found)?;
        let times = Times { zone: watched.zone, now: self.services.clock.now() };
        let (fixed, told, people) = (&watched.fixed, &watched.told, &mut watched.people);
        let html =
            Owner::new().with(|| people_shown(&fixed.campaign, told, &page, &people.shown, times).to_html());
        if people.html == html {
            return Ok(None);
        }
        people.html.clone_from(&html);
        let parts = vec![LivePart { place: PLACE.to_owned(), html }];
        Ok(Some(LiveMessage::Changed { parts, as_of: as_of(told), said: None }))
    }

    async fn begin(&mut self, asked: &str) -> Result<LiveMessage, AppError> {
        let (campaign, shown) = asked.split_once('?').unwrap_or((asked, ""));
        let campaign: CampaignId = campaign.parse().map_err(|_| AppError::not_found())?;
        let services = &self.services;
        let access = authorize::<Read>(services, self.user, self.workspace).await?;
        let chosen = campaigns::chosen(services, &access, campaign).await?.ok_or_else(AppError::not_found)?;
        let feed = LiveHub::watch(services, &access, campaign).await?.ok_or_else(AppError::not_found)?;
        let times = Times::in_workspace(services, &access).await?;
        let fixed = head_of(&chosen, feed.latest(), times, access.role());
        let shared_with_app = shares_with_app(&chosen);
        let told = snapshot(feed.latest(), times.zone, shared_with_app).ok_or_else(AppError::not_found)?;
        let people = People { shown: Shown::of_query(shown), html: String::new(), due: None };
        let mut watched = Watched {
            campaign,
            people,
            feed,
            zone: times.zone,
            fixed,
            shared_with_app,
            told: told.clone(),
            told_at: Instant::now(),
            shown: Default::default(),
            chart_sent: Instant::now() - CHART_PERIOD,
            said_s: 0,
        };
        // Everything once: the page may be older than the line.
        let first = watched.changed(told);
        self.watched = Some(watched);
        Ok(first)
    }
}

/// For ever without a moment.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep(due.saturating_duration_since(Instant::now())).await,
        None => std::future::pending().await,
    }
}

/// What of a live page does not change.
pub(super) fn head_of(chosen: &Chosen, progress: &CampaignProgress, times: Times, role: Role) -> LiveHead {
    let number = chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
    let launched = match (&progress.launched_by, chosen.campaign.launched_at) {
        (Some(name), Some(at)) => format!("Launched by {name}, {}", times.weekday(at)),
        (None, Some(at)) => format!("Launched {}", times.weekday(at)),
        _ => String::new(),
    };
    LiveHead {
        campaign: chosen.campaign.id.to_string(),
        name: chosen.campaign.name.to_string(),
        sender: chosen.sender.as_ref().map(|sender| sender.name.clone()).unwrap_or_default(),
        number: number.map(|number| number.display_phone_number.clone()).unwrap_or_default(),
        launched,
        zone: times.zone_words(),
        may_send: role.may(Permission::Send),
    }
}

/// Whether the sender of a campaign is also used in the WhatsApp Business app.
pub(super) fn shares_with_app(chosen: &Chosen) -> bool {
    let number = chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
    number.is_some_and(|number| number.on_business_app)
}

/// The progress of a launched campaign as its page shows it; `None` for one that was not launched.
pub(super) fn snapshot(
    progress: &CampaignProgress,
    zone: TimeZone,
    shared_with_app: bool,
) -> Option<Snapshot> {
    let dispatch = progress.dispatch.as_ref()?;
    let row = &dispatch.dispatch;
    let people = |count: i32| u32::try_from(count).unwrap_or(0);
    let withheld =
        dispatch.reasons.iter().filter(|reason| reason.state == "skipped" && is_withheld(&reason.reason));
    let local = zone.local(progress.as_of).and_utc().timestamp();
    Some(Snapshot {
        as_of_s: progress.as_of.timestamp(),
        zone_offset_s: i32::try_from(local - progress.as_of.timestamp()).unwrap_or(0),
        standing: standing(&row.state),
        pause: (row.state == "paused").then(|| {
            let by = progress.paused_by.as_deref();
            let pause = pause(row.pause_kind.as_deref(), row.pause_detail.as_deref(), by)
                .after(people(row.escaped.unwrap_or(0)), people(dispatch.in_the_air));
            Pause { remedy: progress.remedy.as_ref().map(remedy), ..pause }
        }),
        launched_at_s: row.launched_at.timestamp(),
        undo_until_s: row.undo_until.map(|at| at.timestamp()),
        ended_at_s: row.ended_at.map(|at| at.timestamp()),
        next_try_s: progress.next_try.map(|at| at.timestamp()),
        audience: people(row.audience),
        pending: people(row.pending),
        in_the_air: people(dispatch.in_the_air),
        retrying: people(dispatch.retrying),
        sent: people(row.sent),
        delivered: people(row.delivered),
        read: people(row.read),
        replied: people(row.replied),
        failed: people(row.failed),
        skipped: people(row.skipped),
        withheld: withheld.map(|reason| people(reason.recipients)).sum(),
        unknown: people(row.unknown),
        retry_failed: progress.offered.map_or(0, |offered| all_people(offered.failed)),
        resend_unknown: progress.offered.map_or(0, |offered| all_people(offered.unknown)),
        rate_tenths: tenths(progress.rate()),
        rate_max: people(row.rate_per_second),
        shared_with_app,
        pace: pace::lines(&progress.bottlenecks, Times { zone, now: progress.as_of }),
        groups: groups(&dispatch.reasons, progress.settlement, Times { zone, now: progress.as_of }),
        parts: part_lines(dispatch),
        stretch_s: people(progress.throughput.stretch_seconds),
        answers: progress.throughput.answers.iter().map(|answers| people(*answers)).collect(),
    })
}

fn all_people(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The dispatches of a campaign that has several.
fn part_lines(progress: &Progress) -> Vec<PartLine> {
    if progress.parts.len() < 2 {
        return Vec::new();
    }
    let people = |count: i32| u32::try_from(count).unwrap_or(0);
    let lines = progress.parts.iter().map(|part| PartLine {
        number: people(part.slice),
        sender: part.sender.clone(),
        standing: standing(&part.state),
        pause: (part.state == "paused")
            .then(|| pause(part.pause_kind.as_deref(), part.pause_detail.as_deref(), None)),
        reachable: people(part.audience - part.skipped),
        handled: people(part.sent + part.failed + part.unknown),
        tries_again: part.tries_again.clone().map(|what| (what, people(part.people))),
    });
    lines.collect()
}

/// Left out after the launch rather than by it.
fn is_withheld(reason: &str) -> bool {
    reason == SkipReason::Cancelled.as_str() || reason == SkipReason::WindowOver.as_str()
}

fn remedy(remedy: &campaigns::Remedy) -> Remedy {
    match remedy {
        campaigns::Remedy::Resume => Remedy::Resume,
        campaigns::Remedy::Reconnect(sender) => Remedy::Reconnect(account_path(*sender)),
        campaigns::Remedy::AtTheProvider(sender) => Remedy::AtTheProvider(account_path(*sender)),
        campaigns::Remedy::Template(template) => Remedy::Template(format!("/templates/{template}")),
        campaigns::Remedy::Failures => Remedy::Failures,
    }
}

fn standing(word: &str) -> Standing {
    match word {
        "paused" => Standing::Paused,
        "finished" => Standing::Finished,
        "cancelled" => Standing::Cancelled,
        _ => Standing::Running,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is small and not below nought"
)]
fn tenths(rate: f64) -> u32 {
    (rate * 10.0).round() as u32
}
