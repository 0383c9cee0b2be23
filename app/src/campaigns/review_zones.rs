//! Where the people of a campaign are, when their turn comes there, and how that is known.

use std::collections::BTreeMap;

use domain::schedule::{Canary, QuietHours, Schedule, Start};
use domain::time_zone::TimeZone;
use leptos::prelude::*;
use service::campaigns::{Whereabouts, ZoneGroup};

use super::times::Times;
use crate::ui::card::{Card, CardBody};
use crate::ui::format::{clock, count, people, plural};
use crate::ui::kv::{Fact, KeyValues, KeyValuesLayout};
use crate::ui::table::{Rows, Table};

/// Zones that get a row of their own; the others share one.
const ROWS_MAX: usize = 12;

/// The zones of a person in words. Several, where the number does not tell in which of them they are.
fn zone_words(zones: &str) -> String {
    let region = zones.split(',').next().and_then(|name| name.split_once('/')).map(|(region, _)| region);
    match region {
        Some(region) => format!("{region}/{}", cities(zones)),
        None => cities(zones),
    }
}

/// The same without the part of the world.
pub(super) fn cities(zones: &str) -> String {
    let city = |name: &str| name.split_once('/').map_or(name, |(_, city)| city).replace('_', " ");
    let cities: Vec<String> = zones.split(',').map(city).collect();
    match cities.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Where a local start is meant.
pub(super) fn first_zone(zones: &str) -> TimeZone {
    zones.split(',').next().and_then(|name| name.parse().ok()).unwrap_or(TimeZone::UTC)
}

/// How the zone of somebody is known.
pub(super) fn source_words(source: &str) -> &'static str {
    match source {
        "field" => "from their field",
        "number" => "by their number",
        _ => "the zone of this workspace",
    }
}

/// The card of the review.
pub(super) fn zones_card(whereabouts: &Whereabouts, schedule: Schedule, times: Times) -> AnyView {
    let known = |source: &str| count(u64::try_from(whereabouts.known_from(source)).unwrap_or(0));
    let facts = vec![
        Fact::new("From the field time_zone", known("field")),
        Fact::new("By country and area of the number", known("number")),
        Fact::new("Time zone of this workspace", known("workspace")),
    ];
    let rows = zones(&whereabouts.groups);
    let more = rows.len().saturating_sub(ROWS_MAX);
    let behind: i64 = rows.iter().skip(ROWS_MAX).map(|row| row.people).sum();
    let rest = (more > 0).then(|| {
        let zones = plural(more as u64, "more zone", "more zones");
        let words = format!("And {} in {zones}.", people(u64::try_from(behind).unwrap_or(0)));
        view! { <p class="t-2 s-13">{words}</p> }
    });
    let rows = rows.into_iter().take(ROWS_MAX).map(|row| zone_row(&row, times)).collect_view();
    let hint = hint(schedule);
    view! {
        <Card id="zones" title="Where they are" hint=hint>
            <CardBody class="stack-3">
                <KeyValues facts=facts layout=KeyValuesLayout::Figures/>
                {rest}
            </CardBody>
            <Table label="Time zones of the audience" rows=Rows::Dense>
                <thead>
                    <tr>
                        <th scope="col">"Time zone"</th>
                        <th scope="col" class="end">
                            "People"
                        </th>
                        <th scope="col">"From, there"</th>
                        <th scope="col" class="col-3">
                            {times.zone_words()}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn hint(schedule: Schedule) -> &'static str {
    match (schedule.local_time, schedule.quiet_hours) {
        (true, Some(_)) => "Local start and quiet hours go by this",
        (true, None) => "The local start goes by this",
        (false, _) => "The quiet hours go by this",
    }
}

/// A zone with everybody in it, whatever it is known from.
struct ZoneRow {
    zones: String,
    people: i64,
    due: domain::Timestamp,
}

/// In the order in which they may be written to.
fn zones(groups: &[ZoneGroup]) -> Vec<ZoneRow> {
    let mut zones: BTreeMap<&str, ZoneRow> = BTreeMap::new();
    for group in groups {
        let row = zones.entry(&group.time_zone).or_insert_with(|| ZoneRow {
            zones: group.time_zone.clone(),
            people: 0,
            due: group.due,
        });
        row.people += group.people;
    }
    let mut rows: Vec<ZoneRow> = zones.into_values().collect();
    rows.sort_by_key(|row| (row.due, std::cmp::Reverse(row.people)));
    rows
}

fn zone_row(row: &ZoneRow, times: Times) -> impl IntoView + use<> {
    let (words, zone) = (zone_words(&row.zones), first_zone(&row.zones));
    let at_once = row.due <= times.now;
    let there = if at_once { "at once".to_owned() } else { times.there(row.due, zone) };
    let here = if at_once { "at once".to_owned() } else { times.near(row.due) };
    view! {
        <tr>
            <td>{words}</td>
            <td class="end num">{count(u64::try_from(row.people).unwrap_or(0))}</td>
            <td class="nowrap">{there}</td>
            <td class="col-3 t-2 nowrap">{here}</td>
        </tr>
    }
}

/// `21:00 to 08:00`.
pub(super) fn hours_words(hours: QuietHours) -> String {
    format!("{} to {}", clock(hours.from()), clock(hours.until()))
}

/// What a schedule says about whom it makes wait, a sentence each.
pub(super) fn waits_words(schedule: Schedule) -> Vec<String> {
    let mut words = Vec::new();
    if let Start::At(moment) = schedule.start
        && schedule.local_time
    {
        let at = clock(moment.local.time());
        words.push(format!(
            "Each person gets it at {at} of their own day; where that has passed by then, they get it with the first ones."
        ));
    }
    if let Some(hours) = schedule.quiet_hours {
        words.push(format!("Nobody gets it from {} of their own day.", hours_words(hours)));
    }
    if let Some(canary) = schedule.canary {
        words.push(canary_words(canary));
    }
    words
}

fn canary_words(canary: Canary) -> String {
    format!(
        "It goes to {} first, and pauses if more than {} % of these fail.",
        people(canary.people().into()),
        canary.percent_max()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_named_as_people_do() {
        assert_eq!(zone_words("America/New_York"), "America/New York");
        assert_eq!(zone_words("America/Argentina/Buenos_Aires"), "America/Argentina/Buenos Aires");
        let russia = "Europe/Moscow,Asia/Kamchatka,Europe/Kaliningrad";
        assert_eq!(zone_words(russia), "Europe/Moscow, Kamchatka or Kaliningrad");
        assert_eq!(first_zone(russia).name(), "Europe/Moscow");
        assert_eq!((zone_words("UTC"), cities("Europe/Lisbon")), ("UTC".to_owned(), "Lisbon".to_owned()));
    }

    #[test]
    fn a_schedule_says_whom_it_makes_wait() {
        let schedule = Schedule {
            quiet_hours: Some(QuietHours::default()),
            canary: Some(Canary::default()),
            ..Schedule::default()
        };
        assert_eq!(
            waits_words(schedule),
            [
                "Nobody gets it from 21:00 to 08:00 of their own day.",
                "It goes to 50 people first, and pauses if more than 10 % of these fail.",
            ]
        );
        assert!(waits_words(Schedule::default()).is_empty());
    }
}
