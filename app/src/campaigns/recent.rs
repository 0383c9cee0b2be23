//! Campaigns on other pages: the latest on the dashboard, and what is being sent at the foot of the navigation.

use leptos::prelude::*;
use service::Services;
use service::access::{Read, WorkspaceAccess};
use service::campaigns::{self, CampaignQuery};

use super::times::Times;
use super::{list_page, list_rows};
use crate::error::AppError;
use crate::request::RequestContext;
use crate::shell::{Section, SendingNow};
use crate::ui::button::{ButtonLink, Size, Variant};
use crate::ui::card::Card;

/// Rows on the dashboard.
const ROWS_MAX: usize = 5;

/// The figures of thirty days and the latest campaigns, as cards of the dashboard. Nothing before there is a campaign.
///
/// # Errors
///
/// If the database does not answer.
pub async fn recent_campaigns(
    request: &RequestContext,
    access: &WorkspaceAccess<Read>,
) -> Result<Option<AnyView>, AppError> {
    let mut found = campaigns::list(&request.services, access, &CampaignQuery::default()).await?;
    if found.campaigns.is_empty() {
        return Ok(None);
    }
    found.campaigns.truncate(ROWS_MAX);
    let figures = campaigns::figures(&request.services, access).await?;
    let times = Times::of(request, access).await?;
    let rows = list_rows::short_table(&found.campaigns, times);
    let all = view! {
        <ButtonLink href=Section::Campaigns.path() size=Size::S variant=Variant::Ghost>
            "All campaigns"
        </ButtonLink>
    }
    .into_any();
    let cards = view! {
        {list_page::figures_card(&figures)}
        <Card id="recent" title="Latest campaigns" end=all>
            {rows}
        </Card>
    };
    Ok(Some(cards.into_any()))
}

/// What is being sent, for the foot of the navigation.
///
/// # Errors
///
/// If the database does not answer.
pub async fn sending_now(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Option<SendingNow>, AppError> {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(campaigns::sending(services, access).await?.map(|sending| SendingNow {
        href: match sending.campaigns {
            1 => format!("/campaigns/{}", sending.id),
            _ => format!("{}?state=running", Section::Campaigns.path()),
        },
        name: sending.name,
        done: number(sending.reachable - sending.pending),
        total: number(sending.reachable),
        campaigns: number(sending.campaigns),
    }))
}
