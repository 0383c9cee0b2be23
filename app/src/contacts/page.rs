//! The people of the workspace.

use domain::address::country::CountryCode;
use domain::ids::{ContactId, ListId};
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use service::access::Read;
use service::accounts::workspaces;
use service::contacts::{self, Count, Direction, Found};
use service::lists::{self, List};

use super::places::{
    IMPORT_PATH, LISTS_PATH, NEW_PATH, PEOPLE_PATH, Place, contact_path, list_path, sub_pages,
};
use super::words::standing_chip;
use crate::channels::state::Moments;
use crate::error::AppError;
use crate::page::{Screen, percent_encode, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::avatar::Hue;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::field::SearchField;
use crate::ui::format::{count, estimate, plural};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::pager::Pager;
use crate::ui::table::{NotYet, PersonCell, Rows, Table};

/// Lists shown beside the people; the rest is on their own page.
const LISTS_SHOWN: usize = 12;

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filter {
    search: String,
    list: Option<ListId>,
    direction: Direction,
}

impl Filter {
    fn of(query: &ParamsMap) -> Self {
        let id = |name: &str| query.get(name).and_then(|id| id.parse::<ContactId>().ok());
        let direction = match (id("older"), id("newer")) {
            (Some(id), _) => Direction::OlderThan(id),
            (None, Some(id)) => Direction::NewerThan(id),
            (None, None) => Direction::FromNewest,
        };
        Self {
            search: query.get("q").map(|text| text.trim().to_owned()).unwrap_or_default(),
            list: query.get("list").and_then(|id| id.parse().ok()),
            direction,
        }
    }

    fn is_everybody(&self) -> bool {
        self.search.is_empty() && self.list.is_none() && self.direction == Direction::FromNewest
    }

    /// The same people from another place on.
    fn href(&self, direction: Direction) -> String {
        let mut query = Vec::new();
        if !self.search.is_empty() {
            query.push(format!("q={}", percent_encode(&self.search)));
        }
        query.extend(self.list.map(|list| format!("list={list}")));
        match direction {
            Direction::FromNewest => {}
            Direction::OlderThan(id) => query.push(format!("older={id}")),
            Direction::NewerThan(id) => query.push(format!("newer={id}")),
        }
        if query.is_empty() { PEOPLE_PATH.to_owned() } else { format!("{PEOPLE_PATH}?{}", query.join("&")) }
    }
}

/// What the page shows.
struct Listing {
    filter: Filter,
    found: contacts::Page,
    people: Count,
    lists: Vec<List>,
    on_list: Option<List>,
    moments: Moments,
    may_change: bool,
}

/// The people of the workspace, all of them, on a list, or found.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let filter = Filter::of(&use_query_map().get_untracked());
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let workspace = workspaces::get(services, &access).await?.ok_or_else(AppError::not_found)?;
        let country: Option<CountryCode> = workspace.default_country;
        let lists = lists::all(services, &access).await?;
        let on_list = match filter.list {
            Some(id) => {
                Some(lists.iter().find(|list| list.id == id).cloned().ok_or_else(AppError::not_found)?)
            }
            None => None,
        };
        let found =
            contacts::find(services, &access, &filter.search, country, filter.list, filter.direction).await?;
        let listing = Listing {
            people: contacts::count(services, &access).await?,
            moments: Moments::of(&request, &access).await?,
            may_change: access.role().may(Permission::Send),
            filter,
            found,
            lists,
            on_list,
        };
        let (title, crumbs) = listing.name();
        let screen = Screen::new(Section::Contacts, title, listing.view());
        Ok(screen.with_sub_pages(sub_pages(Place::People)).with_crumbs(crumbs))
    })
}

impl Listing {
    fn name(&self) -> (String, Vec<Crumb>) {
        match &self.on_list {
            Some(list) => {
                let crumbs = vec![
                    Crumb::link("Contacts", PEOPLE_PATH),
                    Crumb::link("Lists", LISTS_PATH),
                    Crumb::here(list.name.to_string()),
                ];
                (list.name.to_string(), crumbs)
            }
            None => ("Contacts".to_owned(), vec![Crumb::here("Contacts")]),
        }
    }

    fn view(self) -> AnyView {
        let (title, _) = self.name();
        let fact = match &self.on_list {
            Some(list) => plural(u64::try_from(list.members).unwrap_or(0), "person", "people"),
            None => people(self.people),
        };
        let nobody_yet = self.people.counted == 0 && self.filter.is_everybody();
        // Nobody yet: the way to begin stands in the middle of the page.
        let actions = (self.may_change && !nobody_yet).then(|| {
            view! {
                <ButtonLink href=NEW_PATH icon=Icon::Plus class="grow-s">
                    "Add a person"
                </ButtonLink>
                <ButtonLink href=IMPORT_PATH variant=Variant::Primary icon=Icon::Upload class="grow-s">
                    "Import contacts"
                </ButtonLink>
            }
            .into_any()
        });
        let facts = if nobody_yet { Vec::new() } else { vec![fact.into_any()] };
        let content = if nobody_yet {
            nobody(self.may_change)
        } else {
            let side = lists_card(&self.lists, self.filter.list);
            view! { <Split side_label="Lists" side=side>{self.table_card()}</Split> }.into_any()
        };
        view! {
            <Page>
                <PageHead title=title facts=facts actions=actions/>
                {content}
            </Page>
        }
        .into_any()
    }

    fn table_card(self) -> AnyView {
        let search = search(&self.filter);
        let rows = if self.found.contacts.is_empty() { self.nobody_found() } else { self.table() };
        view! {
            <Card id="people" title="People" untitled=true>
                <div class="table-tools">{search}</div>
                {rows}
            </Card>
        }
        .into_any()
    }

    fn nobody_found(&self) -> AnyView {
        if self.filter.search.is_empty() && self.on_list.is_some() {
            let actions = self.may_change.then(|| {
                view! { <ButtonLink href=IMPORT_PATH icon=Icon::Upload>"Import contacts"</ButtonLink> }
                    .into_any()
            });
            return view! {
                <Empty
                    icon=Icon::List
                    title="Nobody is on this list"
                    text="An import can put its people on a list, and so can the page of a person."
                    actions=actions
                    small=true
                />
            }
            .into_any();
        }
        let everybody = self.filter.list.map_or_else(|| PEOPLE_PATH.to_owned(), list_path);
        view! { <NoMatch text="Nobody matches. Names, numbers and email addresses are found by their beginning." clear_href=everybody/> }
            .into_any()
    }

    fn table(self) -> AnyView {
        let shown = &self.found.contacts;
        let newer =
            shown.first().filter(|_| self.found.has_newer).map(|first| Direction::NewerThan(first.id));
        let older = shown.last().filter(|_| self.found.has_older).map(|last| Direction::OlderThan(last.id));
        let newer = newer.map(|direction| self.filter.href(direction));
        let older = older.map(|direction| self.filter.href(direction));
        let range = plural(shown.len() as u64, "person", "people");
        let pager = (newer.is_some() || older.is_some())
            .then(|| view! { <Pager range=format!("{range} on this page") newer=newer older=older/> });
        let rows = shown.iter().map(|contact| row(contact, self.moments)).collect_view();
        view! {
            <Table label="People" rows=Rows::Tall cards=true>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"WhatsApp"</th>
                        <th scope="col">"Email"</th>
                        <th scope="col" class="end col-2">
                            "Added"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {pager}
        }
        .into_any()
    }
}

fn people(number: Count) -> String {
    let counted = u64::try_from(number.counted).unwrap_or(0);
    if number.is_exact {
        plural(counted, "person", "people")
    } else {
        format!("more than {} people", count(counted))
    }
}

fn nobody(may_change: bool) -> AnyView {
    let actions = may_change.then(|| {
        view! {
            <ButtonLink href=IMPORT_PATH variant=Variant::Primary icon=Icon::Upload>
                "Import contacts"
            </ButtonLink>
            <ButtonLink href=NEW_PATH>"Add a person"</ButtonLink>
        }
        .into_any()
    });
    view! {
        <Card id="nobody" title="People" untitled=true>
            <CardBody>
                <Empty
                    icon=Icon::People
                    title="The people you write to"
                    text="Import them from a CSV file, with names, numbers and whether they agreed, or add the first one by hand."
                    actions=actions
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn search(filter: &Filter) -> impl IntoView + use<> {
    let list = filter.list.map(|list| view! { <input type="hidden" name="list" value=list.to_string()/> });
    view! {
        <form method="get" action=PEOPLE_PATH class="row grow min0" role="search">
            {list}
            <SearchField
                label="Find people by name, phone or email"
                name="q"
                value=filter.search.clone()
                placeholder="Name, phone or email"
                class="w-xl min0"
            />
            <Button size=Size::S>"Search"</Button>
        </form>
    }
}

fn row(contact: &Found, moments: Moments) -> impl IntoView + use<> {
    let phone =
        contact.phone.as_ref().map(|(phone, consent, suppressed)| (phone.spaced(), *consent, *suppressed));
    let email = contact
        .email
        .as_ref()
        .map(|(email, consent, suppressed)| (email.as_str().to_owned(), *consent, *suppressed));
    let name = match (contact.name.is_empty(), &phone, &email) {
        (false, _, _) => contact.name.as_str().to_owned(),
        (true, Some((phone, ..)), _) => phone.clone(),
        (true, None, Some((email, ..))) => email.clone(),
        (true, None, None) => "Nameless".to_owned(),
    };
    // On a phone a line only for what is there.
    let email_class = if email.is_some() { "cell-full" } else { "cell-hide" };
    let cell = |reach: Option<(String, domain::contact::Consent, bool)>, what: &'static str| match reach {
        Some((address, consent, suppressed)) => view! {
            <span class="reach">
                <span class="num">{address}</span>
                {standing_chip(consent, suppressed)}
            </span>
        }
        .into_any(),
        None => view! { <NotYet reason=what/> }.into_any(),
    };
    view! {
        <tr>
            <td class="c-person">
                <PersonCell name=name href=contact_path(contact.id) hue=Hue::of(&contact.id.to_string())/>
            </td>
            <td>{cell(phone, "no number")}</td>
            <td class=email_class>{cell(email, "no email address")}</td>
            <td class="end col-2 cell-hide num">
                {moments.date_time(contact.created_at)}
            </td>
        </tr>
    }
}

fn lists_card(lists: &[List], chosen: Option<ListId>) -> AnyView {
    let everybody = view! {
        <li>
            <a href=PEOPLE_PATH aria-current=chosen.is_none().then_some("true")>
                "Everybody"
            </a>
        </li>
    };
    let shown = lists
        .iter()
        .take(LISTS_SHOWN)
        .map(|list| {
            view! {
                <li>
                    <a href=list_path(list.id) aria-current=(chosen == Some(list.id)).then_some("true")>
                        {list.name.to_string()}
                    </a>
                    <span class="num t-3 push">{estimate(u64::try_from(list.members).unwrap_or(0))}</span>
                </li>
            }
        })
        .collect_view();
    let all = if lists.len() > LISTS_SHOWN {
        format!("All {} lists", count(lists.len() as u64))
    } else {
        "Manage lists".to_owned()
    };
    view! {
        <Card id="lists" title="Lists">
            <CardBody>
                <ul class="side-list">{everybody} {shown}</ul>
            </CardBody>
            <CardFoot>
                <a class="s-13 link-pad" href=LISTS_PATH>
                    {all}
                </a>
            </CardFoot>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTACT: &str = "ctc_019a0000000070008000000000000001";
    const LIST: &str = "lst_019a0000000070008000000000000002";

    fn filter(query: &[(&str, &str)]) -> Filter {
        Filter::of(&query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_address_holds_the_filter() {
        let filter = filter(&[("q", " ana & rui "), ("list", LIST), ("older", CONTACT)]);
        assert_eq!(filter.search, "ana & rui");
        let id = CONTACT.parse().expect("an id");
        assert_eq!(filter.direction, Direction::OlderThan(id));
        assert_eq!(
            filter.href(Direction::NewerThan(id)),
            format!("/contacts?q=ana%20%26%20rui&list={LIST}&newer={CONTACT}")
        );
        assert_eq!(Filter::default().href(Direction::FromNewest), "/contacts");
    }

    #[test]
    fn nonsense_in_the_address_is_no_filter() {
        assert_eq!(filter(&[("q", " "), ("list", "x"), ("older", LIST)]), Filter::default());
    }
}
