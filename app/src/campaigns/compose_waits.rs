//! The part of the schedule step that asks who has to wait: those for whom it is night, and those behind the first ones.

use domain::schedule::{Canary, InvalidCanary, InvalidQuietHours, QuietHours};
use leptos::prelude::*;

use crate::forms::{FormState, PostedForm};
use crate::ui::card::{Card, CardBody};
use crate::ui::choice::Checkbox;
use crate::ui::field::TextField;
use crate::ui::format::count;

/// The quiet hours that the form asks for, if any. `None` notes what is wrong.
#[expect(clippy::option_option, reason = "refused and left open are two different answers")]
pub(super) fn quiet_hours(form: &mut PostedForm) -> Option<Option<QuietHours>> {
    let (from, until) = (form.text("quiet_from"), form.text("quiet_until"));
    if !form.ticked("quiet") {
        return Some(None);
    }
    match QuietHours::parse(&from, &until) {
        Ok(hours) => Some(Some(hours)),
        Err(wrong) => {
            let field = if wrong == InvalidQuietHours::From { "quiet_from" } else { "quiet_until" };
            form.error(field, wrong.to_string());
            None
        }
    }
}

/// The canary that the form asks for, if any. `None` notes what is wrong.
#[expect(clippy::option_option, reason = "refused and left open are two different answers")]
pub(super) fn canary(form: &mut PostedForm) -> Option<Option<Canary>> {
    let (people, percent) = (form.text("canary_people"), form.text("canary_percent"));
    if !form.ticked("canary") {
        return Some(None);
    }
    match Canary::parse(&people, &percent) {
        Ok(canary) => Some(Some(canary)),
        Err(wrong) => {
            let field = if wrong == InvalidCanary::People { "canary_people" } else { "canary_percent" };
            form.error(field, wrong.to_string());
            None
        }
    }
}

pub(super) fn quiet_card(form: &FormState, kept: Option<QuietHours>) -> AnyView {
    let hours = kept.unwrap_or_default();
    let from = form.value_or("quiet_from", hours.from().format("%H:%M").to_string());
    let until = form.value_or("quiet_until", hours.until().format("%H:%M").to_string());
    let (wrong_from, wrong_until) = (form.error("quiet_from"), form.error("quiet_until"));
    let checked = form.ticked_or("quiet", kept.is_some());
    view! {
        <Card id="quiet-card" title="Quiet hours" hint="By each person’s own clock">
            <CardBody class="stack-3">
                <Checkbox
                    name="quiet"
                    checked=checked
                    hint="Whose turn comes then gets it when they are over. This counts for a start with the button as well."
                >
                    "Write to nobody in these hours"
                </Checkbox>
                <div class="cols-2">
                    <TextField
                        label="From"
                        name="quiet_from"
                        kind="time"
                        value=from
                        error=wrong_from
                    />
                    <TextField
                        label="To"
                        name="quiet_until"
                        kind="time"
                        value=until
                        error=wrong_until
                    />
                </div>
                <p class="t-2 s-13">
                    "Where somebody is, their field "
                    <span class="mono">"time_zone"</span>
                    " tells (such as America/New_York), else the country and area of their number, else the time zone of this workspace. The review shows how many are known from which."
                </p>
            </CardBody>
        </Card>
    }
    .into_any()
}

pub(super) fn canary_card(form: &FormState, kept: Option<Canary>) -> AnyView {
    let canary = kept.unwrap_or_default();
    let people = form.value_or("canary_people", canary.people().to_string());
    let percent = form.value_or("canary_percent", canary.percent_max().to_string());
    let (wrong_people, wrong_percent) = (form.error("canary_people"), form.error("canary_percent"));
    let checked = form.ticked_or("canary", kept.is_some());
    let most = format!("From {} to {}.", Canary::PEOPLE_MIN, count(Canary::PEOPLE_MAX.into()));
    view! {
        <Card id="canary-card" title="First messages" hint="For a template or a list that is new">
            <CardBody class="stack-3">
                <Checkbox
                    name="canary"
                    checked=checked
                    hint="If too many of them fail, the campaign pauses before the others get it, and you decide."
                >
                    "Send to the first people first, and watch how it goes"
                </Checkbox>
                <div class="cols-2">
                    <TextField
                        label="How many go first"
                        name="canary_people"
                        value=people
                        inputmode="numeric"
                        maxlength=5_u32
                        help=most
                        error=wrong_people
                    />
                    <TextField
                        label="Pause if more than this many percent fail"
                        name="canary_percent"
                        value=percent
                        inputmode="numeric"
                        maxlength=2_u32
                        help="0 pauses at the first failure."
                        error=wrong_percent
                    />
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}
