//! The composer: five pages over one draft, each a plain form.

use domain::campaign::CampaignState;
use domain::template::TemplateContent;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::access::{Read, Send, WorkspaceAccess};
use service::campaigns::{self, Chosen};
use service::channel_accounts;
use service::templates::Template;

use super::compose_audience::audience_step;
use super::compose_forms::NEW_PATH;
use super::compose_schedule::schedule_step;
use super::compose_sender::sender_fields;
use super::compose_steps::{Step, head, new_head};
use super::compose_template::template_step;
use super::compose_variables::{at_first, variable_fields};
use super::review_page;
use super::review_preview::preview_card;
use super::times::Times;
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, redirect, signed_in};
use crate::request::RequestContext;
use crate::shell::{Crumb, Section};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::empty::Empty;
use crate::ui::form_errors::FormErrors;
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, Split, WizardFoot};
use crate::ui::tone::Tone;

/// The id of the form of a step, to which the buttons at the foot belong.
pub(super) const FORM_ID: &str = "step";

/// Everything a step is drawn from.
pub(super) struct Composer {
    pub(super) request: RequestContext,
    pub(super) access: WorkspaceAccess<Read>,
    pub(super) chosen: Chosen,
    pub(super) content: Option<TemplateContent>,
    pub(super) times: Times,
    pub(super) sample: usize,
    pub(super) search: String,
}

impl Composer {
    pub(super) fn has_variables(&self) -> bool {
        self.content.as_ref().is_some_and(|content| !content.variables().is_empty())
    }

    /// The business name above the chat.
    pub(super) fn business(&self) -> String {
        let number = self.chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
        number.map_or_else(|| "Your business".to_owned(), |number| number.verified_name.clone())
    }
}

/// The first page of a campaign that is not there yet.
#[component]
pub fn NewCampaignPage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Send>().await?.require::<Read>()?;
        let senders = channel_accounts::list(&request.services, &access).await?;
        let form = FormState::of(NEW_PATH);
        let back = view! { <ButtonLink href=Section::Campaigns.path()>"Cancel"</ButtonLink> }.into_any();
        let forward = view! {
            <Button variant=Variant::Primary icon_end=Icon::Right attr:form=FORM_ID>
                "Save and choose a template"
            </Button>
        }
        .into_any();
        let only = if let [sender] = &senders[..] { sender.id.to_string() } else { String::new() };
        let view = view! {
            <Page>
                {new_head()}
                <form id=FORM_ID method="post" action=NEW_PATH class="stack page-form">
                    {sender_fields(&form, String::new(), only, &[], &senders)}
                </form>
                <WizardFoot back=back note="Nothing is sent before you have reviewed it" forward=forward/>
            </Page>
        };
        let crumbs = vec![Crumb::link("Campaigns", Section::Campaigns.path()), Crumb::here("New campaign")];
        Ok(Screen::new(Section::Campaigns, "New campaign", view).with_crumbs(crumbs))
    })
}

/// A step of the composer: the one that is asked for, or the first in which something is left to do.
#[component]
pub fn ComposePage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let query = use_query_map().get_untracked();
    signed_in(move |request| async move {
        let id = super::forms::campaign_id(&id)?;
        let access = request.workspace_access::<Send>().await?.require::<Read>()?;
        let chosen =
            campaigns::chosen(&request.services, &access, id).await?.ok_or_else(AppError::not_found)?;
        if chosen.campaign.state != CampaignState::Draft {
            let href = format!("/campaigns/{id}");
            redirect(&href);
            return Ok(Screen::new(
                Section::Campaigns,
                "Not a draft",
                view! { <p><a href=href>"Open it"</a></p> },
            ));
        }
        let step = query.get("step").and_then(|word| Step::parse(&word));
        let step = step.unwrap_or_else(|| Step::first_open(&chosen));
        let times = Times::of(&request, &access).await?;
        let composer = Composer {
            content: chosen.template.as_ref().map(Template::as_listed),
            times,
            sample: query.get("sample").and_then(|text| text.parse().ok()).unwrap_or(1),
            search: query.get("q").unwrap_or_default(),
            request,
            access,
            chosen,
        };
        let name = composer.chosen.campaign.name.to_string();
        let view = step_view(&composer, step).await?;
        let crumbs = vec![
            Crumb::link("Campaigns", Section::Campaigns.path()),
            Crumb::link(name.clone(), format!("/campaigns/{id}/compose")),
            Crumb::here(step.label()),
        ];
        let title = format!("{}, {name}", step.label());
        Ok(Screen::new(Section::Campaigns, title, view).with_crumbs(crumbs))
    })
}

async fn step_view(composer: &Composer, step: Step) -> Result<AnyView, AppError> {
    let id = composer.chosen.campaign.id;
    let form = FormState::of(&step.action(id));
    let content = match step {
        Step::Sender => sender_step(composer, &form).await?,
        Step::Template => template_step(composer, &form).await?,
        Step::Audience => audience_step(composer, &form).await?,
        Step::Variables => variables_step(composer, &form).await?,
        Step::Schedule => schedule_step(composer, &form),
        Step::Review => return review_page::review(composer).await,
    };
    let head = head(&composer.chosen, step, composer.times);
    let foot = foot(composer, step);
    let problem = start_problem(composer);
    Ok(view! {
        <Page>
            {head}
            {problem}
            {content}
            {foot}
        </Page>
    }
    .into_any())
}

/// Why it did not start when it was to.
pub(super) fn start_problem(composer: &Composer) -> Option<AnyView> {
    let problem = composer.chosen.campaign.start_problem.clone()?;
    let view = view! {
        <Banner tone=Tone::Danger>
            <strong>"It did not start at its time, and nobody got it. "</strong>
            {problem}
        </Banner>
    };
    Some(view.into_any())
}

pub(super) fn foot(composer: &Composer, step: Step) -> impl IntoView + use<> {
    let id = composer.chosen.campaign.id;
    let has_variables = composer.has_variables();
    let back = match step.previous(has_variables) {
        Some(previous) => view! {
            <ButtonLink href=previous.href(id) icon=Icon::Left>
                {previous.label()}
            </ButtonLink>
        }
        .into_any(),
        None => view! { <ButtonLink href=Section::Campaigns.path()>"Close"</ButtonLink> }.into_any(),
    };
    let next = step.next(has_variables);
    let forward = view! {
        <Button variant=Variant::Primary icon_end=Icon::Right attr:form=FORM_ID>
            {format!("Save, next: {}", next.label().to_lowercase())}
        </Button>
    }
    .into_any();
    view! { <WizardFoot back=back note="Each step is saved; you can come back to it" forward=forward/> }
}

async fn sender_step(composer: &Composer, form: &FormState) -> Result<AnyView, AppError> {
    let campaign = &composer.chosen.campaign;
    let senders = channel_accounts::list(&composer.request.services, &composer.access).await?;
    let chosen = campaign.channel_account.map(|id| id.to_string()).unwrap_or_default();
    let further: Vec<String> = campaign.further_senders.iter().map(ToString::to_string).collect();
    let fields = sender_fields(form, campaign.name.to_string(), chosen, &further, &senders);
    Ok(view! {
        <form id=FORM_ID method="post" action=Step::Sender.action(campaign.id) class="stack page-form">
            {fields}
        </form>
    }
    .into_any())
}

async fn variables_step(composer: &Composer, form: &FormState) -> Result<AnyView, AppError> {
    let Some(content) = &composer.content else {
        let id = composer.chosen.campaign.id;
        let actions =
            view! { <ButtonLink href=Step::Template.href(id)>"Choose a template"</ButtonLink> }.into_any();
        return Ok(view! {
            <Card id="variables" title="Variables" untitled=true>
                <Empty
                    icon=Icon::Braces
                    title="No template yet"
                    text="The variables are those of the template."
                    actions=actions
                />
            </Card>
        }
        .into_any());
    };
    let slots = content.variables();
    let fields = campaigns::contact_fields(&composer.request.services, &composer.access).await?;
    let sources = at_first(&slots, &campaigns::mapping_of(&composer.chosen.campaign), &fields);
    let inputs = if slots.is_empty() {
        view! { <p class="t-2">"This template is the same for everybody: it has no variables."</p> }
            .into_any()
    } else {
        let fields = variable_fields(&slots, &sources, &fields, form);
        view! {
            <p class="t-2 s-13">
                "Where a person’s field is empty, the text beside it stands in. Without one, this person is skipped."
            </p>
            {fields}
        }
        .into_any()
    };
    let look = view! {
        <Button size=Size::S icon=Icon::Eye attr:form=FORM_ID attr:name="stay" attr:value="on">
            "Update"
        </Button>
    }
    .into_any();
    let found =
        campaigns::preflight(&composer.request.services, &composer.access, composer.chosen.campaign.id)
            .await
            .map_err(review_page::preflight_error)?;
    let side = preview_card(composer, &found, Step::Variables, Some(look));
    let action = Step::Variables.action(composer.chosen.campaign.id);
    Ok(view! {
        <FormErrors errors=form.errors()/>
        <Split wide=true sticky=true side_label="Preview" side=side>
            <Card id="variables" title="Variables" hint="What differs from person to person">
                <CardBody>
                    <form
                        id=FORM_ID
                        method="post"
                        action=action
                        novalidate=true
                        class="stack stack-4"
                    >
                        {inputs}
                    </form>
                </CardBody>
            </Card>
        </Split>
    }
    .into_any())
}
