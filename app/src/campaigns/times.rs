//! The clock and the zone of whoever looks.

use domain::Timestamp;
use domain::schedule::{LocalMoment, Schedule, Start};
use domain::time_zone::TimeZone;
use service::Services;
use service::access::{Read, WorkspaceAccess};
use service::accounts::workspaces;

use crate::error::AppError;
use crate::request::RequestContext;
use crate::ui::format::{ago, clock, date_time, moment, weekday_date_time};

/// Writes moments as the workspace's clocks show them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
}

impl Times {
    /// The present moment in the zone of the workspace.
    pub(super) async fn of(
        request: &RequestContext,
        access: &WorkspaceAccess<Read>,
    ) -> Result<Self, AppError> {
        Self::in_workspace(&request.services, access).await
    }

    /// The same outside a request.
    pub(super) async fn in_workspace(
        services: &Services,
        access: &WorkspaceAccess<Read>,
    ) -> Result<Self, AppError> {
        let workspace = workspaces::get(services, access).await?.ok_or_else(AppError::not_found)?;
        let zone = workspace.time_zone.parse().unwrap_or(TimeZone::UTC);
        Ok(Self { zone, now: services.clock.now() })
    }

    fn today(self) -> chrono::NaiveDate {
        self.zone.local(self.now).date()
    }

    /// `20 Nov, 10:30`.
    pub(super) fn date_time(self, at: Timestamp) -> String {
        date_time(self.zone.local(at), self.today())
    }

    /// `Fri 20 Nov, 10:30`.
    pub(super) fn weekday(self, at: Timestamp) -> String {
        weekday_date_time(self.zone.local(at), self.today())
    }

    /// `10:40:38` today, otherwise the date as well.
    pub(super) fn moment(self, at: Timestamp) -> String {
        moment(self.zone.local(at), self.today())
    }

    /// `10:40`.
    pub(super) fn clock(self, at: Timestamp) -> String {
        clock(self.zone.local(at).time())
    }

    /// `12 s ago`.
    pub(super) fn ago(self, at: Timestamp) -> String {
        ago(u64::try_from((self.now - at).num_seconds()).unwrap_or(0))
    }

    /// `10:40` today, otherwise `Fri 20 Nov, 10:40`.
    pub(super) fn near(self, at: Timestamp) -> String {
        if self.zone.local(at).date() == self.today() { self.clock(at) } else { self.weekday(at) }
    }

    /// A moment as clocks of a zone show it: `tomorrow, 09:00`.
    pub(super) fn there(self, at: Timestamp, zone: TimeZone) -> String {
        let (local, today) = (zone.local(at), zone.local(self.now).date());
        match (local.date() - today).num_days() {
            0 => format!("today, {}", clock(local.time())),
            1 => format!("tomorrow, {}", clock(local.time())),
            _ => weekday_date_time(local, today),
        }
    }

    /// A start in the zone it was chosen in: `tomorrow, 09:00 (Europe/Lisbon)`.
    pub(super) fn start(self, at: Timestamp, schedule: Schedule) -> String {
        let zone = match schedule.start {
            Start::At(moment) => moment.zone,
            Start::Now => self.zone,
        };
        self.day_and_time(at, zone)
    }

    /// The end of a window: `tomorrow, 09:00 (Europe/Lisbon)`.
    pub(super) fn until(self, moment: LocalMoment) -> String {
        self.day_and_time(moment.instant(), moment.zone)
    }

    fn day_and_time(self, at: Timestamp, zone: TimeZone) -> String {
        format!("{} ({})", self.there(at, zone), zone.name().replace('_', " "))
    }

    /// `Lisbon time`.
    pub(super) fn zone_words(self) -> String {
        let name = self.zone.name();
        match name.rsplit_once('/') {
            Some((_, city)) => format!("{} time", city.replace('_', " ")),
            None => name.to_owned(),
        }
    }
}
