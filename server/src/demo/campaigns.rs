//! Campaigns of the demonstration: two that are over, and the one to watch.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use domain::campaign::{Audience, CampaignName};
use domain::ids::{CampaignId, ListId};
use domain::template::{ContactField, VariableMapping, VariableSource};
use service::Services;
use service::campaigns::{self, CampaignProgress, CampaignQuery, Draft, LaunchError};
use service::templates::TemplateQuery;

use super::result::DemoResult;
use super::workspace::Home;
use super::{DemoOptions, sandbox, say};

/// How often the numbers on the terminal change.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Receipts are complete when none came for this long.
const QUIET_FOR: Duration = Duration::from_millis(1_500);
/// Receipts that take longer are not waited for: the last of those who read it take their time, as people do.
const RECEIPTS_WITHIN: Duration = Duration::from_secs(16);

/// Sends two small campaigns, unless an earlier demonstration did.
pub async fn past(services: &Services, home: &Home) -> anyhow::Result<()> {
    let reads = home.access(services).await?;
    if !campaigns::list(services, &reads, &CampaignQuery::default()).await?.campaigns.is_empty() {
        return Ok(());
    }
    say("Sending two small campaigns, so that there is a past to look at");
    for (name, list) in [("Autumn tasting in Porto", home.tasting), ("Thank you, regulars", home.regulars)] {
        let campaign = launch(services, home, name, list).await?;
        finished(services, home, campaign, |_| ()).await?;
    }
    Ok(())
}

/// Sends the campaign and tells how it ended.
pub async fn main(services: &Services, home: &Home, options: &DemoOptions) -> anyhow::Result<DemoResult> {
    let repeated_before = repeated(services, options).await?;
    let started = Instant::now();
    let campaign = launch(services, home, "Winter harvest launch", home.club).await?;
    say(&format!("Launched: {}/campaigns/{campaign}", services.settings.public_origin));
    let mut said_at = Instant::now();
    finished(services, home, campaign, |progress| {
        if said_at.elapsed() >= Duration::from_secs(1) {
            said_at = Instant::now();
            say(&line(progress));
        }
    })
    .await?;
    let seconds = started.elapsed().as_secs_f64();
    let progress = receipts(services, home, campaign).await?;
    say(&line(&progress));
    let repeated = repeated(services, options).await? - repeated_before;
    let dispatch = progress.dispatch.context("the campaign has no dispatch")?.dispatch;
    Ok(DemoResult::of(&dispatch, seconds, repeated))
}

/// How many messages the sandbox has accepted more than once.
async fn repeated(services: &Services, options: &DemoOptions) -> anyhow::Result<i64> {
    let ledger = sandbox(services, &options.sandbox_url, "ledger").await?;
    ledger["repeated_callback_data"].as_i64().context("the sandbox does not tell what it accepted twice")
}

async fn launch(services: &Services, home: &Home, name: &str, list: ListId) -> anyhow::Result<CampaignId> {
    let sends = home.access(services).await?;
    let name = CampaignName::parse(name)?;
    let campaign = campaigns::create(services, &sends, &name).await?;
    let query = TemplateQuery {
        search: Some("winter_harvest".to_owned()),
        templates_max: 20,
        ..TemplateQuery::default()
    };
    let templates = service::templates::list(services, &home.access(services).await?, &query).await?;
    let template = templates
        .iter()
        .find(|template| template.language == "en" && template.sendable().is_ok())
        .context("the sandbox has no approved template winter_harvest in English; restart it")?;
    let field = |field, fallback: &str| VariableSource::Field { field, fallback: Some(fallback.to_owned()) };
    let fixed = |text: &str| VariableSource::Fixed { text: text.to_owned() };
    let city = || ContactField::Attribute("city".to_owned());
    let draft = Draft {
        name,
        channel_account: Some(home.sender),
        further_senders: Vec::new(),
        template: Some(template.id),
        audience: Some(Audience { lists: vec![list] }),
        // Header, three in the body, the link of the second button.
        variables: VariableMapping(vec![
            field(city(), "your city"),
            field(ContactField::FirstName, "there"),
            fixed("20%"),
            fixed("30 November"),
            field(city(), "shop"),
        ]),
        schedule: Default::default(),
    };
    campaigns::save(services, &sends, campaign, draft).await?;
    let key = format!("demo-{campaign}").parse()?;
    match campaigns::launch(services, &sends, campaign, &key, None).await {
        Ok(launched) => Ok(launched.campaign),
        Err(LaunchError::NotReady(blockers)) => {
            let sentences: Vec<String> = blockers.iter().map(campaigns::Blocker::sentence).collect();
            bail!("the campaign is not ready: {}", sentences.join(" "))
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits until every recipient is settled; calls `look` with the numbers on the way.
async fn finished(
    services: &Services,
    home: &Home,
    campaign: CampaignId,
    mut look: impl FnMut(&CampaignProgress),
) -> anyhow::Result<()> {
    let reads = home.access(services).await?;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        let progress =
            campaigns::progress(services, &reads, campaign).await?.context("the campaign is gone")?;
        look(&progress);
        let Some(dispatch) = &progress.dispatch else { continue };
        match dispatch.dispatch.state.as_str() {
            "running" => {}
            "paused" => bail!(
                "the campaign was paused: {}",
                dispatch.dispatch.pause_detail.as_deref().unwrap_or("by a person")
            ),
            _ => return Ok(()),
        }
    }
}

/// Waits until the receipts have come.
async fn receipts(
    services: &Services,
    home: &Home,
    campaign: CampaignId,
) -> anyhow::Result<CampaignProgress> {
    let reads = home.access(services).await?;
    let started = Instant::now();
    let (mut seen, mut changed_at) = ((0, 0, 0, 0, 0), Instant::now());
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        let progress =
            campaigns::progress(services, &reads, campaign).await?.context("the campaign is gone")?;
        let Some(dispatch) = progress.dispatch.as_ref().map(|progress| &progress.dispatch) else { continue };
        let now = (dispatch.sent, dispatch.failed, dispatch.delivered, dispatch.read, dispatch.replied);
        if now != seen {
            (seen, changed_at) = (now, Instant::now());
        }
        if changed_at.elapsed() >= QUIET_FOR || started.elapsed() >= RECEIPTS_WITHIN {
            return Ok(progress);
        }
    }
}

fn line(progress: &CampaignProgress) -> String {
    let Some(now) = &progress.dispatch else { return "Preparing".to_owned() };
    let dispatch = &now.dispatch;
    format!(
        "{:>6} of {} handled  {:>5.0}/s  submitted {}  delivered {}  read {}  replied {}  failed {}  skipped {}  unknown {}",
        dispatch.audience - dispatch.pending,
        dispatch.audience,
        progress.rate(),
        dispatch.sent,
        dispatch.delivered,
        dispatch.read,
        dispatch.replied,
        dispatch.failed,
        dispatch.skipped,
        dispatch.unknown,
    )
}
