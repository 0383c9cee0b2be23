//! Another workspace, with people, campaigns and senders of its own.

use axum::response::Response;
use leptos::prelude::*;
use service::access::Administer;
use service::accounts::workspaces;

use super::places::PlaceFields;
use super::settings::Tab;
use crate::error::AppError;
use crate::forms::{FormState, PostedForm};
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, NEW_WORKSPACE_PATH, Section};
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::field::TextField;
use crate::ui::form_errors::FormErrors;
use crate::ui::page_head::{Page, PageHead};

const TITLE: &str = "New workspace";

/// The form that makes a workspace.
#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Administer>().await?;
        let services = &request.services;
        // Most people's workspaces are in one place.
        let here = workspaces::get(services, &access.require()?).await?.ok_or_else(AppError::not_found)?;
        let crumbs = vec![
            Crumb::link("Settings", Tab::Account.path()),
            Crumb::link("Workspace", Tab::Workspace.path()),
            Crumb::here(TITLE),
        ];
        Ok(Screen::new(Section::Settings, TITLE, page(here)).with_crumbs(crumbs))
    })
}

fn page(here: workspaces::Workspace) -> impl IntoView {
    let form = FormState::of(NEW_WORKSPACE_PATH);
    let country = here.default_country.map(|country| country.to_string()).unwrap_or_default();
    let facts =
        vec!["It has its own contacts, campaigns, senders and team. You become its owner.".into_any()];
    view! {
        <Page form=true>
            <PageHead title=TITLE facts=facts/>
            <Card id="new-workspace" title=TITLE untitled=true>
                <form method="post" action=NEW_WORKSPACE_PATH>
                    <CardBody>
                        <div class="stack stack-4">
                            <FormErrors errors=form.errors()/>
                            <TextField
                                label="Name"
                                name="name"
                                help="The name of the company or team."
                                value=form.value("name")
                                error=form.error("name")
                            />
                            <PlaceFields form=form time_zone=here.time_zone country=country/>
                        </div>
                    </CardBody>
                    <CardFoot>
                        <div class="form-foot">
                            <Button variant=Variant::Primary>"Create workspace"</Button>
                            <ButtonLink href=Tab::Workspace.path() variant=Variant::Ghost>
                                "Cancel"
                            </ButtonLink>
                        </div>
                    </CardFoot>
                </form>
            </Card>
        </Page>
    }
}

/// Makes the workspace and shows it.
pub(super) async fn post_new_workspace(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let name = form.parse("name");
    let time_zone = form.parse("time_zone");
    let country = form.parse_optional("default_country");
    let (Some(name), Some(time_zone), Some(country)) = (name, time_zone, country) else {
        return form.refuse(NEW_WORKSPACE_PATH).await;
    };
    let made = workspaces::create(&form.request.services, &access, name, time_zone, country).await?;
    form.request.show_workspace(Some(made)).await?;
    form.done_with("/", "Your workspace is ready").await
}
