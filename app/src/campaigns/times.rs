//! The clock and the zone of whoever looks.

use domain::Timestamp;
use service::Services;
use service::access::{Read, WorkspaceAccess};
use service::accounts::workspaces;
use service::time_zone::TimeZone;

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

    /// `Lisbon time`.
    pub(super) fn zone_words(self) -> String {
        let name = self.zone.name();
        match name.rsplit_once('/') {
            Some((_, city)) => format!("{} time", city.replace('_', " ")),
            None => name.to_owned(),
        }
    }
}
