//! Where a workspace is: countries and time zones to choose from.

use domain::address::country::CountryCode;
use domain::time_zone::TimeZone;
use leptos::prelude::*;

use crate::forms::FormState;
use crate::ui::field::{SelectField, SelectOption};

/// The fields `time_zone` and `default_country`.
#[component]
pub(super) fn PlaceFields(
    /// The form they are part of.
    form: FormState,
    /// The zone at first.
    time_zone: String,
    /// The code of the country at first; empty for none.
    country: String,
) -> impl IntoView {
    view! {
        <SelectField
            label="Time zone"
            name="time_zone"
            options=time_zones()
            value=form.value_or("time_zone", time_zone)
            help="Times are shown in it."
            error=form.error("time_zone")
        />
        <SelectField
            label="Country"
            name="default_country"
            options=countries()
            optional=true
            value=form.value_or("default_country", country)
            help="Assumed for imported phone numbers without +. Each import shows it and can change it."
            error=form.error("default_country")
        />
    }
}

/// Every time zone, by region and city.
fn time_zones() -> Vec<SelectOption> {
    TimeZone::names().map(|name| SelectOption::new(name, name.replace('_', " "))).collect()
}

/// Every country, by name, after the answer "none".
fn countries() -> Vec<SelectOption> {
    let mut countries: Vec<SelectOption> = CountryCode::all()
        .map(|country| {
            SelectOption::new(country.as_str(), format!("{} (+{})", country.name(), country.calling_code()))
        })
        .collect();
    countries.sort_by(|one, other| one.label.cmp(&other.label));
    countries.insert(0, SelectOption::new("", "None: numbers without + are refused"));
    countries
}
