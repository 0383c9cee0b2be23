//! One person, the whole truth: what is known, and why a campaign would reach this person or not.

use domain::address::AddressKind;
use domain::contact::Consent;
use domain::ids::ContactId;
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::access::Read;
use service::contacts::{self, Contact, ContactAddress};
use service::lists::{self, List};

use super::edit::edit_path;
use super::forms::{
    add_address_path, add_to_list_path, consent_path, delete_path, opt_out_path, take_off_list_path,
};
use super::places::{PEOPLE_PATH, Place, contact_path, list_path, sub_pages};
use super::standing::{Standing, StepState};
use super::words::spoken;
use crate::channels::state::Moments;
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::avatar::{Avatar, AvatarSize, Hue};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, IconButton, Size, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::chip::{Bullet, Chip, Mark, MarkSize};
use crate::ui::dialog::{Dialog, DialogFoot};
use crate::ui::empty::Empty;
use crate::ui::field::{Select, SelectOption};
use crate::ui::icon::{Glyph, Icon, IconSize};
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::menu::{MenuLink, MoreMenu};
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::tone::Tone;

/// The name, or the first address where there is none.
pub(super) fn display_name(contact: &Contact) -> String {
    if !contact.name.is_empty() {
        return contact.name.as_str().to_owned();
    }
    contact.addresses.first().map_or_else(|| "Nameless".to_owned(), |address| spoken(&address.address))
}

/// A person and what whoever looks may do.
pub(super) struct Person {
    pub(super) contact: Contact,
    pub(super) name: String,
    lists: Vec<List>,
    pub(super) moments: Moments,
    pub(super) may_change: bool,
    asks_to_delete: bool,
}

/// A person.
#[component]
pub fn ContactPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let asks_to_delete = use_query_map().get_untracked().get("delete").is_some();
    signed_in(move |request| async move {
        let access = request.workspace_access::<Read>().await?;
        let id: ContactId = id.parse().map_err(|_| AppError::not_found())?;
        let services = &request.services;
        let contact = contacts::get(services, &access, id).await?.ok_or_else(AppError::not_found)?;
        let may_change = access.role().may(Permission::Send);
        let person = Person {
            name: display_name(&contact),
            lists: lists::all(services, &access).await?,
            moments: Moments::of(&request, &access).await?,
            may_change,
            asks_to_delete: asks_to_delete && may_change,
            contact,
        };
        let crumbs = vec![Crumb::link("Contacts", PEOPLE_PATH), Crumb::here(person.name.clone())];
        let screen = Screen::new(Section::Contacts, person.name.clone(), person.view());
        Ok(screen.with_sub_pages(sub_pages(Place::People)).with_crumbs(crumbs))
    })
}

impl Person {
    fn address(&self, kind: AddressKind) -> Option<&ContactAddress> {
        let mut of_kind = self.contact.addresses.iter().filter(|address| address.address.kind() == kind);
        let first = of_kind.next()?;
        // The one a campaign would choose.
        std::iter::once(first)
            .chain(of_kind)
            .find(|address| address.consent == Consent::Confirmed)
            .or(Some(first))
    }

    fn view(self) -> AnyView {
        let hue = Hue::of(&self.contact.id.to_string());
        let avatar = view! { <Avatar name=self.name.clone() hue=hue size=AvatarSize::L/> }.into_any();
        let side = view! {
            {self.consent_card()}
            {self.lists_card()}
        };
        let dialogs = view! {
            {self.may_change.then(|| self.consent_dialogs())}
            {self.asks_to_delete.then(|| self.delete_question())}
        };
        let refused = self.refused();
        view! {
            <Page>
                <PageHead
                    title=self.name.clone()
                    avatar=avatar
                    state=self.state()
                    facts=self.facts()
                    actions=self.actions()
                />
                {refused}
                <Split wide=true side_label="Consent and lists" side=side.into_any()>
                    {self.answer_card()}
                    {self.fields_card()}
                </Split>
                {dialogs}
            </Page>
        }
        .into_any()
    }

    fn refused(&self) -> AnyView {
        let id = self.contact.id;
        [opt_out_path(id), consent_path(id), add_address_path(id), add_to_list_path(id)]
            .into_iter()
            .flat_map(|action| FormState::of(&action).errors())
            .map(|error| {
                view! {
                    <Banner tone=Tone::Danger alert=true>
                        {error.message}
                    </Banner>
                }
            })
            .collect_view()
            .into_any()
    }

    fn state(&self) -> AnyView {
        let (tone, icon, word) = match Standing::of(self.address(AddressKind::Phone)) {
            Standing::Reachable => (Tone::Positive, Icon::ShieldCheck, "Agreed to WhatsApp marketing"),
            Standing::NoAddress => (Tone::Neutral, Icon::Minus, "No WhatsApp number"),
            Standing::NotAgreed | Standing::Stopped(_) => {
                (Tone::Neutral, Icon::Shield, "No WhatsApp marketing")
            }
        };
        view! {
            <Chip tone=tone mark=Mark::Icon(icon)>
                {word}
            </Chip>
        }
        .into_any()
    }

    fn facts(&self) -> Vec<AnyView> {
        let addresses = self.contact.addresses.iter().map(|address| {
            let text = spoken(&address.address);
            view! { <span class="num">{text}</span> }.into_any()
        });
        let since = format!("contact since {}", self.moments.date_time(self.contact.created_at));
        addresses.chain([since.into_any()]).collect()
    }

    fn actions(&self) -> Option<AnyView> {
        let id = self.contact.id;
        let delete = format!("{}?delete=ask", contact_path(id));
        self.may_change.then(|| {
            view! {
                <ButtonLink href=edit_path(id) icon=Icon::Edit class="grow-s">
                    "Edit"
                </ButtonLink>
                <MoreMenu id="more" label=format!("Actions for {}", self.name) variant=Variant::Secondary>
                    <MenuLink href=delete icon=Icon::Trash>
                        "Delete…"
                    </MenuLink>
                </MoreMenu>
            }
            .into_any()
        })
    }

    /// Would a campaign reach this person? What is checked, in order, up to the check that stops it.
    fn answer_card(&self) -> AnyView {
        let phone = self.address(AddressKind::Phone);
        let standing = Standing::of(phone);
        let sentence = standing.sentence(&self.name, phone, self.moments);
        let steps = standing
            .steps()
            .into_iter()
            .map(|(state, word, detail)| {
                let (class, icon) = match state {
                    StepState::Passed => ("", Icon::Check),
                    StepState::Stopped => ("stopped", Icon::Cross),
                    StepState::NotReached => ("never", Icon::Minus),
                };
                let colour = if state == StepState::Passed { "t-positive" } else { "" };
                view! {
                    <li class=class>
                        <b>
                            <span class=colour>
                                <Glyph icon=icon size=IconSize::S/>
                            </span>
                            {word}
                        </b>
                        {detail}
                    </li>
                }
            })
            .collect_view();
        let bullet = view! { <Bullet tone=Tone::Accent icon=Icon::Ask size=MarkSize::S/> }.into_any();
        view! {
            <Card id="answer" title=format!("Does {} get WhatsApp campaigns?", self.name) start=bullet>
                <div class="answer">
                    <p class="s-16">{sentence}</p>
                    <ol class="chain" aria-label="What is checked before each message">
                        {steps}
                    </ol>
                </div>
            </Card>
        }
        .into_any()
    }

    fn fields_card(&self) -> AnyView {
        if self.contact.attributes.is_empty() {
            let actions = self.may_change.then(|| {
                let href = edit_path(self.contact.id);
                view! { <ButtonLink href=href icon=Icon::Plus>"Add a field"</ButtonLink> }.into_any()
            });
            return view! {
                <Card id="fields" title="Fields">
                    <Empty
                        icon=Icon::Tag
                        title="Nothing beyond name and addresses"
                        text="Fields such as a city or the last visit fill the variables of templates."
                        actions=actions
                        small=true
                    />
                </Card>
            }
            .into_any();
        }
        let facts = self
            .contact
            .attributes
            .iter()
            .map(|(key, value)| Fact::new(key.heading(), value.as_str().to_owned()))
            .collect::<Vec<_>>();
        view! {
            <Card id="fields" title="Fields">
                <CardBody>
                    <KeyValues facts=facts/>
                </CardBody>
            </Card>
        }
        .into_any()
    }

    fn lists_card(&self) -> AnyView {
        let id = self.contact.id;
        let on = self.contact.lists.iter().map(|(list, name)| {
            let remove = self.may_change.then(|| {
                view! {
                    <form method="post" action=take_off_list_path(id) class="push">
                        <input type="hidden" name="list" value=list.to_string()/>
                        <IconButton
                            icon=Icon::Cross
                            label=format!("Take off {name}")
                            variant=Variant::Ghost
                            size=Size::S
                        />
                    </form>
                }
            });
            view! {
                <li>
                    <a href=list_path(*list)>{name.to_string()}</a>
                    {remove}
                </li>
            }
        });
        let on = on.collect_view();
        let others =
            self.lists.iter().filter(|list| !self.contact.lists.iter().any(|(on, _)| *on == list.id));
        let options = others
            .map(|list| SelectOption::new(list.id.to_string(), list.name.to_string()))
            .collect::<Vec<_>>();
        let add = (self.may_change && !options.is_empty()).then(|| {
            view! {
                <CardFoot>
                    <form method="post" action=add_to_list_path(id) class="row grow">
                        <Select label="List" name="list" options=options class="grow"/>
                        <Button size=Size::S>"Put on list"</Button>
                    </form>
                </CardFoot>
            }
        });
        let none = self.contact.lists.is_empty().then(|| view! { <p class="s-13 t-3">"On no list."</p> });
        view! {
            <Card id="lists" title="Lists">
                <CardBody>
                    {none}
                    <ul class="side-list">{on}</ul>
                </CardBody>
                {add}
            </Card>
        }
        .into_any()
    }

    fn delete_question(&self) -> AnyView {
        let id = self.contact.id;
        let (question, verb) = (format!("Delete {}?", self.name), format!("Delete {}", self.name));
        view! {
            <Dialog
                id="delete"
                title=question
                text="Name, fields, addresses and lists go for good. Opt-outs of the addresses stay, and so does what past campaigns sent."
                open_with_way_back=contact_path(id)
            >
                <form method="post" action=delete_path(id)>
                    <DialogFoot way_back=contact_path(id)>
                        <Button variant=Variant::DangerFill>{verb}</Button>
                    </DialogFoot>
                </form>
            </Dialog>
        }
        .into_any()
    }
}
