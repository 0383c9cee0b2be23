//! The step of the composer that asks when a campaign goes out.

use chrono::{NaiveTime, TimeDelta};
use domain::Timestamp;
use domain::schedule::{InvalidMoment, LocalMoment, Schedule, Start, Undo};
use domain::time_zone::TimeZone;
use leptos::prelude::*;

use super::compose_page::{Composer, FORM_ID};
use super::compose_steps::Step;
use super::compose_waits::{self, canary_card, quiet_card};
use crate::forms::{FormState, PostedForm};
use crate::ui::card::{Card, CardBody};
use crate::ui::choice::{Checkbox, ChoiceCard, ChoiceGroup};
use crate::ui::field::{SelectField, SelectOption, TextField};
use crate::ui::form_errors::FormErrors;

/// When the day of most shops begins, for whoever has not chosen a time.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The choices of how long a launch can be taken back.
fn undo_words(undo: Undo) -> &'static str {
    match undo {
        Undo::None => "Not at all: messages leave at once",
        Undo::Ten => "10 seconds",
        Undo::Thirty => "30 seconds",
        Undo::Minute => "1 minute",
    }
}

/// What the form says. `None` notes what is wrong.
pub(super) fn read(form: &mut PostedForm, now: Timestamp) -> Option<Schedule> {
    let zone = form.parse::<TimeZone>("zone");
    let start = start(form, now, zone);
    let not_after = not_after(form, start, now, zone);
    let undo = form.parse::<Undo>("undo");
    // Without a start there is no time to be meant anywhere.
    let local_time = form.ticked("local_time") && matches!(start, Some(Start::At(_)));
    let (quiet_hours, canary) = (compose_waits::quiet_hours(form), compose_waits::canary(form));
    Some(Schedule {
        start: start?,
        local_time,
        quiet_hours: quiet_hours?,
        canary: canary?,
        not_after: not_after?,
        undo: undo?,
    })
}

/// The end of the window, if there is to be one.
#[expect(clippy::option_option, reason = "refused and left open are two different answers")]
fn not_after(
    form: &mut PostedForm,
    start: Option<Start>,
    now: Timestamp,
    zone: Option<TimeZone>,
) -> Option<Option<LocalMoment>> {
    let (date, time) = (form.text("until_date"), form.text("until_time"));
    if date.is_empty() && time.is_empty() {
        return Some(None);
    }
    let since = match start? {
        Start::At(moment) => moment.instant(),
        Start::Now => now,
    };
    match LocalMoment::parse(&date, &time, zone?) {
        Ok(moment) if moment.instant() > since => Some(Some(moment)),
        Ok(_) => {
            form.error("until_time", "This is before the start. Choose a later moment.");
            None
        }
        Err(wrong) => {
            let field = if wrong == InvalidMoment::Date { "until_date" } else { "until_time" };
            form.error(field, wrong.to_string());
            None
        }
    }
}

fn start(form: &mut PostedForm, now: Timestamp, zone: Option<TimeZone>) -> Option<Start> {
    let (date, time) = (form.text("date"), form.text("time"));
    match form.text("start").as_str() {
        "now" => return Some(Start::Now),
        "at" => {}
        _ => {
            form.error("start", "Choose one of the two.");
            return None;
        }
    }
    match LocalMoment::parse(&date, &time, zone?) {
        Ok(moment) if moment.instant() > now => Some(Start::At(moment)),
        Ok(_) => {
            form.error("time", "This moment has passed there. Choose a later one.");
            None
        }
        Err(wrong) => {
            let field = if wrong == InvalidMoment::Date { "date" } else { "time" };
            form.error(field, wrong.to_string());
            None
        }
    }
}

/// The fields, as they were saved or as they were just refused.
pub(super) fn schedule_step(composer: &Composer, form: &FormState) -> AnyView {
    let schedule = &composer.chosen.campaign.schedule;
    let kept = match schedule.start {
        Start::At(moment) => Some(moment),
        Start::Now => None,
    };
    let start = form.value_or("start", if kept.is_some() { "at" } else { "now" });
    let action = Step::Schedule.action(composer.chosen.campaign.id);
    let moment = moment_fields(composer, form, kept);
    let until = until_card(form, schedule.not_after);
    let (quiet, canary) = (quiet_card(form, schedule.quiet_hours), canary_card(form, schedule.canary));
    let choices = Undo::ALL
        .into_iter()
        .map(|undo| SelectOption::new(undo.seconds().to_string(), undo_words(undo)))
        .collect();
    let (wrong, wrong_start, wrong_undo) = (form.errors(), form.error("start"), form.error("undo"));
    let undo = form.value_or("undo", schedule.undo.seconds().to_string());
    view! {
        <form id=FORM_ID method="post" action=action novalidate=true class="stack page-form">
            <FormErrors errors=wrong/>
            <Card id="start-card" title="Start">
                <CardBody class="stack-4">
                    <ChoiceGroup legend="Start" legend_hidden=true id="start" error=wrong_start>
                        <div class="pick-list">
                            <ChoiceCard
                                name="start"
                                value="now"
                                title="When the button is pressed"
                                hint="At the end of the review."
                                checked=start == "now"
                            />
                            <ChoiceCard
                                name="start"
                                value="at"
                                title="At a time"
                                hint="Who gets it is decided at that moment: whoever opts out before does not."
                                checked=start == "at"
                            />
                        </div>
                    </ChoiceGroup>
                    {moment}
                </CardBody>
            </Card>
            {quiet}
            {canary}
            {until}
            <Card id="undo-card" title="Second thoughts">
                <CardBody>
                    <SelectField
                        label="After the button, the send can be taken back for"
                        name="undo"
                        options=choices
                        value=undo
                        help="The first message leaves when this time is over. A start at a time can be taken back until then."
                        error=wrong_undo
                    />
                </CardBody>
            </Card>
        </form>
    }
    .into_any()
}

fn moment_fields(composer: &Composer, form: &FormState, kept: Option<LocalMoment>) -> AnyView {
    let named = kept.or(composer.chosen.campaign.schedule.not_after);
    let zone = named.map_or(composer.times.zone, |moment| moment.zone);
    let tomorrow = zone.local(composer.times.now).date() + TimeDelta::days(1);
    let local = kept.map_or_else(|| tomorrow.and_time(MORNING), |moment| moment.local);
    let date = form.value_or("date", local.format("%Y-%m-%d").to_string());
    let time = form.value_or("time", local.format("%H:%M").to_string());
    let (wrong_date, wrong_time, wrong_zone) = (form.error("date"), form.error("time"), form.error("zone"));
    let local_time = form.ticked_or("local_time", composer.chosen.campaign.schedule.local_time);
    let (choices, zone) = (zones(zone), form.value_or("zone", zone.name()));
    view! {
        <div class="cols-2">
            <TextField
                label="Day"
                name="date"
                kind="date"
                value=date
                error=wrong_date
            />
            <TextField
                label="Time"
                name="time"
                kind="time"
                value=time
                error=wrong_time
            />
        </div>
        <SelectField
            label="Time zone"
            name="zone"
            options=choices
            value=zone
            help="Whose clocks show this time."
            error=wrong_zone
        />
        <Checkbox
            name="local_time"
            checked=local_time
            hint="With a start at a time: each person gets it when their own clock shows it. Where that has passed already when the first ones get it, people get it with them, or after their quiet hours."
        >
            "At this time where each person is"
        </Checkbox>
    }
    .into_any()
}

fn until_card(form: &FormState, kept: Option<LocalMoment>) -> AnyView {
    let shown =
        |pattern: &str| kept.map(|moment| moment.local.format(pattern).to_string()).unwrap_or_default();
    let date = form.value_or("until_date", shown("%Y-%m-%d"));
    let time = form.value_or("until_time", shown("%H:%M"));
    let (wrong_date, wrong_time) = (form.error("until_date"), form.error("until_time"));
    view! {
        <Card id="until-card" title="Not later than" hint="For what means nothing afterwards">
            <CardBody class="stack-3">
                <div class="cols-2">
                    <TextField
                        label="Last day"
                        name="until_date"
                        kind="date"
                        value=date
                        optional=true
                        error=wrong_date
                    />
                    <TextField
                        label="Until"
                        name="until_time"
                        kind="time"
                        value=time
                        optional=true
                        error=wrong_time
                    />
                </div>
                <p class="t-2 s-13">"In the time zone above. Whoever has not got it by then is left out."</p>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Every zone, and the one that is chosen should it go by an older name.
fn zones(chosen: TimeZone) -> Vec<SelectOption> {
    let option = |name: &'static str| SelectOption::new(name, name.replace('_', " "));
    let mut zones: Vec<&'static str> = TimeZone::names().collect();
    if !zones.contains(&chosen.name()) {
        zones.insert(0, chosen.name());
    }
    zones.into_iter().map(option).collect()
}
