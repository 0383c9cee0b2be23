//! The page with the wizard.

use leptos::prelude::*;
use service::access::Send;
use service::accounts::workspaces;
use service::contacts;
use service::lists;

use super::rules::Rules;
use super::wizard::{ACCEPT, DROP_HELP, DROP_TITLE, ImportWizard, steps_of};
use super::{IMPORT_PATH, SAMPLE_PATH, UPLOAD_PATH};
use crate::contacts::places::{IMPORTS_PATH, PEOPLE_PATH, Place, sub_pages};
use crate::document::Site;
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::button::{Button, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::file_drop::FileDrop;
use crate::ui::form_errors::FormErrors;
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::steps::Steps;

/// Choosing a file. With script it goes on from here; without, a file is uploaded and its own page comes next.
#[component]
pub fn ImportPage() -> impl IntoView {
    let site = use_context::<Site>().unwrap_or_default();
    let modules = site.module("wizard").zip(site.module("import"));
    signed_in(|request| async move {
        let access = request.workspace_access::<Send>().await?;
        let services = &request.services;
        let workspace =
            workspaces::get(services, &access.require()?).await?.ok_or_else(AppError::not_found)?;
        let rules = Rules {
            country: workspace.default_country,
            lists: lists::all(services, &access.require()?).await?,
            list_name: String::new(),
        };
        let known = contacts::attribute_keys(services, &access.require()?).await?;
        let form = FormState::of(UPLOAD_PATH);
        let view = match modules {
            Some(((wizard_script, wizard_wasm), (script, wasm))) => {
                let (cards, refusal) = (rules.cards(&form), form.error("file"));
                view! {
                    <div data-wizard=wizard_wasm>
                        <ImportWizard script=script wasm=wasm known=known refusal=refusal>
                            {cards}
                        </ImportWizard>
                    </div>
                    <script type="module" src=wizard_script></script>
                }
                .into_any()
            }
            None => plain(&form),
        };
        let crumbs = vec![
            Crumb::link("Contacts", PEOPLE_PATH),
            Crumb::link("Imports", IMPORTS_PATH),
            Crumb::here("Import contacts"),
        ];
        let screen = Screen::new(Section::Contacts, "Import contacts", view);
        Ok(screen.with_sub_pages(sub_pages(Place::Imports)).with_crumbs(crumbs))
    })
}

/// The way without script: the file goes to the server, which shows what it holds before anything is saved.
fn plain(form: &FormState) -> AnyView {
    let (errors, error) = (form.errors(), form.error("file"));
    let steps = view! { <Steps steps=steps_of(false, false)/> }.into_any();
    view! {
        <Page>
            <PageHead
                title="Import contacts"
                facts=vec!["People, their numbers and addresses, and whether they agreed".into_any()]
                actions=steps
                bare=true
            />
            <Card id="file-card" title="The file">
                <form method="post" enctype="multipart/form-data" action=UPLOAD_PATH>
                    <CardBody>
                        <FormErrors errors=errors/>
                        <FileDrop
                            name="file"
                            title=DROP_TITLE
                            help=DROP_HELP
                            accept=ACCEPT
                            error=error
                        />
                    </CardBody>
                    <CardFoot>
                        <a class="s-13 link-pad" href=SAMPLE_PATH download="">
                            "Download a sample file"
                        </a>
                        <Button variant=Variant::Primary icon=Icon::Upload class="push">
                            "Upload and check"
                        </Button>
                        <a class="btn btn-ghost" href=IMPORTS_PATH>
                            "Cancel"
                        </a>
                    </CardFoot>
                </form>
            </Card>
        </Page>
    }
    .into_any()
}

/// The page of an uploaded file.
pub(super) fn upload_path(id: domain::ids::UploadId) -> String {
    format!("{IMPORT_PATH}/{id}")
}
