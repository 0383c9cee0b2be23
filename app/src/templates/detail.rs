//! One template: how it looks, what it asks for, whether it can be sent.

use domain::ids::TemplateId;
use domain::template::{TemplateContent, TemplateState, VariablePlace};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use service::access::Read;
use service::channel_accounts;
use service::templates::{self, Template};

use super::preview::bubble;
use super::state::{quality, state_chip};
use crate::channels::state::Moments;
use crate::error::AppError;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::{Banner, Why};
use crate::ui::card::{Card, CardBody};
use crate::ui::icon::Icon;
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::phone::{PhonePreview, PhoneSize};
use crate::ui::table::{NotYet, Table};
use crate::ui::tone::Tone;

pub(crate) fn template_path(id: TemplateId) -> String {
    format!("/templates/{id}")
}

/// One template.
#[component]
pub fn TemplatePage() -> impl IntoView {
    let id: Option<TemplateId> = use_params_map().get_untracked().get("id").and_then(|id| id.parse().ok());
    signed_in(move |request| async move {
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let id = id.ok_or_else(AppError::not_found)?;
        let template = templates::get(services, &access, id).await?.ok_or_else(AppError::not_found)?;
        let senders = channel_accounts::list(services, &access).await?;
        let business = senders.into_iter().filter_map(|sender| sender.whatsapp);
        let business = business
            .filter(|number| number.waba_id == template.waba_id && !number.verified_name.is_empty())
            .map(|number| number.verified_name)
            .next();
        let moments = Moments::of(&request, &access).await?;
        let name = template.name.clone();
        let crumbs = vec![Crumb::link("Templates", Section::Templates.path()), Crumb::here(name.clone())];
        let view = page(&template, business.unwrap_or_else(|| "Your business".to_owned()), moments);
        Ok(Screen::new(Section::Templates, name, view).with_crumbs(crumbs))
    })
}

fn page(template: &Template, business: String, moments: Moments) -> impl IntoView + use<> {
    let content = template.as_listed();
    let bubble = bubble(&content, &content.render_examples(), "10:36");
    let note = if content.variables().is_empty() {
        "Everybody gets exactly this."
    } else {
        "Shown with Meta’s example values. What is tinted differs from person to person."
    };
    let side = view! {
        <Card id="preview" title="Preview">
            <CardBody>
                <PhonePreview business=business bubbles=vec![bubble] size=PhoneSize::M/>
                <Why icon=Icon::Person>{note}</Why>
            </CardBody>
        </Card>
    };
    let facts = vec![
        content.language_tag().into_any(),
        template.category.label().to_owned().into_any(),
        format!("read from Meta {}", moments.ago(template.synced_at)).into_any(),
    ];
    let (name, state) = (template.name.clone(), state_chip(&template.state));
    let (condition, values, at_meta) = (condition(template), values(&content), at_meta(template, moments));
    view! {
        <Page>
            <PageHead title=name state=state facts=facts/>
            {condition}
            <Split wide=true side_label="Preview" side=side.into_any()>
                {values}
                {at_meta}
            </Split>
        </Page>
    }
}

/// Why it cannot be sent now, if it cannot.
fn condition(template: &Template) -> Option<AnyView> {
    if let (TemplateState::Rejected, Some(reason)) = (&template.state, &template.rejected_reason) {
        let reason = reason.clone();
        return Some(
            view! {
                <Banner tone=Tone::Danger>
                    <strong>"WhatsApp refused this template."</strong>
                    " Its reason: " <q>{reason}</q> ". Correct it in WhatsApp Manager, then sync."
                </Banner>
            }
            .into_any(),
        );
    }
    let why = template.sendable().err()?.to_string();
    Some(
        view! {
            <Banner tone=Tone::Caution>
                <strong>"It cannot be used in a campaign now. "</strong>
                {why}
            </Banner>
        }
        .into_any(),
    )
}

fn values(content: &TemplateContent) -> impl IntoView + use<> {
    let slots = content.variables();
    if slots.is_empty() {
        return view! {
            <Card id="values" title="Values">
                <CardBody>
                    <p class="s-13 t-2">"Everybody gets the same words; there is nothing to fill in."</p>
                </CardBody>
            </Card>
        }
        .into_any();
    }
    let count = slots.len() as u64;
    let rows = slots
        .into_iter()
        .map(|slot| {
            let place = match slot.place {
                VariablePlace::Header => "Header".to_owned(),
                VariablePlace::Body => "Text".to_owned(),
                VariablePlace::Button(index) => format!("Button {}", index + 1),
            };
            let example = slot
                .example
                .clone()
                .map_or_else(|| view! { <NotYet reason="no example"/> }.into_any(), IntoAny::into_any);
            view! {
                <tr>
                    <td>
                        <span class="var mono">{format!("{{{{{}}}}}", slot.key)}</span>
                    </td>
                    <td>{place}</td>
                    <td>{example}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Card id="values" title="Values" count=count hint="A campaign says where each comes from">
            <Table label="Values of the template">
                <thead>
                    <tr>
                        <th scope="col">"Value"</th>
                        <th scope="col">"Stands in"</th>
                        <th scope="col">"Example"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn at_meta(template: &Template, moments: Moments) -> impl IntoView + use<> {
    let mut facts = vec![
        Fact::new("Quality", quality(template.quality.as_deref()).to_owned()),
        Fact::new("Template ID", view! { <span class="mono">{template.provider_template_id.clone()}</span> }),
        Fact::new("Business account ID", view! { <span class="mono">{template.waba_id.clone()}</span> }),
        Fact::new("Last seen", moments.date_time(template.synced_at)),
    ];
    if let Some(removed_at) = template.removed_at {
        facts.push(Fact::new("Gone since", moments.date_time(removed_at)));
    }
    view! {
        <Card id="meta" title="At Meta">
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
}
