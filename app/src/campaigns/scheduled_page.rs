//! A campaign that waits for its start: when, for whom, on whose behalf, and how to change one's mind.

use domain::workspace::Permission;
use leptos::prelude::*;
use service::access::{Read, WorkspaceAccess};
use service::campaigns::{self, Chosen, PlannedStart, Preflight};
use service::clock::id_entropy;

use super::list_rows::scheduled_chip;
use super::review_page::preflight_error;
use super::review_zones::{waits_words, zones_card};
use super::times::Times;
use crate::error::AppError;
use crate::page::Screen;
use crate::request::RequestContext;
use crate::shell::{Crumb, Section};
use crate::ui::banner::{Banner, Why};
use crate::ui::button::{Button, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::{ChannelGlyph, ChannelMark};
use crate::ui::format::{count, people};
use crate::ui::icon::Icon;
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::page_head::{Page, PageHead};
use crate::ui::tone::Tone;

/// The page. Where the start is no more, the caller shows another one.
pub(super) async fn scheduled_page(
    request: &RequestContext,
    access: &WorkspaceAccess<Read>,
    chosen: &Chosen,
    start: &PlannedStart,
) -> Result<Screen, AppError> {
    let id = chosen.campaign.id;
    let services = &request.services;
    let times = Times::of(request, access).await?;
    let found = campaigns::preflight(services, access, id).await.map_err(preflight_error)?;
    let by = campaigns::scheduled_by(services, access, id).await?.unwrap_or_else(|| "Somebody".to_owned());
    let may_send = access.role().may(Permission::Send);
    let actions = may_send.then(|| actions(chosen, &found));
    let blocked = blocked(&found);
    let mark = view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any();
    let schedule = chosen.campaign.schedule;
    let first = if schedule.local_time { " for the first people" } else { "" };
    let starts = format!("Starts {}{first}", times.start(start.at, schedule));
    let head_facts = vec![
        view! { <b class="medium">{starts}</b> }.into_any(),
        format!("Scheduled by {by}, {}", times.weekday(start.set_at)).into_any(),
    ];
    let name = chosen.campaign.name.to_string();
    let title = name.clone();
    let facts = facts(chosen, start, &found, times);
    let zones = found.whereabouts.as_ref().map(|whereabouts| zones_card(whereabouts, schedule, times));
    let view = view! {
        <Page>
            <PageHead title=title mark=mark state=scheduled_chip() facts=head_facts actions=actions/>
            {blocked}
            <Card id="plan" title="What will be sent">
                <CardBody class="stack-3">
                    <KeyValues facts=facts/>
                    <Why icon=Icon::ShieldCheck>
                        "Who gets it is decided at the start: whoever opts out before does not, and if something stands in the way then, nothing is sent and the campaign is a draft again."
                    </Why>
                </CardBody>
            </Card>
            {zones}
        </Page>
    };
    let crumbs = vec![Crumb::link("Campaigns", Section::Campaigns.path()), Crumb::here(name.clone())];
    Ok(Screen::new(Section::Campaigns, name, view).with_crumbs(crumbs))
}

fn facts(chosen: &Chosen, start: &PlannedStart, found: &Preflight, times: Times) -> Vec<Fact> {
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    let lists: Vec<String> = chosen.lists.iter().map(|list| list.name.to_string()).collect();
    let mut facts = vec![
        Fact::new("From", chosen.sender.as_ref().map_or("–".to_owned(), |sender| sender.name.clone())),
        Fact::new("To", if lists.is_empty() { "–".to_owned() } else { lists.join(", ") }),
        Fact::new("As of now", people(number(found.eligible))),
    ];
    if let Some(expected) = start.expected.filter(|expected| *expected != found.eligible) {
        facts.push(Fact::new("When it was scheduled", people(number(expected))));
    }
    let waits = waits_words(chosen.campaign.schedule);
    if !waits.is_empty() {
        facts.push(Fact::new("Who waits", waits.join(" ")));
    }
    if let Some(until) = chosen.campaign.schedule.not_after {
        facts.push(Fact::new("Not later than", times.until(until)));
    }
    if let Some(template) = &chosen.template {
        let href = format!("/templates/{}", template.id);
        let name = template.name.clone();
        facts.push(Fact::new("Template", view! { <a class="mono" href=href>{name}</a> }));
    }
    facts
}

fn blocked(found: &Preflight) -> Option<AnyView> {
    (!found.blockers.is_empty()).then(|| {
        let sentences: Vec<String> = found.blockers.iter().map(campaigns::Blocker::sentence).collect();
        view! {
            <Banner tone=Tone::Danger>
                <strong>"As it stands, it would not start. "</strong>
                {sentences.join(" ")}
            </Banner>
        }
        .into_any()
    })
}

fn actions(chosen: &Chosen, found: &Preflight) -> AnyView {
    let id = chosen.campaign.id;
    let key: String = id_entropy().iter().map(|byte| format!("{byte:02x}")).collect();
    let ready = found.blockers.is_empty();
    let send = ready.then(|| {
        let label = format!("Send to {} now", count(u64::try_from(found.eligible).unwrap_or(0)));
        view! {
            <form id="send-now" method="post" action=format!("/campaigns/{id}/launch") hidden>
                <input type="hidden" name="key" value=key/>
                <input type="hidden" name="expected" value=found.eligible.to_string()/>
            </form>
            <Button icon=Icon::Plane class="grow-s" attr:form="send-now">
                {label}
            </Button>
        }
    });
    view! {
        {send}
        <form id="unschedule" method="post" action=format!("/campaigns/{id}/unschedule") hidden></form>
        <Button variant=Variant::Primary icon=Icon::Edit class="grow-s" attr:form="unschedule">
            "Unschedule and edit"
        </Button>
    }
    .into_any()
}
