//! Adding a person by hand, and correcting one.

use domain::contact::{AttributeKey, AttributeValue};
use domain::ids::ContactId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use service::access::Send;
use service::contacts::{self, Contact};
use service::lists::{self, List};

use super::details::ATTRIBUTE_PREFIX;
use super::places::{NEW_PATH, PEOPLE_PATH, Place, contact_path, sub_pages};
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::choice::{ChoiceGroup, Radio};
use crate::ui::field::{SelectField, SelectOption, TextArea, TextField};
use crate::ui::form_errors::FormErrors;
use crate::ui::page_head::{Page, PageHead};

pub(super) fn edit_path(id: ContactId) -> String {
    format!("{}/edit", contact_path(id))
}

/// The form that adds a person.
#[component]
pub fn NewContactPage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Send>().await?;
        let lists = lists::all(&request.services, &access.require()?).await?;
        let crumbs = vec![Crumb::link("Contacts", PEOPLE_PATH), Crumb::here("Add a person")];
        let screen = Screen::new(Section::Contacts, "Add a person", new_page(&lists));
        Ok(screen.with_sub_pages(sub_pages(Place::People)).with_crumbs(crumbs))
    })
}

fn new_page(lists: &[List]) -> impl IntoView + use<> {
    let form = FormState::of(NEW_PATH);
    let no_list = std::iter::once(SelectOption::new("", "No list"));
    let options = no_list
        .chain(lists.iter().map(|list| SelectOption::new(list.id.to_string(), list.name.to_string())))
        .collect::<Vec<_>>();
    view! {
        <Page form=true>
            <PageHead title="Add a person" facts=vec!["For many people at once, import a file.".into_any()]/>
            <Card id="person" title="The person">
                <form method="post" action=NEW_PATH>
                    <CardBody>
                        <FormErrors errors=form.errors()/>
                        <TextField
                            label="Name"
                            name="name"
                            optional=true
                            value=form.value("name")
                            error=form.error("name")
                            maxlength=200
                        />
                        <TextField
                            label="Phone number"
                            name="phone"
                            kind="tel"
                            optional=true
                            value=form.value("phone")
                            help="With + and the country code, or as it is written in your workspace’s country."
                            error=form.error("phone")
                        />
                        <TextField
                            label="Email"
                            name="email"
                            kind="email"
                            optional=true
                            value=form.value("email")
                            error=form.error("email")
                        />
                        <SelectField label="List" name="list" options=options value=form.value("list") optional=true/>
                        {consent_fields(&form)}
                    </CardBody>
                    <CardFoot>
                        <Button variant=Variant::Primary>"Add person"</Button>
                        <ButtonLink href=PEOPLE_PATH variant=Variant::Ghost>
                            "Cancel"
                        </ButtonLink>
                    </CardFoot>
                </form>
            </Card>
        </Page>
    }
}

fn consent_fields(form: &FormState) -> impl IntoView + use<> {
    let agreed = form.value("consent") == "agreed";
    view! {
        <ChoiceGroup legend="Marketing" id="consent">
            <Radio name="consent" value="none" checked=!agreed hint="They get no marketing until they agree.">
                "This person has not agreed"
            </Radio>
            <Radio name="consent" value="agreed" checked=agreed hint="Say where below; it is kept as proof.">
                "This person agreed"
            </Radio>
        </ChoiceGroup>
        <TextField
            label="Where they agreed"
            name="source"
            optional=true
            value=form.value("source")
            placeholder="Paper form at reception"
            error=form.error("source")
            maxlength=200
        />
        <TextArea
            label="Wording they saw"
            name="wording"
            optional=true
            value=form.value("wording")
            error=form.error("wording")
            maxlength=2000
        />
    }
}

/// The form that corrects a person's name and fields.
#[component]
pub fn EditContactPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    signed_in(|request| async move {
        let access = request.workspace_access::<Send>().await?;
        let id: ContactId = id.parse().map_err(|_| AppError::not_found())?;
        let contact = contacts::get(&request.services, &access.require()?, id).await?;
        let contact = contact.ok_or_else(AppError::not_found)?;
        let name = super::detail::display_name(&contact);
        let crumbs = vec![
            Crumb::link("Contacts", PEOPLE_PATH),
            Crumb::link(name.clone(), contact_path(id)),
            Crumb::here("Edit"),
        ];
        let screen = Screen::new(Section::Contacts, format!("Edit {name}"), edit_page(&contact, &name));
        Ok(screen.with_sub_pages(sub_pages(Place::People)).with_crumbs(crumbs))
    })
}

fn edit_page(contact: &Contact, name: &str) -> impl IntoView + use<> {
    let (action, way_back) = (edit_path(contact.id), contact_path(contact.id));
    let form = FormState::of(&action);
    let (title, typed_name) = (format!("Edit {name}"), form.value_or("name", contact.name.as_str()));
    let fields =
        contact.attributes.iter().map(|(key, value)| attribute_field(&form, key, value)).collect_view();
    view! {
        <Page form=true>
            <PageHead title=title/>
            <Card id="person" title="Name and fields">
                <form method="post" action=action>
                    <CardBody>
                        <FormErrors errors=form.errors()/>
                        <TextField
                            label="Name"
                            name="name"
                            optional=true
                            value=typed_name
                            error=form.error("name")
                            maxlength=200
                        />
                        {fields}
                        <div class="cols-2">
                            <TextField
                                label="Another field"
                                name="new_field"
                                optional=true
                                value=form.value("new_field")
                                placeholder="City"
                                error=form.error("new_field")
                                maxlength=60
                            />
                            <TextField
                                label="Its value"
                                name="new_value"
                                optional=true
                                value=form.value("new_value")
                                error=form.error("new_value")
                                maxlength=1000
                            />
                        </div>
                    </CardBody>
                    <CardFoot>
                        <Button variant=Variant::Primary>"Save"</Button>
                        <ButtonLink href=way_back variant=Variant::Ghost>
                            "Cancel"
                        </ButtonLink>
                    </CardFoot>
                </form>
            </Card>
        </Page>
    }
}

fn attribute_field(form: &FormState, key: &AttributeKey, value: &AttributeValue) -> impl IntoView + use<> {
    let name = format!("{ATTRIBUTE_PREFIX}{key}");
    view! {
        <TextField
            label=key.heading()
            name=name.clone()
            optional=true
            value=form.value_or(&name, value.as_str())
            error=form.error(&name)
            maxlength=1000
        />
    }
}
