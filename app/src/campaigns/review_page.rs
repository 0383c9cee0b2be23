//! The last step before the click: who, how long, what stands in the way, and how it looks for a real person.

use domain::Timestamp;
use domain::delivery::SkipReason;
use leptos::prelude::*;
use service::campaigns::{self, Blocker, Fact, Parts, Preflight, PreflightError, Skipped};
use service::clock::id_entropy;

use super::compose_page::{Composer, start_problem};
use super::compose_steps::{Step, head};
use super::review_limit;
use super::review_preview::preview_card;
use super::review_zones::{waits_words, zones_card};
use crate::error::AppError;
use crate::forms::FormState;
use crate::ui::banner::Why;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::{Chip, Mark};
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{count, duration, people, plural};
use crate::ui::groups::{Finding, Groups, ReasonCount, ReasonCounts};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, Split};
use crate::ui::stats::{Stat, Stats};
use crate::ui::tone::Tone;

/// Days before the end of a credential from which on it is a warning.
const CREDENTIAL_WARNING_DAYS: i64 = 7;

pub(super) fn preflight_error(error: PreflightError) -> AppError {
    match error {
        PreflightError::NotFound => AppError::not_found(),
        PreflightError::Storage(error) => error.into(),
    }
}

/// A condition that does not keep anybody from launching.
struct Warning {
    icon: Icon,
    title: &'static str,
    text: String,
}

/// The review of a draft.
pub(super) async fn review(composer: &Composer) -> Result<AnyView, AppError> {
    let services = &composer.request.services;
    let id = composer.chosen.campaign.id;
    let found = campaigns::preflight(services, &composer.access, id).await.map_err(preflight_error)?;
    let warnings = warnings(composer, &found);
    let form = FormState::of(&launch_action(composer, start(composer)));
    let zones = found
        .whereabouts
        .as_ref()
        .map(|whereabouts| zones_card(whereabouts, composer.chosen.campaign.schedule, composer.times));
    let side = view! {
        {send_card(composer, &found)}
        {preview_card(composer, &found, Step::Review, None)}
    }
    .into_any();
    let head = head(&composer.chosen, Step::Review, composer.times);
    let summary = summary(composer, &found);
    let preflight = preflight_card(composer, &found, warnings);
    let problem = start_problem(composer);
    Ok(view! {
        <Page>
            {head}
            {problem}
            <FormErrors errors=form.errors()/>
            <Split wide=true sticky=true side_label="Send and preview" side=side>
                {summary}
                {preflight}
                {zones}
            </Split>
        </Page>
    }
    .into_any())
}

/// When it is to start; `None` for with the click.
fn start(composer: &Composer) -> Option<Timestamp> {
    composer.chosen.campaign.schedule.starts_at()
}

fn launch_action(composer: &Composer, start: Option<Timestamp>) -> String {
    let verb = if start.is_some() { "schedule" } else { "launch" };
    format!("/campaigns/{}/{verb}", composer.chosen.campaign.id)
}

fn warnings(composer: &Composer, found: &Preflight) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let is_planned = start(composer).is_some();
    if let Some((title, text)) = review_limit::rest(found, is_planned, composer.times) {
        warnings.push(Warning { icon: Icon::Gauge, title, text });
    }
    if let Some(ends) = composer.chosen.sender.as_ref().and_then(|sender| sender.credential_expires_at)
        && (ends - composer.times.now).num_days() < CREDENTIAL_WARNING_DAYS
    {
        warnings.push(Warning {
            icon: Icon::Clock,
            title: "The sender’s token ends soon",
            text: format!("It ends {}. Renew it under Channels.", composer.times.date_time(ends)),
        });
    }
    let ends = found.duration.and_then(|takes| chrono::TimeDelta::from_std(takes).ok());
    let ends = ends.map(|takes| found.starts_at.unwrap_or(composer.times.now) + takes);
    let too_late = found.whereabouts.as_ref().map_or(0, |whereabouts| whereabouts.too_late);
    if let Some(until) = composer.chosen.campaign.schedule.not_after
        && too_late > 0
    {
        warnings.push(Warning {
            icon: Icon::Clock,
            title: "For some the time is over before it begins",
            text: format!(
                "{} cannot be written to before {}: it is too early or too late where they are. They are left out.",
                people(u64::try_from(too_late).unwrap_or(0)),
                composer.times.until(until)
            ),
        });
    } else if let Some(until) = composer.chosen.campaign.schedule.not_after
        && ends.is_some_and(|ends| ends > until.instant())
    {
        warnings.push(Warning {
            icon: Icon::Clock,
            title: "The time is too short for everybody",
            text: format!(
                "At the speed of this number it takes longer than until {}. Whoever is not reached by then is left out.",
                composer.times.until(until)
            ),
        });
    }
    if composer.chosen.template.as_ref().is_some_and(|template| template.quality.as_deref() == Some("RED")) {
        warnings.push(Warning {
            icon: Icon::Warn,
            title: "People react badly to this template",
            text: "WhatsApp rates its quality low and may pause it while it is being sent.".to_owned(),
        });
    }
    warnings
}

fn summary(composer: &Composer, found: &Preflight) -> impl IntoView + use<> {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    let eligible = number(found.eligible);
    let seconds = found.duration.filter(|_| eligible > 0).map(|duration| duration.as_secs());
    let nothing = || "–".to_owned();
    let pace = found.parts.map(pace);
    let ends = seconds.and_then(|seconds| i64::try_from(seconds).ok()).map(|seconds| {
        let since = found.starts_at.unwrap_or(composer.times.now);
        composer.times.near(since + chrono::TimeDelta::seconds(seconds))
    });
    let if_sent = if start(composer).is_some() { "if it starts as planned" } else { "if sent now" };
    let number_of_sender = composer.chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
    let (left, of) = review_limit::left_after(found, number_of_sender);
    let stats = vec![
        Stat::new("Will get it", count(eligible))
            .note(format!("of {} on the lists", count(number(found.matched)))),
        Stat::new("Takes", seconds.map_or_else(nothing, |seconds| duration(seconds.max(1))))
            .note(pace.unwrap_or_else(|| "No sender yet".to_owned())),
        Stat::new("Ends", ends.unwrap_or_else(nothing))
            .note(format!("{if_sent}, {}", composer.times.zone_words())),
        Stat::new("Limit left after", left).note(of),
    ];
    view! {
        <Card id="summary" title="Summary" untitled=true>
            <Stats stats=stats/>
        </Card>
    }
}

/// How fast, and with how many parts and senders if there are several.
fn pace(parts: Parts) -> String {
    let rate = format!("{} a second", count(parts.rate_per_second.into()));
    match (parts.parts, parts.senders) {
        (0 | 1, _) => rate,
        (parts, 1) => format!("{} one after the other, {rate}", plural(parts as u64, "part", "parts")),
        (parts, senders) => {
            let parts = plural(parts as u64, "part", "parts");
            format!("{parts} over {}, {rate} together", plural(senders as u64, "sender", "senders"))
        }
    }
}

fn preflight_card(composer: &Composer, found: &Preflight, warnings: Vec<Warning>) -> impl IntoView + use<> {
    let id = composer.chosen.campaign.id;
    let blocking = found.blockers.len() as u64;
    let verdict = if blocking == 0 {
        view! { <Chip tone=Tone::Positive mark=Mark::Icon(Icon::Check)>"Nothing blocks"</Chip> }.into_any()
    } else {
        let words = format!("{} to fix", plural(blocking, "thing", "things"));
        view! { <Chip tone=Tone::Danger mark=Mark::Icon(Icon::Cross)>{words}</Chip> }.into_any()
    };
    let warned = (!warnings.is_empty()).then(|| {
        let words = plural(warnings.len() as u64, "warning", "warnings");
        view! { <Chip tone=Tone::Caution mark=Mark::Icon(Icon::Warn)>{words}</Chip> }
    });
    let again = view! {
        <ButtonLink href=Step::Review.href(id) size=Size::S variant=Variant::Ghost icon=Icon::Refresh>
            "Run again"
        </ButtonLink>
    };
    let end = view! {
        {verdict}
        {warned}
        {again}
    }
    .into_any();
    let blockers = found.blockers.iter().map(|blocker| blocker_row(composer, blocker)).collect_view();
    let warnings = warnings
        .into_iter()
        .map(|warning| {
            view! { <Finding tone=Tone::Caution icon=warning.icon title=warning.title text=warning.text/> }
        })
        .collect_view();
    let facts = found
        .facts
        .iter()
        .map(|fact| view! { <Finding tone=Tone::Positive icon=Icon::Check title=fact_words(fact)/> })
        .collect_view();
    let consent = consent_fact(composer, found);
    let skipped = skipped_row(&found.skipped);
    view! {
        <Card id="preflight" title="Preflight" hint="a dry run of the real send" end=end>
            <Groups top=true>{blockers} {warnings} {facts} {consent} {skipped}</Groups>
        </Card>
    }
}

fn fact_words(fact: &Fact) -> String {
    match fact {
        Fact::SenderCanSend { sender, rate_per_second } => {
            format!("{sender} can send, at most {} a second.", count(u64::from(*rate_per_second)))
        }
        Fact::TemplateApproved { template } => format!("Template {template} is approved."),
    }
}

fn blocker_row(composer: &Composer, blocker: &Blocker) -> impl IntoView + use<> {
    let id = composer.chosen.campaign.id;
    let (title, href, verb) = match blocker {
        Blocker::NoSender => ("No sender", Step::Sender.href(id), "Choose a sender"),
        Blocker::SenderCannotSend(_) => ("The sender cannot send", "/channels".to_owned(), "See the sender"),
        Blocker::SendersOfDifferentAccounts => {
            ("The senders share no templates", Step::Sender.href(id), "Choose other senders")
        }
        Blocker::NoTemplate => ("No template", Step::Template.href(id), "Choose a template"),
        Blocker::TemplateCannotBeSent(_) => {
            ("The template cannot be sent", Step::Template.href(id), "Choose another")
        }
        Blocker::TemplateOfAnotherAccount => {
            ("The template is not the sender’s", Step::Template.href(id), "Choose another")
        }
        Blocker::Variables(_) => ("A variable is not filled", Step::Variables.href(id), "Fill the variables"),
        Blocker::NoAudience => ("No audience", Step::Audience.href(id), "Choose lists"),
        Blocker::NobodyLeft => ("Nobody would get it", Step::Audience.href(id), "Change the lists"),
        Blocker::StartPassed => ("The start has passed", Step::Schedule.href(id), "Change the start"),
        Blocker::WindowOver => ("The time for it has passed", Step::Schedule.href(id), "Change the time"),
        Blocker::TooMany { .. } => ("Too many people", Step::Audience.href(id), "Change the lists"),
    };
    let action = view! { <ButtonLink href=href size=Size::S>{verb}</ButtonLink> }.into_any();
    view! { <Finding tone=Tone::Danger icon=Icon::Cross title=title text=blocker.sentence() actions=action/> }
}

/// For marketing: that nobody is among them who did not agree.
fn consent_fact(composer: &Composer, found: &Preflight) -> Option<AnyView> {
    let content = composer.content.as_ref()?;
    let checked = content.category.needs_consent() && found.eligible > 0;
    checked.then(|| {
        let text = format!("A recorded opt-in for each of the {}.", people(u64::try_from(found.eligible).unwrap_or(0)));
        view! { <Finding tone=Tone::Positive icon=Icon::Check title="Everyone opted in to marketing" text=text/> }
            .into_any()
    })
}

fn skipped_row(skipped: &[Skipped]) -> Option<AnyView> {
    let total: i64 = skipped.iter().map(|group| group.contacts).sum();
    (total > 0).then(|| {
        let title = format!("{} will be skipped", people(u64::try_from(total).unwrap_or(0)));
        let counts = skipped_counts(skipped);
        view! {
            <Finding tone=Tone::Neutral icon=Icon::Skip title=title>
                {counts}
            </Finding>
        }
        .into_any()
    })
}

/// Who is left out, by reason, most people first.
pub(super) fn skipped_counts(skipped: &[Skipped]) -> impl IntoView + use<> {
    let mut groups: Vec<&Skipped> = skipped.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.contacts));
    let reasons = groups
        .into_iter()
        .map(|group| ReasonCount {
            reason: SkipReason::label(group.reason).to_owned(),
            count: u64::try_from(group.contacts).unwrap_or(0),
            href: None,
        })
        .collect();
    view! { <ReasonCounts reasons=reasons/> }
}

fn send_card(composer: &Composer, found: &Preflight) -> impl IntoView + use<> {
    let eligible = u64::try_from(found.eligible).unwrap_or(0);
    let key: String = id_entropy().iter().map(|byte| format!("{byte:02x}")).collect();
    let start = start(composer);
    let (label, icon) = match start {
        Some(_) => (format!("Schedule for {}", people(eligible)), Icon::Calendar),
        None => (format!("Send to {}", people(eligible)), Icon::Plane),
    };
    let when = when(composer, found, start);
    let button = match found.blockers.len() as u64 {
        0 => view! {
            <Button variant=Variant::Primary size=Size::L block=true icon=icon>
                {label}
            </Button>
        }
        .into_any(),
        to_fix => {
            let label = format!("{} to fix", plural(to_fix, "thing", "things"));
            let reason = "Each has a red cross in the preflight.";
            view! {
                <Button variant=Variant::Primary size=Size::L block=true icon=icon reason=reason>
                    {label}
                </Button>
            }
            .into_any()
        }
    };
    let (action, expected) = (launch_action(composer, start), found.eligible.to_string());
    view! {
        <Card id="send" title="Send" untitled=true>
            <CardBody class="stack-3">
                {when}
                <form method="post" action=action class="stack stack-3">
                    <input type="hidden" name="key" value=key/>
                    <input type="hidden" name="expected" value=expected/>
                    {button}
                </form>
                <Why icon=Icon::ShieldCheck>
                    "What you see here is what is sent. A double click sends it once."
                </Why>
            </CardBody>
        </Card>
    }
}

/// When it starts, how long it can be taken back, and the way to change that.
fn when(composer: &Composer, found: &Preflight, start: Option<Timestamp>) -> impl IntoView + use<> {
    let schedule = composer.chosen.campaign.schedule;
    let words = match start {
        Some(_) if schedule.local_time => {
            let first = found.starts_at.unwrap_or(composer.times.now);
            format!("Starts {} for the first of them.", composer.times.start(first, schedule))
        }
        Some(at) => format!("Starts {}.", composer.times.start(at, schedule)),
        None => match schedule.undo.seconds() {
            0 => "Starts when you press the button.".to_owned(),
            undo => format!("Starts {undo} s after you press the button; until then you can take it back."),
        },
    };
    let until = schedule
        .not_after
        .map(|until| format!(" Whoever has not got it by {} is left out.", composer.times.until(until)));
    let href = Step::Schedule.href(composer.chosen.campaign.id);
    let waits: String = waits_words(schedule).into_iter().map(|sentence| format!(" {sentence}")).collect();
    view! {
        <Why icon=Icon::Clock>
            {words}
            {waits}
            {until}
            " "
            <a href=href>"Change"<span class="vh">" the schedule"</span></a>
        </Why>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_names_parts_and_senders() {
        let of = |parts, senders, rate_per_second| pace(Parts { parts, senders, rate_per_second });
        assert_eq!(of(1, 1, 80), "80 a second");
        assert_eq!(of(3, 1, 80), "3 parts one after the other, 80 a second");
        assert_eq!(of(5, 2, 1_000), "5 parts over 2 senders, 1,000 a second together");
    }
}
