//! The imports that were.

use domain::workspace::Permission;
use leptos::prelude::*;
use service::access::Read;
use service::imports::{self, Import};

use super::IMPORT_PATH;
use super::report::report_path;
use crate::channels::state::Moments;
use crate::contacts::places::{PEOPLE_PATH, Place, sub_pages};
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::empty::Empty;
use crate::ui::format::{bytes, count};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::table::{Rows, Table};

/// How many imports are listed.
const IMPORTS_SHOWN: i64 = 100;

/// The newest imports of the workspace.
#[component]
pub fn ImportsPage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let imports = imports::newest(&request.services, &access, IMPORTS_SHOWN).await?;
        let moments = Moments::of(&request, &access).await?;
        let view = page(&imports, moments, access.role().may(Permission::Send));
        let crumbs = vec![Crumb::link("Contacts", PEOPLE_PATH), Crumb::here("Imports")];
        let screen = Screen::new(Section::Contacts, "Imports", view);
        Ok(screen.with_sub_pages(sub_pages(Place::Imports)).with_crumbs(crumbs))
    })
}

fn page(imports: &[Import], moments: Moments, may_import: bool) -> impl IntoView + use<> {
    let import = || {
        view! {
            <ButtonLink href=IMPORT_PATH variant=Variant::Primary icon=Icon::Upload class="grow-s">
                "Import contacts"
            </ButtonLink>
        }
        .into_any()
    };
    if imports.is_empty() {
        let actions = may_import.then(import);
        return view! {
            <Page>
                <PageHead title="Imports"/>
                <Card id="imports" title="Imports" untitled=true>
                    <CardBody>
                        <Empty
                            icon=Icon::Upload
                            title="Nothing was imported yet"
                            text="Each import is listed here with its counts, and with the rows that need a correction."
                            actions=actions
                        />
                    </CardBody>
                </Card>
            </Page>
        }
        .into_any();
    }
    let rows = imports.iter().map(|import| row(import, moments)).collect_view();
    let actions = may_import.then(import);
    view! {
        <Page>
            <PageHead title="Imports" actions=actions/>
            <Card id="imports" title="Imports" untitled=true>
                <Table label="Imports" rows=Rows::Tall cards=true>
                    <thead>
                        <tr>
                            <th scope="col">"File"</th>
                            <th scope="col" class="end">
                                "New"
                            </th>
                            <th scope="col" class="end">
                                "Known"
                            </th>
                            <th scope="col" class="end">
                                "Skipped"
                            </th>
                            <th scope="col" class="end">
                                "When"
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Card>
        </Page>
    }
    .into_any()
}

fn row(import: &Import, moments: Moments) -> impl IntoView + use<> {
    let number = |figure: i32| count(u64::try_from(figure).unwrap_or(0));
    let size = bytes(u64::try_from(import.file_bytes).unwrap_or(0));
    view! {
        <tr>
            <td>
                <a class="main" href=report_path(import.id)>
                    {import.file_name.clone()}
                </a>
                <small>{number(import.rows_read)}" rows, "{size}</small>
                <small class="only-c block">
                    {number(import.contacts_created)}" new, "{number(import.rows_rejected)}" skipped"
                </small>
            </td>
            <td class="end num cell-hide">{number(import.contacts_created)}</td>
            <td class="end num cell-hide">{number(import.contacts_updated)}</td>
            <td class="end num cell-hide">{number(import.rows_rejected)}</td>
            <td class="end num">{moments.date_time(import.finished_at)}</td>
        </tr>
    }
}
