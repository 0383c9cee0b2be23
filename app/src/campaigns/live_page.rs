//! The live page: watch a campaign, understand it, intervene.

use domain::campaign::CampaignState;
use domain::ids::CampaignId;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::access::{Read, WorkspaceAccess};
use service::campaigns::{self, CampaignProgress, Chosen, SentMessage};

use super::islands::LiveCampaign;
use super::live_again::activity_words;
use super::live_cards::{LiveHead, Part, as_of, line_banners};
use super::recipients::{self, Shown};
use super::scheduled_page::scheduled_page;
use super::snapshot::Snapshot;
use super::times::Times;
use super::watching::{head_of, shares_with_app, snapshot};
use crate::error::AppError;
use crate::page::{Screen, redirect, signed_in};
use crate::request::RequestContext;
use crate::shell::{Crumb, Section};
use crate::templates::preview::bubble;
use crate::ui::button::{Button, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::Tag;
use crate::ui::dialog::{Dialog, DialogFoot};
use crate::ui::format::{count, people};
use crate::ui::icon::Icon;
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::phone::PhonePreview;
use crate::ui::timeline::{Event, Timeline};
use crate::ui::tone::Tone;

/// Everything the page shows.
struct Shape {
    head: LiveHead,
    snapshot: Snapshot,
    progress: CampaignProgress,
    chosen: Chosen,
    message: Option<SentMessage>,
    times: Times,
}

/// A launched campaign. A draft leads on to its composer.
#[component]
pub fn CampaignPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let shown = Shown::of(&query);
    let asks_to_cancel = query.get("ask").as_deref() == Some("cancel");
    signed_in(move |request| async move {
        let id: CampaignId = id.parse().map_err(|_| AppError::not_found())?;
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let chosen = campaigns::chosen(services, &access, id).await?.ok_or_else(AppError::not_found)?;
        if let Some(start) = &chosen.campaign.start {
            return scheduled_page(&request, &access, &chosen, start).await;
        }
        if chosen.campaign.state == CampaignState::Draft {
            return Ok(to_composer(id));
        }
        let Some(shape) = shape(&request, &access, chosen).await? else {
            return Ok(to_composer(id));
        };
        let page =
            campaigns::recipients(services, &access, id, shown.filter, shown.reason.as_deref(), shown.after)
                .await?
                .ok_or_else(AppError::not_found)?;
        let campaign = id.to_string();
        let table = recipients::card(&campaign, &shape.snapshot, &page, &shown, shape.times);
        let question = (asks_to_cancel && shape.head.may_send && !shape.snapshot.has_ended())
            .then(|| cancel_question(&campaign, &shape));
        let name = shape.head.name.clone();
        let side = side(&shape);
        let part = |part: Part| part.placed(&shape.head, &shape.snapshot);
        let (head, progress, funnel) = (part(Part::Head), part(Part::Progress), part(Part::Funnel));
        let (throughput, groups) = (part(Part::Throughput), part(Part::NotThrough));
        let parts = part(Part::Parts);
        let banners = line_banners(&campaign, as_of(&shape.snapshot));
        let view = view! {
            <LiveCampaign campaign=campaign people=shown.query()>
                {head}
                {banners}
                <div class="split split-live">
                    <div class="stack">{progress} {parts} {funnel} {throughput} {groups}</div>
                    <div class="stack">{table}</div>
                    <aside class="stack" aria-label="Message and activity">
                        {side}
                    </aside>
                </div>
                <p class="vh" role="status" data-live-said=""></p>
            </LiveCampaign>
            {question}
        };
        let crumbs = vec![Crumb::link("Campaigns", Section::Campaigns.path()), Crumb::here(name.clone())];
        Ok(Screen::new(Section::Campaigns, name, view).with_crumbs(crumbs))
    })
}

fn to_composer(id: CampaignId) -> Screen {
    let href = format!("/campaigns/{id}/compose");
    redirect(&href);
    Screen::new(Section::Campaigns, "Draft", view! { <p><a href=href>"Open the draft"</a></p> })
}

async fn shape(
    request: &RequestContext,
    access: &WorkspaceAccess<Read>,
    chosen: Chosen,
) -> Result<Option<Shape>, AppError> {
    let services = &request.services;
    let id = chosen.campaign.id;
    let times = Times::of(request, access).await?;
    let progress = campaigns::progress(services, access, id).await?.ok_or_else(AppError::not_found)?;
    let Some(snapshot) = snapshot(&progress, times.zone, shares_with_app(&chosen)) else {
        return Ok(None);
    };
    let message = campaigns::sent_message(services, access, id).await?;
    let head = head_of(&chosen, &progress, times, access.role());
    Ok(Some(Shape { head, snapshot, progress, chosen, message, times }))
}

fn side(shape: &Shape) -> impl IntoView + use<> {
    let message = shape.message.as_ref().map(|message| message_card(shape, message));
    view! {
        {message}
        {activity(shape)}
    }
}

fn message_card(shape: &Shape, message: &SentMessage) -> impl IntoView + use<> {
    let launched = shape.progress.dispatch.as_ref().map(|progress| progress.dispatch.launched_at);
    let frozen = launched.map(|at| {
        let words = format!("Frozen {}", shape.times.clock(at));
        view! { <Tag icon=Icon::Lock>{words}</Tag> }.into_any()
    });
    let number = shape.chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
    let business = number.map_or_else(|| shape.head.sender.clone(), |number| number.verified_name.clone());
    let time = launched.map(|at| shape.times.clock(at)).unwrap_or_default();
    let bubbles = vec![bubble(&message.content, &message.message, &time)];
    let content = &message.content;
    let template = match &shape.chosen.template {
        Some(template) => {
            let href = format!("/templates/{}", template.id);
            view! { <a class="mono" href=href>{content.name.clone()}</a> }.into_any()
        }
        None => view! { <span class="mono">{content.name.clone()}</span> }.into_any(),
    };
    let lists: Vec<String> = shape.chosen.lists.iter().map(|list| list.name.to_string()).collect();
    let audience =
        if lists.is_empty() { "Lists that were deleted since".to_owned() } else { lists.join(", ") };
    let as_whom = match &message.person {
        Some((contact, name)) => {
            let name = if name.is_empty() { "one of them".to_owned() } else { name.clone() };
            view! { <a href=format!("/contacts/{contact}")>{name}</a> }.into_any()
        }
        None => "with WhatsApp’s example values".into_any(),
    };
    let facts = vec![
        Fact::new("Shown for", as_whom),
        Fact::new("Template", template),
        Fact::new("Language", content.language_tag()),
        Fact::new("Category", content.category.label().to_owned()),
        Fact::new("Audience", audience),
    ];
    view! {
        <Card id="message" title="Message as sent" class="card-clip" end=frozen>
            <div class="stage">
                <PhonePreview business=business bubbles=bubbles/>
            </div>
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
}

/// What happened to the campaign as a whole, newest first.
fn activity(shape: &Shape) -> Option<AnyView> {
    let dispatch = &shape.progress.dispatch.as_ref()?.dispatch;
    let snapshot = &shape.snapshot;
    let times = shape.times;
    let mut happened = Vec::new();
    if snapshot.standing != super::snapshot::Standing::Running {
        let words = super::words::state(snapshot);
        let detail = match &snapshot.pause {
            Some(pause) => pause.sentence.clone(),
            None => super::words::progress_text(snapshot) + ".",
        };
        happened.push((words.tone, words.words, dispatch.state_changed_at, detail));
    }
    for later in shape.progress.later_tries.iter().rev() {
        let (headline, detail) = activity_words(later);
        happened.push((Tone::Neutral, headline, later.at, detail));
    }
    let by = shape.progress.launched_by.clone().unwrap_or_else(|| "Somebody".to_owned());
    let skipped = snapshot.skipped_at_launch();
    let frozen = match skipped {
        0 => format!("{} frozen.", people(snapshot.audience.into())),
        _ => format!("{} frozen, {} skipped.", people(snapshot.audience.into()), count(skipped.into())),
    };
    happened.push((Tone::Neutral, format!("{by} launched"), dispatch.launched_at, frozen));
    let events = happened
        .into_iter()
        .map(|(tone, what, at, detail)| {
            view! {
                <Event tone=tone headline=what.into_any() when=times.moment(at) datetime=at.to_rfc3339()>
                    <p>{detail}</p>
                </Event>
            }
        })
        .collect_view();
    let card = view! {
        <Card id="activity" title="Activity">
            <CardBody>
                <Timeline plain=true>{events}</Timeline>
            </CardBody>
        </Card>
    };
    Some(card.into_any())
}

fn cancel_question(campaign: &str, shape: &Shape) -> impl IntoView + use<> {
    let snapshot = &shape.snapshot;
    let way_back = format!("/campaigns/{campaign}");
    let in_the_air = match snapshot.in_the_air {
        0 => "Nobody’s message is on its way at this moment.".to_owned(),
        flying => format!("About {} are on their way and cannot be stopped.", count(flying.into())),
    };
    let text = format!("{} will not get it. {in_the_air}", people(snapshot.waiting().into()));
    let action = format!("/campaigns/{campaign}/cancel");
    view! {
        <Dialog
            id="cancel"
            title=format!("Cancel {}?", shape.head.name)
            text=text
            open_with_way_back=way_back.clone()
        >
            <form method="post" action=action>
                <DialogFoot
                    way_back=way_back
                    cancel="Keep it"
                    context="It cannot be started again."
                >
                    <Button variant=Variant::DangerFill>"Cancel send"</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
}
