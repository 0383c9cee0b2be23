//! Addresses that are never sent to.

use domain::Timestamp;
use domain::address::AddressKind;
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use service::access::Read;
use service::suppressions::{self, Start, Suppression};

use super::forms::LIFT_PATH;
use super::places::{PEOPLE_PATH, Place, SUPPRESSIONS_PATH, sub_pages};
use super::words::reason_chip;
use crate::channels::state::Moments;
use crate::forms::FormState;
use crate::page::{Screen, percent_encode, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::{Banner, Why};
use crate::ui::button::{Button, Size, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::empty::{Empty, NoMatch};
use crate::ui::field::{SearchField, TextField};
use crate::ui::form_errors::FormErrors;
use crate::ui::format::plural;
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::pager::Pager;
use crate::ui::table::Table;
use crate::ui::tone::Tone;

struct Listing {
    search: String,
    is_first: bool,
    page: suppressions::Page,
    moments: Moments,
    may_change: bool,
}

/// Reads `1795000000000000-3`: microseconds and how many of that moment are left out.
fn start(text: &str) -> Option<Start> {
    let (micros, skip) = text.split_once('-')?;
    Some(Start { from: Timestamp::from_timestamp_micros(micros.parse().ok()?)?, skip: skip.parse().ok()? })
}

fn start_text(start: Start) -> String {
    format!("{}-{}", start.from.timestamp_micros(), start.skip)
}

/// Who gets nothing, whatever a campaign's audience is.
#[component]
pub fn SuppressionsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let search = query.get("q").map(|text| text.trim().to_owned()).unwrap_or_default();
    let older = query.get("older").and_then(|text| start(&text));
    signed_in(move |request| async move {
        let access = request.workspace_access::<Read>().await?;
        let listing = Listing {
            page: suppressions::find(&request.services, &access, &search, older).await?,
            moments: Moments::of(&request, &access).await?,
            may_change: access.role().may(Permission::Send),
            is_first: older.is_none(),
            search,
        };
        let crumbs = vec![Crumb::link("Contacts", PEOPLE_PATH), Crumb::here("Suppressions")];
        let screen = Screen::new(Section::Contacts, "Suppressions", listing.view());
        Ok(screen.with_sub_pages(sub_pages(Place::Suppressions)).with_crumbs(crumbs))
    })
}

impl Listing {
    fn view(self) -> AnyView {
        let refused = FormState::of(LIFT_PATH).errors().into_iter().map(|error| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    {error.message}
                </Banner>
            }
        });
        let refused = refused.collect_view();
        let side = self.may_change.then(add_card);
        let table = self.table_card();
        let content = match side {
            Some(side) => view! { <Split side_label="Add an address" side=side>{table}</Split> }.into_any(),
            None => table,
        };
        view! {
            <Page>
                <PageHead
                    title="Suppressions"
                    facts=vec!["Addresses that no campaign is sent to, whoever imports them again".into_any()]
                />
                {refused}
                {content}
            </Page>
        }
        .into_any()
    }

    fn table_card(self) -> AnyView {
        let is_empty = self.page.suppressions.is_empty();
        let body = match (is_empty, self.search.is_empty() && self.is_first) {
            (true, true) => view! {
                <Empty
                    icon=Icon::Shield
                    title="Nobody has opted out"
                    text="Whoever answers STOP, or asks one of you to stop, is listed here and gets nothing more."
                />
            }
            .into_any(),
            (true, false) => {
                view! { <NoMatch text="No suppressed address begins like this." clear_href=SUPPRESSIONS_PATH/> }.into_any()
            }
            (false, _) => self.table(),
        };
        let tools = (!is_empty || !self.search.is_empty()).then(|| {
            view! {
                <div class="table-tools">
                    <form method="get" action=SUPPRESSIONS_PATH class="row" role="search">
                        <SearchField
                            label="Find a suppressed address"
                            name="q"
                            value=self.search.clone()
                            placeholder="+351 or ana@"
                            class="w-l"
                        />
                        <Button size=Size::S>"Search"</Button>
                    </form>
                </div>
            }
        });
        view! {
            <Card id="suppressions" title="Suppressions" untitled=true>
                {tools}
                {body}
            </Card>
        }
        .into_any()
    }

    fn table(&self) -> AnyView {
        let rows = self.page.suppressions.iter().map(|one| self.row(one)).collect_view();
        let search = (!self.search.is_empty()).then(|| format!("q={}", percent_encode(&self.search)));
        let href = |older: Option<String>| {
            let query = [search.clone(), older.map(|older| format!("older={older}"))];
            let query = query.into_iter().flatten().collect::<Vec<_>>();
            if query.is_empty() {
                SUPPRESSIONS_PATH.to_owned()
            } else {
                format!("{SUPPRESSIONS_PATH}?{}", query.join("&"))
            }
        };
        let newer = (!self.is_first).then(|| href(None));
        let older = self.page.older.map(|start| href(Some(start_text(start))));
        let pager = (newer.is_some() || older.is_some()).then(|| {
            let range = plural(self.page.suppressions.len() as u64, "address", "addresses");
            view! { <Pager range=format!("{range} on this page") newer=newer older=older newer_label="Newest"/> }
        });
        view! {
            <Table label="Suppressed addresses" cards=true>
                <thead>
                    <tr>
                        <th scope="col">"Address"</th>
                        <th scope="col">"Why"</th>
                        <th scope="col" class="col-2">
                            "From"
                        </th>
                        <th scope="col" class="end">
                            "Since"
                        </th>
                        <th scope="col">
                            <span class="vh">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {pager}
        }
        .into_any()
    }

    fn row(&self, one: &Suppression) -> impl IntoView + use<> {
        let lift = (self.may_change && one.reason.may_be_lifted()).then(|| {
            view! {
                <form method="post" action=LIFT_PATH>
                    <input type="hidden" name="kind" value=one.kind.as_str()/>
                    <input type="hidden" name="value" value=one.value.clone()/>
                    <Button size=Size::S variant=Variant::Ghost>
                        "Take off"
                    </Button>
                </form>
            }
        });
        let address = match one.kind {
            AddressKind::Phone => one
                .value
                .parse()
                .map_or_else(|_| one.value.clone(), |number: domain::address::PhoneNumber| number.spaced()),
            AddressKind::Email | AddressKind::WhatsappUser => one.value.clone(),
        };
        view! {
            <tr>
                <td class="num">{address}</td>
                <td>{reason_chip(one.reason)}</td>
                <td class="col-2 t-2">{one.source.clone()}</td>
                <td class="end num">{self.moments.date_time(one.created_at)}</td>
                <td class="end">{lift}</td>
            </tr>
        }
    }
}

fn add_card() -> AnyView {
    let form = FormState::of(SUPPRESSIONS_PATH);
    view! {
        <Card id="add" title="Add an address">
            <form method="post" action=SUPPRESSIONS_PATH>
                <CardBody>
                    <FormErrors errors=form.errors()/>
                    <TextField
                        label="Phone or email"
                        name="address"
                        value=form.value("address")
                        error=form.error("address")
                    />
                    <div>
                        <Button icon=Icon::Shield>"Never send to it"</Button>
                    </div>
                    <Why icon=Icon::Info>
                        "What is added by hand can be taken off again. An opt-out can be taken back only by the person."
                    </Why>
                </CardBody>
            </form>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_the_list_names_no_address() {
        let begin = start("1795000000000123-7").expect("a start");
        assert_eq!((begin.from.timestamp_micros(), begin.skip), (1_795_000_000_000_123, 7));
        assert_eq!(start_text(begin), "1795000000000123-7");
        assert_eq!(start("+351912345678"), None);
    }
}
