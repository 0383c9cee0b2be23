//! Before people of a finished campaign are tried again: how many exactly, who is left out and why, and the click.

use domain::dispatch::TryAgain;
use domain::ids::CampaignId;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::access::{Read, Send};
use service::campaigns::{self, LeftOut, LeftOutReason, RecipientFilter, Refusal, SecondTry, Settlement};
use service::clock::id_entropy;

use super::drawing::{people_href, reason_href};
use super::times::Times;
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::{Banner, Why};
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::choice::Checkbox;
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{count, people, plural};
use crate::ui::groups::{ReasonCount, ReasonCounts};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::stats::Lead;
use crate::ui::tone::Tone;

/// Where people of a campaign are tried again, and where the click goes.
pub(super) fn retry_path(campaign: impl std::fmt::Display) -> String {
    format!("/campaigns/{campaign}/retry")
}

/// The page for one kind of people.
pub(super) fn retry_href(campaign: impl std::fmt::Display, what: TryAgain) -> String {
    format!("{}?what={what}", retry_path(campaign))
}

const fn title(what: TryAgain) -> &'static str {
    match what {
        TryAgain::Failed => "Retry failed",
        TryAgain::Unknown => "Resend unknown",
    }
}

/// Asks before people are tried again, with the exact number.
#[component]
pub fn RetryPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let what = use_query_map().get_untracked().get("what").and_then(|word| word.parse().ok());
    let what = what.unwrap_or(TryAgain::Failed);
    signed_in(move |request| async move {
        let id: CampaignId = id.parse().map_err(|_| AppError::not_found())?;
        let access = request.workspace_access::<Send>().await?.require::<Read>()?;
        let services = &request.services;
        let campaign = campaigns::get(services, &access, id).await?.ok_or_else(AppError::not_found)?;
        let found =
            campaigns::second_try(services, &access, id, what).await?.ok_or_else(AppError::not_found)?;
        let times = Times::of(&request, &access).await?;
        let name = campaign.name.to_string();
        let crumbs = vec![
            Crumb::link("Campaigns", Section::Campaigns.path()),
            Crumb::link(name.clone(), format!("/campaigns/{id}")),
            Crumb::here(title(what)),
        ];
        let view = page(id, &name, what, &found, times);
        Ok(Screen::new(Section::Campaigns, format!("{} of {name}", title(what)), view).with_crumbs(crumbs))
    })
}

fn page(
    id: CampaignId,
    name: &str,
    what: TryAgain,
    found: &SecondTry,
    times: Times,
) -> impl IntoView + use<> {
    let form = FormState::of(&retry_path(id));
    let refused = found.refusal.as_ref().map(refused);
    let twice = (what == TryAgain::Unknown).then(|| may_get_it_twice(found.settlement, times));
    let head = view! { <PageHead title=title(what) facts=vec![name.to_owned().into_any()]/> };
    let question = question(id, what, found, &form);
    let left_out = left_out_card(id, what, &found.left_out);
    view! {
        <Page form=true>
            {head}
            <FormErrors errors=form.errors()/>
            {refused}
            {twice}
            {question}
            {left_out}
        </Page>
    }
}

fn refused(refusal: &Refusal) -> AnyView {
    let words = match refusal {
        Refusal::NotFinished("cancelled") => {
            "This campaign was cancelled. Who of it is to get a message gets it with a new campaign."
                .to_owned()
        }
        Refusal::NotFinished(state) => {
            format!("This campaign is {state}. People can be tried again when it has finished.")
        }
        Refusal::WindowOver => {
            "The time until which this campaign may be sent is over. A new campaign reaches these people."
                .to_owned()
        }
        Refusal::StillStopped(sentence) => sentence.clone(),
    };
    view! {
        <Banner tone=Tone::Danger>
            <strong>"Nobody can be sent to now. "</strong>
            {words}
        </Banner>
    }
    .into_any()
}

fn may_get_it_twice(settlement: Option<Settlement>, times: Times) -> AnyView {
    let words = match settlement {
        Some(Settlement::Expected { until }) => format!(
            "The line broke after they were handed over, so they may have the message already. A status from WhatsApp may \
             still tell until {}; whoever it settles by then needs nothing more.",
            times.date_time(until)
        ),
        Some(Settlement::Missed { waited }) => format!(
            "The line broke after they were handed over, so they may have the message already. WhatsApp has not reported on \
             them within {}.",
            plural(waited.as_secs() / 3_600, "hour", "hours")
        ),
        None => {
            "The line broke after they were handed over, so they may have the message already.".to_owned()
        }
    };
    view! {
        <Banner tone=Tone::Unknown>
            <strong>"These people may get the message twice. "</strong>
            {words}
        </Banner>
    }
    .into_any()
}

const fn filter(what: TryAgain) -> RecipientFilter {
    match what {
        TryAgain::Failed => RecipientFilter::FailedAgain,
        TryAgain::Unknown => RecipientFilter::UnknownAgain,
    }
}

fn question(id: CampaignId, what: TryAgain, found: &SecondTry, form: &FormState) -> AnyView {
    let campaign = id.to_string();
    let number = u64::try_from(found.people).unwrap_or(0);
    let left_out: i64 = found.left_out.iter().map(|group| group.people).sum();
    let of = format!("of {}", people(number + u64::try_from(left_out).unwrap_or(0)));
    let of = match what {
        TryAgain::Failed => format!("{of} who failed"),
        TryAgain::Unknown => format!("{of} of whom nothing is known"),
    };
    let show = (number > 0).then(|| {
        let href = people_href(&campaign, filter(what).as_str());
        view! { <p><a href=href>{format!("Show these {}", people(number))}</a></p> }.into_any()
    });
    let key: String = id_entropy().iter().map(|byte| format!("{byte:02x}")).collect();
    let label = match what {
        TryAgain::Failed => format!("Send again to {}", people(number)),
        TryAgain::Unknown => format!("Resend to {}", people(number)),
    };
    let reason = match (&found.refusal, number) {
        (Some(_), _) => Some("Why is said above."),
        (None, 0) => Some("Nobody is left to be sent to."),
        _ => None,
    };
    let button = match reason {
        Some(reason) => {
            view! { <Button variant=Variant::Primary icon=Icon::Plane reason=reason>{label}</Button> }
                .into_any()
        }
        None => view! { <Button variant=Variant::Primary icon=Icon::Plane>{label}</Button> }.into_any(),
    };
    let agreed = (what == TryAgain::Unknown && reason.is_none()).then(|| {
        view! {
            <Checkbox name="twice" required=true error=form.error("twice")>
                "I know that some of them may get it twice"
            </Checkbox>
        }
        .into_any()
    });
    let (action, way_back) = (retry_path(id), format!("/campaigns/{id}"));
    let expected = found.people.to_string();
    view! {
        <Card id="question" title="Who gets it" untitled=true>
            <form method="post" action=action>
                <input type="hidden" name="what" value=what.as_str()/>
                <input type="hidden" name="key" value=key/>
                <input type="hidden" name="expected" value=expected/>
                <CardBody>
                    <Lead value=count(number) of=of/>
                    {show}
                    <Why icon=Icon::ShieldCheck>
                        "The same message with the same values goes to the same numbers, from the senders of this campaign. A double click sends it once."
                    </Why>
                    {agreed}
                </CardBody>
                <CardFoot>
                    {button}
                    <ButtonLink href=way_back>"Not now"</ButtonLink>
                </CardFoot>
            </form>
        </Card>
    }
    .into_any()
}

/// Who is not tried again, by reason; each number leads to the people.
fn left_out_card(id: CampaignId, what: TryAgain, left_out: &[LeftOut]) -> Option<AnyView> {
    if left_out.is_empty() {
        return None;
    }
    let campaign = id.to_string();
    let number = |people: i64| u64::try_from(people).unwrap_or(0);
    let total: u64 = left_out.iter().map(|group| number(group.people)).sum();
    let reasons = left_out
        .iter()
        .map(|group| ReasonCount {
            reason: left_out_label(group.reason).to_owned(),
            count: number(group.people),
            href: Some(reason_href(&campaign, filter(what).as_str(), group.reason.as_str())),
        })
        .collect();
    let card = view! {
        <Card id="left-out" title="Left out" count=total>
            <CardBody>
                <p class="t-2 s-13">
                    "Another try would fail as the first one did, or these people may not be written to any more, or have the message."
                </p>
                <ReasonCounts reasons=reasons/>
            </CardBody>
        </Card>
    };
    Some(card.into_any())
}

/// Why somebody is left out, in a few words.
pub(super) fn left_out_label(reason: LeftOutReason) -> &'static str {
    match reason {
        LeftOutReason::Failure(reason) => reason.label(),
        LeftOutReason::Skip(reason) => reason.label(),
        LeftOutReason::Replied => "Replied since",
    }
}
