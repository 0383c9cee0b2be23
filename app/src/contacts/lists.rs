//! The lists of the workspace.

use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use service::access::Read;
use service::lists::{self, List};

use super::forms::{delete_list_path, rename_list_path};
use super::places::{IMPORT_PATH, LISTS_PATH, PEOPLE_PATH, Place, list_path, sub_pages};
use crate::channels::state::Moments;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::dialog::{Dialog, DialogBody, DialogFoot};
use crate::ui::empty::Empty;
use crate::ui::field::TextField;
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{estimate, people, plural};
use crate::ui::icon::Icon;
use crate::ui::menu::{MenuLink, MenuRule, MoreMenu};
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::table::Table;
use crate::ui::tone::Tone;

/// Every list, and a form for one more.
#[component]
pub fn ListsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let asked = |name: &str| query.get(name);
    let (rename, delete) = (asked("rename"), asked("delete"));
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let lists = lists::all(&request.services, &access).await?;
        let moments = Moments::of(&request, &access).await?;
        let may_change = access.role().may(Permission::Send);
        let named = |id: Option<String>| {
            id.filter(|_| may_change)
                .and_then(|id| lists.iter().find(|list| list.id.to_string() == id).cloned())
        };
        let question = named(rename)
            .map(|list| rename_question(&list))
            .or_else(|| named(delete).map(|list| delete_question(&list)));
        let view = page(&lists, moments, may_change, question);
        let crumbs = vec![Crumb::link("Contacts", PEOPLE_PATH), Crumb::here("Lists")];
        let screen = Screen::new(Section::Contacts, "Lists", view);
        Ok(screen.with_sub_pages(sub_pages(Place::Lists)).with_crumbs(crumbs))
    })
}

fn page(
    lists: &[List],
    moments: Moments,
    may_change: bool,
    question: Option<AnyView>,
) -> impl IntoView + use<> {
    let facts = (!lists.is_empty()).then(|| plural(lists.len() as u64, "list", "lists").into_any());
    let refused = lists
        .iter()
        .flat_map(|list| FormState::of(&delete_list_path(list.id)).errors())
        .map(|error| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    {error.message}
                </Banner>
            }
        })
        .collect_view();
    let table = if lists.is_empty() { no_lists(may_change) } else { table(lists, moments, may_change) };
    let content = if may_change {
        view! { <Split side_label="A new list" side=new_list().into_any()>{table}</Split> }.into_any()
    } else {
        table
    };
    view! {
        <Page>
            <PageHead title="Lists" facts=facts.into_iter().collect()/>
            {refused}
            {content}
            {question}
        </Page>
    }
}

fn no_lists(may_change: bool) -> AnyView {
    let actions = may_change.then(|| {
        view! {
            <ButtonLink href=IMPORT_PATH variant=Variant::Primary icon=Icon::Upload>
                "Import contacts"
            </ButtonLink>
        }
        .into_any()
    });
    view! {
        <Card id="lists" title="Lists" untitled=true>
            <CardBody>
                <Empty
                    icon=Icon::List
                    title="People you write to together"
                    text="A campaign goes to one or more lists. An import makes one of its file."
                    actions=actions
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn table(lists: &[List], moments: Moments, may_change: bool) -> AnyView {
    let rows = lists.iter().map(|list| row(list, moments, may_change)).collect_view();
    view! {
        <Card id="lists" title="Lists" untitled=true>
            <Table label="Lists" cards=true>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="end">
                            "People"
                        </th>
                        <th scope="col" class="end col-2">
                            "Made"
                        </th>
                        <th scope="col">
                            <span class="vh">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn row(list: &List, moments: Moments, may_change: bool) -> impl IntoView + use<> {
    let name = list.name.to_string();
    let id = list.id;
    let members = u64::try_from(list.members).unwrap_or(0);
    let menu = may_change.then(|| {
        view! {
            <MoreMenu id=format!("more-{id}") label=format!("Actions for {name}")>
                <MenuLink href=format!("{LISTS_PATH}?rename={id}") icon=Icon::Edit>
                    "Rename…"
                </MenuLink>
                <MenuRule/>
                <MenuLink href=format!("{LISTS_PATH}?delete={id}") icon=Icon::Trash>
                    "Delete…"
                </MenuLink>
            </MoreMenu>
        }
    });
    view! {
        <tr>
            <td>
                <a class="main" href=list_path(id)>
                    {name}
                </a>
                <small class="only-c">{people(members)}</small>
            </td>
            <td class="end num cell-hide">{estimate(members)}</td>
            <td class="end col-2 num cell-hide">{moments.date_time(list.created_at)}</td>
            <td class="end">{menu}</td>
        </tr>
    }
}

fn new_list() -> impl IntoView {
    let form = FormState::of(LISTS_PATH);
    view! {
        <Card id="new-list" title="A new list">
            <form method="post" action=LISTS_PATH>
                <CardBody>
                    <FormErrors errors=form.errors()/>
                    <TextField
                        label="Name"
                        name="name"
                        value=form.value("name")
                        error=form.error("name")
                        placeholder="Recall, November"
                        maxlength=120
                    />
                    <div>
                        <Button icon=Icon::Plus>"Make list"</Button>
                    </div>
                </CardBody>
            </form>
        </Card>
    }
}

fn rename_question(list: &List) -> AnyView {
    let action = rename_list_path(list.id);
    let form = FormState::of(&action);
    let (title, name) = (format!("Rename {}", list.name), form.value_or("name", list.name.as_str()));
    view! {
        <Dialog id="rename" title=title open_with_way_back=LISTS_PATH>
            <form method="post" action=action>
                <DialogBody>
                    <TextField
                        label="Name"
                        name="name"
                        id="new-name"
                        value=name
                        error=form.error("name")
                        maxlength=120
                        focused=true
                    />
                </DialogBody>
                <DialogFoot way_back=LISTS_PATH>
                    <Button variant=Variant::Primary>"Rename"</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
    .into_any()
}

fn delete_question(list: &List) -> AnyView {
    let members = people(u64::try_from(list.members).unwrap_or(0));
    let (title, action) = (format!("Delete the list {}?", list.name), delete_list_path(list.id));
    view! {
        <Dialog
            id="delete"
            title=title
            text=format!("{members} stay in your contacts; only the list goes. A draft that uses it needs another one.")
            open_with_way_back=LISTS_PATH
        >
            <form method="post" action=action>
                <DialogFoot way_back=LISTS_PATH>
                    <Button variant=Variant::DangerFill>"Delete list"</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
    .into_any()
}
