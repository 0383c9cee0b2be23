//! The rules of an import beside its columns: country, list, consent.

use domain::address::country::CountryCode;
use leptos::prelude::*;
use service::lists::List;

use crate::forms::FormState;
use crate::ui::banner::Why;
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::{Bullet, MarkSize};
use crate::ui::choice::{ChoiceGroup, Radio};
use crate::ui::field::{SelectField, SelectOption, TextArea, TextField};
use crate::ui::icon::Icon;
use crate::ui::tone::Tone;

/// The value of the field `list` that stands for a new list.
pub(super) const NEW_LIST: &str = "new";

/// The value of the fields `country` and `list` that stands for none. Not empty: an empty choice is a missing one.
pub(super) const NONE: &str = "none";

/// What is known before anything is typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// Whose numbers those without a country code are.
    pub country: Option<CountryCode>,
    /// Lists there are.
    pub lists: Vec<List>,
    /// What a new list would be called.
    pub list_name: String,
}

impl Rules {
    /// The cards, with what was typed into the form last.
    pub(super) fn cards(self, form: &FormState) -> AnyView {
        view! {
            {country_card(self.country, form)}
            {list_card(&self.lists, &self.list_name, form)}
            {consent_card(form)}
        }
        .into_any()
    }
}

/// Every country with its calling code, by name.
pub(super) fn country_options() -> Vec<SelectOption> {
    let mut countries = CountryCode::all().collect::<Vec<_>>();
    countries.sort_by_key(|country| country.name());
    let none = SelectOption::new(NONE, "None: leave such numbers out");
    let countries = countries.into_iter().map(|country| {
        SelectOption::new(country.as_str(), format!("{} (+{})", country.name(), country.calling_code()))
    });
    std::iter::once(none).chain(countries).collect()
}

fn country_card(country: Option<CountryCode>, form: &FormState) -> AnyView {
    let chosen = form.value_or("country", country.as_ref().map_or(NONE, CountryCode::as_str));
    let start = view! { <Bullet tone=Tone::Caution icon=Icon::Globe size=MarkSize::S/> }.into_any();
    view! {
        <Card id="country-card" title="Country of numbers" start=start>
            <CardBody class="stack-3">
                <SelectField
                    label="Numbers without +"
                    name="country"
                    options=country_options()
                    value=chosen
                    help="A country is never guessed: the preview shows each number it was assumed for. Numbers with + keep their own."
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn list_card(lists: &[List], list_name: &str, form: &FormState) -> AnyView {
    let new = SelectOption::new(NEW_LIST, "A new list");
    let known = lists.iter().map(|list| SelectOption::new(list.id.to_string(), list.name.to_string()));
    let none = SelectOption::new(NONE, "No list");
    let options = std::iter::once(new).chain(known).chain([none]).collect::<Vec<_>>();
    let (chosen, name, error) =
        (form.value_or("list", NEW_LIST), form.value_or("list_name", list_name), form.error("list_name"));
    let list_error = form.error("list");
    view! {
        <Card id="list-card" title="List">
            <CardBody class="stack-3">
                <SelectField label="Put these people on" name="list" options=options value=chosen error=list_error/>
                <TextField
                    label="Name of the new list"
                    name="list_name"
                    optional=true
                    value=name
                    help="Left empty, it is called like the file."
                    error=error
                    maxlength=120
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn consent_card(form: &FormState) -> AnyView {
    let agreed = form.value("consent") == "agreed";
    let (source, source_error) = (form.value("source"), form.error("source"));
    let (wording, wording_error) = (form.value("wording"), form.error("wording"));
    let start = view! { <Bullet tone=Tone::Accent icon=Icon::ShieldCheck size=MarkSize::S/> }.into_any();
    view! {
        <Card id="consent-card" title="Consent" start=start>
            <CardBody class="stack-3">
                <ChoiceGroup legend="Did these people agree to marketing?" id="consent">
                    <Radio
                        name="consent"
                        value="column"
                        checked=!agreed
                        hint="Without such a column nobody is sent marketing until consent is recorded."
                    >
                        "Only those a column says so of"
                    </Radio>
                    <Radio
                        name="consent"
                        value="agreed"
                        checked=agreed
                        hint="With a consent column: everybody who says yes there."
                    >
                        "Yes, everybody in this file"
                    </Radio>
                </ChoiceGroup>
                <TextField
                    label="Where they agreed"
                    name="source"
                    optional=true
                    value=source
                    placeholder="Paper form at reception"
                    help="Kept as proof with each address."
                    error=source_error
                    maxlength=200
                />
                <TextArea
                    label="Wording they saw"
                    name="wording"
                    optional=true
                    value=wording
                    error=wording_error
                    maxlength=2000
                />
                <Why icon=Icon::Shield>
                    "An import never clears an opt-out. Whoever opted out stays out, whatever the file says."
                </Why>
            </CardBody>
        </Card>
    }
    .into_any()
}
