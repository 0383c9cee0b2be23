//! The step of the composer that chooses the template.

use domain::template::{TemplateContent, TemplateState};
use leptos::prelude::*;
use service::templates::{self, Template, TemplateQuery};

use super::compose_page::{Composer, FORM_ID};
use super::compose_steps::Step;
use crate::error::AppError;
use crate::forms::FormState;
use crate::shell::Section;
use crate::templates::preview::bubble;
use crate::ui::button::{Button, ButtonLink, Size};
use crate::ui::card::{Card, CardBody};
use crate::ui::choice::{ChoiceCard, ChoiceGroup};
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::field::SearchField;
use crate::ui::form_errors::FormErrors;
use crate::ui::icon::Icon;
use crate::ui::page_head::Split;
use crate::ui::phone::PhonePreview;

/// Templates that are offered at once; the search finds the others.
const TEMPLATES_MAX: i64 = 60;
/// From so many templates on there is a search.
const SEARCH_FROM: usize = 8;

pub(super) async fn template_step(composer: &Composer, form: &FormState) -> Result<AnyView, AppError> {
    let id = composer.chosen.campaign.id;
    let number = composer.chosen.sender.as_ref().and_then(|sender| sender.whatsapp.as_ref());
    let query = TemplateQuery {
        waba_id: number.map(|number| number.waba_id.clone()),
        state: Some(TemplateState::Approved),
        search: Some(composer.search.trim().to_owned()).filter(|search| !search.is_empty()),
        after: None,
        templates_max: TEMPLATES_MAX,
    };
    let offered = templates::list(&composer.request.services, &composer.access, &query).await?;
    let chosen = composer.chosen.campaign.template.map(|id| id.to_string()).unwrap_or_default();
    let chosen = form.value_or("template", chosen);
    let searching = query.search.is_some();
    let search = (searching || offered.len() >= SEARCH_FROM).then(|| {
        view! {
            <form class="table-tools" role="search" aria-label="Search templates">
                <input type="hidden" name="step" value=Step::Template.word()/>
                <SearchField
                    label="Search templates"
                    name="q"
                    value=composer.search.clone()
                    placeholder="Name of a template"
                    class="w-xl"
                />
                <Button size=Size::S>"Search"</Button>
            </form>
        }
    });
    let choices = match (offered.is_empty(), searching) {
        (true, true) => {
            view! { <NoMatch text="No approved template matches." clear_href=Step::Template.href(id)/> }
                .into_any()
        }
        (true, false) => no_templates(),
        (false, _) => template_choices(composer, form, &offered, &chosen),
    };
    Ok(view! {
        <FormErrors errors=form.errors()/>
        <Split wide=true sticky=true side_label="Preview" side=template_preview(composer)>
            <Card id="template-card" title="Template" hint="Approved by WhatsApp for this sender">
                {search}
                {choices}
            </Card>
        </Split>
    }
    .into_any())
}

fn no_templates() -> AnyView {
    let actions = view! {
        <ButtonLink href=Section::Templates.path() icon=Icon::Document>
            "See templates"
        </ButtonLink>
    }
    .into_any();
    view! {
        <Empty
            small=true
            icon=Icon::Document
            title="No approved template"
            text="WhatsApp lets campaigns send only templates that it has approved. Sync them, or write one in WhatsApp Manager."
            actions=actions
        />
    }
    .into_any()
}

fn template_choices(composer: &Composer, form: &FormState, offered: &[Template], chosen: &str) -> AnyView {
    let cards = offered
        .iter()
        .map(|template| {
            let id = template.id.to_string();
            let content = template.as_listed();
            let refused = content.sendable(&template.state).err();
            let about = format!("{} · {}", template.category.label(), content.language_tag());
            let hint = match &refused {
                Some(why) => format!("{about} · {why}"),
                None => format!("{about} · {}", beginning(&content)),
            };
            view! {
                <ChoiceCard
                    name="template"
                    value=id.clone()
                    title=template.name.clone()
                    hint=hint
                    checked=refused.is_none() && id == chosen
                    disabled=refused.is_some()
                />
            }
        })
        .collect_view();
    let action = Step::Template.action(composer.chosen.campaign.id);
    let wrong = form.error("template");
    view! {
        <CardBody>
            <form id=FORM_ID method="post" action=action>
                <ChoiceGroup legend="Template" legend_hidden=true id="template" error=wrong>
                    <div class="pick-list">{cards}</div>
                </ChoiceGroup>
            </form>
        </CardBody>
    }
    .into_any()
}

/// The first words of a template's text.
fn beginning(content: &TemplateContent) -> String {
    const CHARS_MAX: usize = 90;
    let text: String = content.render_examples().body.iter().map(|piece| piece.text().into_owned()).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= CHARS_MAX {
        line
    } else {
        format!("{}…", line.chars().take(CHARS_MAX).collect::<String>().trim_end())
    }
}

fn template_preview(composer: &Composer) -> AnyView {
    let preview = match &composer.content {
        Some(content) => view! {
            <div class="stage">
                <PhonePreview
                    business=composer.business()
                    bubbles=vec![bubble(content, &content.render_examples(), "")]
                />
            </div>
        }
        .into_any(),
        None => view! {
            <CardBody>
                <p class="t-2 s-13">"Choose a template to see it here with WhatsApp’s example values."</p>
            </CardBody>
        }
        .into_any(),
    };
    let look = view! {
        <Button size=Size::S icon=Icon::Eye attr:form=FORM_ID attr:name="stay" attr:value="on">
            "Preview the chosen one"
        </Button>
    }
    .into_any();
    view! {
        <Card id="preview" title="Preview" class="card-clip" end=look>
            {preview}
        </Card>
    }
    .into_any()
}
