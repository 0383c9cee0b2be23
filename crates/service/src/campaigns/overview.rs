//! Many campaigns at once: the list, its figures, what is being sent.

use chrono::TimeDelta;
use domain::Timestamp;
use storage::StorageError;
use storage::campaigns::{self, CampaignOverview, CampaignQuery, DayFigures, ListPlace, SendingCampaign};

use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// The most campaigns on one page of the list.
const PAGE_ROWS_MAX: i64 = 50;
/// How many days back the figures reach.
pub const FIGURES_DAYS: i64 = 30;

/// A page of the list.
#[derive(Debug, Clone)]
pub struct CampaignPage {
    /// Newest first.
    pub campaigns: Vec<CampaignOverview>,
    /// How many there are in each state, whatever state the page is narrowed to.
    pub counts: Vec<(String, i64)>,
    /// Whether there are newer ones.
    pub has_newer: bool,
    /// Whether there are older ones.
    pub has_older: bool,
}

/// A page of campaigns.
pub async fn list(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    query: &CampaignQuery<'_>,
) -> Result<CampaignPage, StorageError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let mut rows = campaigns::list(&mut conn, workspace, query, PAGE_ROWS_MAX + 1).await?;
    let page = usize::try_from(PAGE_ROWS_MAX).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    let (has_newer, has_older) = match query.place {
        ListPlace::Newest => (false, has_more),
        ListPlace::Before(_) => (true, has_more),
        ListPlace::After(_) => (has_more, true),
    };
    if has_more && matches!(query.place, ListPlace::After(_)) {
        // Read towards the newer end: the row too many is the newest.
        rows.remove(0);
    }
    rows.truncate(page);
    let counts = campaigns::count_by_state(&mut conn, workspace, query.search).await?;
    Ok(CampaignPage { campaigns: rows, counts, has_newer, has_older })
}

/// What was launched in the last [`FIGURES_DAYS`] days came to, by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The first day.
    pub since: Timestamp,
    /// Days with a launch, oldest first.
    pub days: Vec<DayFigures>,
}

/// Figures over the last [`FIGURES_DAYS`] days.
pub async fn figures(services: &Services, access: &WorkspaceAccess<Read>) -> Result<Figures, StorageError> {
    let mut conn = services.connection().await?;
    let since = services.clock.now() - TimeDelta::days(FIGURES_DAYS);
    let days = campaigns::figures_since(&mut conn, access.workspace(), since).await?;
    Ok(Figures { since, days })
}

/// The campaign being sent that has least to do. `None` when nothing is being sent.
pub async fn sending(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Option<SendingCampaign>, StorageError> {
    let mut conn = services.connection().await?;
    campaigns::sending(&mut conn, access.workspace()).await
}
