//! The dry run before a launch: the same audience, the same rules, the same text.

mod blocker;
mod whereabouts;

use std::time::Duration;

use domain::Timestamp;
use domain::campaign::{CAMPAIGN_RECIPIENTS_MAX, CampaignState, DISPATCH_RECIPIENTS_MAX};
use domain::channel::RatePlan;
use domain::delivery::SkipReason;
use domain::ids::{CampaignId, ChannelAccountId, ContactId, WorkspaceId};
use domain::portfolio::{Allowance, Forecast};
use domain::slices::{self, Slice};
use domain::template::{RenderedTemplate, TemplateContent};
use storage::campaigns::Campaign;
use storage::channel_accounts::ChannelAccount;
use storage::dispatches::launch::{self, AudienceQuery};
use storage::{Connection, StorageError, campaigns, channel_accounts, templates};

pub use self::blocker::Blocker;
pub(super) use self::whereabouts::look_around;
pub use self::whereabouts::{Whereabouts, ZoneGroup};
use super::foresight::foresee;
use crate::Services;
use crate::access::{Read, WorkspaceAccess};

/// People shown as a sample.
const SAMPLE_MAX: i64 = 5;

/// Why a campaign cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// There is no such campaign in this workspace.
    #[error("there is no such campaign")]
    NotFound,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Something that was checked and is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A sender can send.
    SenderCanSend {
        /// What it is called.
        sender: String,
        /// Messages a second, at most.
        rate_per_second: u32,
    },
    /// The template is approved.
    TemplateApproved {
        /// Its name.
        template: String,
    },
}

/// People left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Why.
    pub reason: SkipReason,
    /// How many.
    pub contacts: i64,
}

/// A real person's message.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Who.
    pub contact: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// Where it would go.
    pub address: String,
    /// Their message, from the same code that fills what is sent.
    pub message: RenderedTemplate,
}

/// What a launch would do.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// Must be put right first.
    pub blockers: Vec<Blocker>,
    /// Everyone in the lists.
    pub matched: i64,
    /// Who would be sent to.
    pub eligible: i64,
    /// Who would not, by reason.
    pub skipped: Vec<Skipped>,
    /// A few real people.
    pub samples: Vec<Sample>,
    /// The plan of the main sender, once one is chosen.
    pub plan: Option<RatePlan>,
    /// How the audience is cut into parts, and over how many senders these are spread, once a sender is chosen.
    pub parts: Option<Parts>,
    /// When it is to start, if it is to start at a time: for the first of those who get it at that time of their own.
    pub starts_at: Option<Timestamp>,
    /// How long the sending takes at the rates of the plans.
    pub duration: Option<Duration>,
    /// Where people are, if that matters.
    pub whereabouts: Option<Whereabouts>,
    /// What the limit of the sender's portfolio leaves, once a sender is chosen and Meta said which portfolio it belongs to.
    pub allowance: Option<Allowance>,
    /// How the sending goes under it.
    pub forecast: Option<Forecast>,
    /// What was checked and is well.
    pub facts: Vec<Fact>,
}

/// The parts of a large audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How many.
    pub parts: usize,
    /// Senders that carry one.
    pub senders: usize,
    /// What these may send in a second together.
    pub rate_per_second: u32,
}

impl Parts {
    fn of(slices: &[Slice], plans: &[RatePlan]) -> Self {
        let carry = |sender: &usize| slices.iter().any(|slice| slice.sender == *sender);
        let carrying: Vec<usize> = (0..plans.len()).filter(carry).collect();
        Self {
            parts: slices.len(),
            senders: carrying.len(),
            rate_per_second: carrying.iter().map(|sender| plans[*sender].rate_per_second.get()).sum(),
        }
    }
}

/// Checks a campaign as it stands.
pub async fn preflight(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: CampaignId,
) -> Result<Preflight, PreflightError> {
    let workspace = access.workspace();
    let mut conn = services.connection().await?;
    let campaign = campaigns::get(&mut conn, workspace, id).await?.ok_or(PreflightError::NotFound)?;
    let (mut found, ready) = check(&mut conn, workspace, &campaign, Counting::Count).await?;
    let now = services.clock.now();
    if let Some(ready) = ready {
        look_around(&mut conn, workspace, &campaign, now, &ready.audience, &mut found).await?;
    }
    foresee(&mut conn, workspace, &campaign, now, &mut found).await?;
    found.blockers.extend(start_passed(&campaign, now));
    found.blockers.extend(window_over(&campaign, now));
    Ok(found)
}

/// Nobody would get what is launched after its window.
pub(super) fn window_over(campaign: &Campaign, now: Timestamp) -> Option<Blocker> {
    campaign.schedule.ends_at().filter(|ends| *ends <= now).map(|_| Blocker::WindowOver)
}

/// A start that lies in the past keeps a campaign from being scheduled; it does not keep it from being sent now.
pub(super) fn start_passed(campaign: &Campaign, now: Timestamp) -> Option<Blocker> {
    let is_draft = campaign.state == CampaignState::Draft;
    campaign.schedule.starts_at().filter(|at| is_draft && *at <= now).map(|_| Blocker::StartPassed)
}

/// Where the number of people comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// The audience is counted.
    Count,
    /// From whoever launches; the audience is resolved only once, when it is frozen, and counted then.
    Believe(i64),
}

/// What a launch needs beyond the check.
pub(super) struct Ready {
    /// The audience and how variables are filled.
    pub audience: AudienceQuery,
    /// The template as it is now.
    pub content: TemplateContent,
    /// The senders with their plans, the main one first.
    pub senders: Vec<(ChannelAccountId, RatePlan)>,
    /// How the audience is cut over them.
    pub slices: Vec<Slice>,
}

/// Checks a campaign, and gives what a launch needs when nothing stands in its way.
pub(super) async fn check(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    counting: Counting,
) -> Result<(Preflight, Option<Ready>), StorageError> {
    let mut found = Preflight {
        blockers: Vec::new(),
        matched: 0,
        eligible: 0,
        skipped: Vec::new(),
        samples: Vec::new(),
        plan: None,
        parts: None,
        starts_at: campaign.schedule.starts_at(),
        duration: None,
        whereabouts: None,
        allowance: None,
        forecast: None,
        facts: Vec::new(),
    };
    let senders = check_senders(conn, workspace, campaign, &mut found).await?;
    let sender_account = senders.first().and_then(|sender| sender.whatsapp.as_ref());
    let sender_account = sender_account.map(|number| number.waba_id.as_str());
    let content = check_template(conn, workspace, campaign, sender_account, &mut found).await?;
    let audience = audience_of(campaign, content.as_ref());
    match (&audience, counting) {
        (None, _) => found.blockers.push(Blocker::NoAudience),
        (Some(_), Counting::Believe(people)) => found.eligible = people,
        (Some(audience), Counting::Count) => {
            count(conn, workspace, audience, content.as_ref(), &mut found).await?;
        }
    }
    let slices = cut(&senders, &mut found);
    let ready = match (audience, content) {
        (Some(audience), Some(content)) if found.blockers.is_empty() => {
            let senders = senders.into_iter().map(|sender| (sender.id, sender.plan)).collect();
            Some(Ready { audience, content, senders, slices })
        }
        _ => None,
    };
    Ok((found, ready))
}

/// Cuts the audience over the senders that can send, and tells how long they take.
fn cut(senders: &[ChannelAccount], found: &mut Preflight) -> Vec<Slice> {
    let plans: Vec<RatePlan> = senders.iter().map(|sender| sender.plan).collect();
    if plans.is_empty() {
        return Vec::new();
    }
    let people = u32::try_from(found.eligible).unwrap_or(0).min(CAMPAIGN_RECIPIENTS_MAX);
    let slices = slices::cut(people, &plans, DISPATCH_RECIPIENTS_MAX);
    found.parts = Some(Parts::of(&slices, &plans));
    found.duration = Some(slices::duration(&slices, &plans));
    slices
}

/// Returns the senders, the main one first.
async fn check_senders(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    found: &mut Preflight,
) -> Result<Vec<ChannelAccount>, StorageError> {
    let mut senders: Vec<ChannelAccount> = Vec::new();
    for id in campaign.channel_account.iter().chain(&campaign.further_senders) {
        senders.extend(channel_accounts::get(conn, workspace, *id).await?);
    }
    let Some(main) = senders.first() else {
        found.blockers.push(Blocker::NoSender);
        return Ok(senders);
    };
    found.plan = Some(main.plan);
    let account = |sender: &ChannelAccount| sender.whatsapp.as_ref().map(|number| number.waba_id.clone());
    if senders.iter().any(|sender| account(sender) != account(main)) {
        found.blockers.push(Blocker::SendersOfDifferentAccounts);
    }
    for sender in &senders {
        match sender.state.cannot_send() {
            Some(why) if senders.len() > 1 => {
                found.blockers.push(Blocker::SenderCannotSend(format!("{}: {why}", sender.name)));
            }
            Some(why) => found.blockers.push(Blocker::SenderCannotSend(why)),
            None => found.facts.push(Fact::SenderCanSend {
                sender: sender.name.clone(),
                rate_per_second: sender.plan.rate_per_second.get(),
            }),
        }
    }
    Ok(senders)
}

async fn check_template(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: &Campaign,
    sender_account: Option<&str>,
    found: &mut Preflight,
) -> Result<Option<TemplateContent>, StorageError> {
    let template = match campaign.template {
        Some(id) => templates::get(conn, workspace, id).await?,
        None => None,
    };
    let Some(template) = template else {
        found.blockers.push(Blocker::NoTemplate);
        return Ok(None);
    };
    if sender_account.is_some_and(|account| account != template.waba_id) {
        found.blockers.push(Blocker::TemplateOfAnotherAccount);
    }
    let content = match template.content() {
        Ok(content) => content,
        Err(why) => {
            found.blockers.push(Blocker::TemplateCannotBeSent(why.to_string()));
            return Ok(None);
        }
    };
    if let Err(why) = content.sendable(&template.state) {
        found.blockers.push(Blocker::TemplateCannotBeSent(why.to_string()));
    } else {
        found.facts.push(Fact::TemplateApproved { template: template.name.to_string() });
    }
    if let Err(problem) = super::mapping_of(campaign).fits(&content) {
        found.blockers.push(Blocker::Variables(problem.to_string()));
    }
    Ok(Some(content))
}

fn audience_of(campaign: &Campaign, content: Option<&TemplateContent>) -> Option<AudienceQuery> {
    let lists = campaign
        .audience
        .as_ref()
        .map(|audience| audience.lists.clone())
        .filter(|lists| !lists.is_empty())?;
    let mapping = super::mapping_of(campaign);
    // Without a template nobody knows whether consent is needed: the stricter rule then.
    let needs_consent = content.is_none_or(|content| content.category.needs_consent());
    Some(AudienceQuery {
        lists,
        address_kind: "phone",
        needs_consent,
        variable_fields: mapping.0.iter().map(|source| source.word().to_owned()).collect(),
        variable_attributes: mapping.0.iter().map(|source| source.attribute().to_owned()).collect(),
        variable_fallbacks: mapping.0.iter().map(|source| source.fallback().to_owned()).collect(),
    })
}

async fn count(
    conn: &mut Connection,
    workspace: WorkspaceId,
    audience: &AudienceQuery,
    content: Option<&TemplateContent>,
    found: &mut Preflight,
) -> Result<(), StorageError> {
    for group in launch::count_audience(conn, workspace, audience).await? {
        found.matched += group.contacts;
        match group.skip_reason {
            None => found.eligible += group.contacts,
            Some(word) => {
                let reason = word.parse().map_err(|_| StorageError::Unreadable {
                    table: "resolve_audience",
                    column: "skip_reason",
                })?;
                found.skipped.push(Skipped { reason, contacts: group.contacts });
            }
        }
    }
    if found.eligible == 0 {
        found.blockers.push(Blocker::NobodyLeft);
    }
    if found.eligible > i64::from(CAMPAIGN_RECIPIENTS_MAX) {
        found.blockers.push(Blocker::TooMany { recipients: found.eligible });
    }
    if let Some(content) = content {
        for person in launch::sample_audience(conn, workspace, audience, SAMPLE_MAX).await? {
            found.samples.push(Sample {
                contact: person.contact,
                name: person.name,
                address: person.address,
                message: content.render(&person.variables),
            });
        }
    }
    Ok(())
}
