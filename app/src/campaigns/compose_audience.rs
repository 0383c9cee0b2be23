//! The step of the composer that asks who gets the campaign.

use leptos::prelude::*;
use service::campaigns::{self, Preflight};
use service::lists::{self, List};

use super::compose_page::Composer;
use super::compose_steps::Step;
use super::review_page::{preflight_error, skipped_counts};
use crate::error::AppError;
use crate::forms::FormState;
use crate::ui::button::{Button, ButtonLink, Size};
use crate::ui::card::{Card, CardBody};
use crate::ui::choice::{Checkbox, ChoiceGroup};
use crate::ui::empty::Empty;
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{count, people};
use crate::ui::icon::Icon;
use crate::ui::page_head::Split;
use crate::ui::stats::Lead;

/// The lists, and how many of their people would get the campaign.
pub(super) async fn audience_step(composer: &Composer, form: &FormState) -> Result<AnyView, AppError> {
    let services = &composer.request.services;
    let campaign = &composer.chosen.campaign;
    let lists = lists::all(services, &composer.access).await?;
    let content = if lists.is_empty() { no_lists() } else { list_choices(composer, form, &lists) };
    let found = if composer.chosen.lists.is_empty() {
        None
    } else {
        Some(campaigns::preflight(services, &composer.access, campaign.id).await.map_err(preflight_error)?)
    };
    Ok(view! {
        <FormErrors errors=form.errors()/>
        <Split wide=true sticky=true side_label="Who gets it" side=count_card(found.as_ref())>
            <Card id="lists-card" title="Lists" hint="Everybody on any of them, each person once">
                {content}
            </Card>
        </Split>
    }
    .into_any())
}

fn no_lists() -> AnyView {
    let actions = view! {
        <ButtonLink href="/contacts/import" icon=Icon::Upload>
            "Import contacts"
        </ButtonLink>
    }
    .into_any();
    view! {
        <Empty
            small=true
            icon=Icon::People
            title="No list yet"
            text="A campaign goes to the people of your lists. An import makes one."
            actions=actions
        />
    }
    .into_any()
}

fn list_choices(composer: &Composer, form: &FormState, lists: &[List]) -> AnyView {
    let chosen: Vec<String> = composer.chosen.lists.iter().map(|list| list.id.to_string()).collect();
    let boxes = lists
        .iter()
        .map(|list| {
            let id = list.id.to_string();
            let members = u64::try_from(list.members).unwrap_or(0);
            let name = list.name.to_string();
            view! {
                <Checkbox
                    name="lists"
                    id=format!("list-{id}")
                    checked=chosen.contains(&id)
                    value=id
                    hint=people(members)
                >
                    {name}
                </Checkbox>
            }
        })
        .collect_view();
    let action = Step::Audience.action(composer.chosen.campaign.id);
    let wrong = form.error("lists");
    view! {
        <CardBody>
            <form id="step" method="post" action=action>
                <ChoiceGroup legend="Lists" legend_hidden=true id="lists" error=wrong>
                    <div class="pick-list">{boxes}</div>
                </ChoiceGroup>
            </form>
        </CardBody>
    }
    .into_any()
}

fn count_card(found: Option<&Preflight>) -> AnyView {
    let count_again = view! {
        <Button size=Size::S icon=Icon::Refresh attr:form="step" attr:name="stay" attr:value="on">
            "Save and count"
        </Button>
    }
    .into_any();
    let content = match found {
        None => view! { <p class="t-2 s-13">"Choose lists to see how many people would get it, and who not and why."</p> }
            .into_any(),
        Some(found) => {
            let eligible = u64::try_from(found.eligible).unwrap_or(0);
            let of = format!("of {} on the lists", count(u64::try_from(found.matched).unwrap_or(0)));
            view! {
                <Lead value=people(eligible) of=of/>
                {skipped_counts(&found.skipped)}
            }
            .into_any()
        }
    };
    view! {
        <Card id="count" title="Who would get it" end=count_again>
            <CardBody>{content}</CardBody>
        </Card>
    }
    .into_any()
}
