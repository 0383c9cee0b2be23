//! Where people are, and what clocks show there: the functions of the database that previews and launches share.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use domain::schedule::QuietHours;

use super::*;
use crate::dispatches::zones::{self, ZoneGroup};

pub(super) fn hours(from: &str, until: &str) -> QuietHours {
    QuietHours::parse(from, until).expect("quiet hours")
}

fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

impl World {
    /// Gives people a number, or a field, each.
    async fn are(&self, people: &[(&str, &str)]) {
        for (position, (number, attributes)) in people.iter().enumerate() {
            let name = format!("Ana {}", position + 1);
            sqlx::query(
                "with c as (
                     update contacts set attributes = attributes || $3::jsonb where name = $1 returning contact_id
                 )
                 update addresses a set value = $2 from c where a.contact_id = c.contact_id",
            )
            .bind(name)
            .bind(number)
            .bind(attributes)
            .execute(&self.pool)
            .await
            .expect("moved");
        }
    }

    async fn groups(&self, timing: Timing, launch_at: Timestamp) -> Vec<ZoneGroup> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        zones::groups(&mut conn, self.workspace, &self.audience, timing, launch_at).await.expect("read")
    }
}

/// A number and fields, the zone that follows from them, and from which.
const PEOPLE: [(&str, &str, &str, &str); 16] = [
    ("+12125550100", "{}", "America/New_York", "number"),
    ("+13105550100", "{}", "America/Los_Angeles", "number"),
    ("+18085550100", "{}", "Pacific/Honolulu", "number"),
    ("+14035550100", "{}", "America/Edmonton", "number"),
    // Eastern and western Kentucky share an area.
    ("+12705550100", "{}", "America/Chicago,America/New_York", "number"),
    ("+5511912345678", "{}", "America/Sao_Paulo", "number"),
    ("+5592912345678", "{}", "America/Manaus", "number"),
    // Mobile numbers that are used in the whole country.
    ("+79123456789", "{}", "Europe/Moscow,Asia/Kamchatka,Europe/Kaliningrad", "number"),
    ("+61412345678", "{}", "Australia/Sydney,Australia/Perth", "number"),
    ("+819012345678", "{}", "Asia/Tokyo", "number"),
    ("+441632960000", "{}", "Europe/London", "number"),
    ("+81901234567", r#"{"time_zone": " America/Port-au-Prince "}"#, "America/Port-au-Prince", "field"),
    ("+81901234568", r#"{"timezone": "Asia/Kolkata"}"#, "Asia/Kolkata", "field"),
    ("+81901234569", r#"{"time_zone": "", "timezone": "UTC"}"#, "UTC", "field"),
    // No zone: the number tells.
    ("+81901234560", r#"{"time_zone": "Tokyo time"}"#, "Asia/Tokyo", "number"),
    // A number of nowhere.
    ("+88810000000", "{}", "America/Lima", "workspace"),
];

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_zone_is_known_from_the_field_the_number_or_the_workspace(pool: PgPool) {
    let world = World::prepared(pool, 16).await;
    sqlx::query("update workspaces set time_zone = 'America/Lima'")
        .execute(&world.pool)
        .await
        .expect("moved");
    world.are(&PEOPLE.map(|(number, attributes, ..)| (number, attributes))).await;
    let found: Vec<(String, String, String)> = sqlx::query_as(
        "select address, time_zone, zone_source from resolve_zoned_audience($1, $2, 'phone', true, '{}', '{}', '{}')
          where skip_reason is null",
    )
    .bind(world.workspace.uuid())
    .bind(vec![world.list.uuid()])
    .fetch_all(&world.pool)
    .await
    .expect("resolved");
    let found: BTreeMap<_, _> =
        found.into_iter().map(|(number, zone, source)| (number, (zone, source))).collect();
    assert_eq!(found.len(), PEOPLE.len());
    for (number, attributes, zone, source) in PEOPLE {
        assert_eq!(found[number], (zone.to_owned(), source.to_owned()), "{number} {attributes}");
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn every_zone_of_the_table_is_one_for_the_database_and_for_us(pool: PgPool) {
    let zones: Vec<String> =
        sqlx::query_scalar("select distinct string_to_table(time_zone, ',') from calling_code_zones")
            .fetch_all(&pool)
            .await
            .expect("read");
    assert!(zones.len() > 250, "{}", zones.len());
    for zone in zones {
        zone.parse::<domain::time_zone::TimeZone>().unwrap_or_else(|_| panic!("{zone}"));
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_local_start_is_when_the_clocks_there_show_it(pool: PgPool) {
    let world = World::prepared(pool, 4).await;
    world
        .are(&[
            ("+819012345678", "{}"),
            ("+12125550100", "{}"),
            ("+12125550101", "{}"),
            ("+441632960000", "{}"),
        ])
        .await;
    // In New York clocks are set ahead at two: what they do not show is an hour later.
    let local_start = Some("2026-03-08T02:30:00".parse().expect("a local time"));
    let timing = Timing { local_start, quiet_hours: None };
    let told = |groups: Vec<ZoneGroup>| -> Vec<(String, i64, String, Option<String>)> {
        let told = |group: ZoneGroup| (group.time_zone, group.people, group.due.to_rfc3339(), group.reason);
        groups.into_iter().map(told).collect()
    };
    let waits = Some("not_started".to_owned());
    let expected = [
        ("Asia/Tokyo".to_owned(), 1, "2026-03-07T18:00:00+00:00".to_owned(), None),
        ("Europe/London".to_owned(), 1, "2026-03-08T02:30:00+00:00".to_owned(), waits.clone()),
        ("America/New_York".to_owned(), 2, "2026-03-08T07:30:00+00:00".to_owned(), waits),
    ];
    // It has passed in Tokyo by then, so these do not wait.
    assert_eq!(told(world.groups(timing, utc("2026-03-07T18:00:00Z")).await), expected);
    // With quiet hours they wait for the morning all the same.
    let timing = Timing { quiet_hours: Some(hours("21:00", "08:00")), ..timing };
    let groups = world.groups(timing, utc("2026-03-07T18:00:00Z")).await;
    let due: Vec<String> = groups.iter().map(|group| group.due.to_rfc3339()).collect();
    assert_eq!(due, ["2026-03-07T23:00:00+00:00", "2026-03-08T08:00:00+00:00", "2026-03-08T12:00:00+00:00"]);
    assert_eq!(groups[0].reason.as_deref(), Some("quiet_hours"));
    assert_eq!(groups[0].night_falls, Some(utc("2026-03-08T12:00:00Z")));
    assert_eq!(groups[0].night_ends, Some(utc("2026-03-08T23:00:00Z")));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn quiet_hours_follow_the_clocks_when_these_are_set(pool: PgPool) {
    let end = async |at: &str, zones: &str, quiet: QuietHours| -> String {
        let (from, until): (NaiveTime, NaiveTime) = (quiet.from(), quiet.until());
        let end: Timestamp = sqlx::query_scalar("select quiet_end($1, $2, $3, $4)")
            .bind(utc(at))
            .bind(zones)
            .bind(from)
            .bind(until)
            .fetch_one(&pool)
            .await
            .expect("asked");
        end.format("%d %H:%M").to_string()
    };
    let night = hours("21:00", "08:00");
    assert_eq!(end("2026-11-21T12:00:00Z", "Europe/Lisbon", night).await, "21 12:00", "it is day");
    assert_eq!(end("2026-11-21T21:00:00Z", "Europe/Lisbon", night).await, "22 08:00");
    assert_eq!(end("2026-11-21T07:59:59Z", "Europe/Lisbon", night).await, "21 08:00");
    // The night in which clocks are set back is an hour longer, the other an hour shorter.
    assert_eq!(end("2026-10-24T20:00:00Z", "Europe/Lisbon", night).await, "25 08:00");
    assert_eq!(end("2026-03-28T21:00:00Z", "Europe/Lisbon", night).await, "29 07:00");
    assert_eq!(end("2026-11-01T01:00:00Z", "America/New_York", night).await, "01 13:00");
    // An end that clocks show twice is the second time; one that they never show, after the gap.
    let short = hours("21:00", "01:30");
    assert_eq!(end("2026-10-25T00:10:00Z", "Europe/Lisbon", short).await, "25 01:30");
    assert_eq!(end("2026-03-29T00:10:00Z", "Europe/Lisbon", short).await, "29 01:30");
    // At noon.
    let siesta = hours("12:30", "14:00");
    assert_eq!(end("2026-11-21T13:00:00Z", "Europe/Lisbon", siesta).await, "21 14:00");
    assert_eq!(end("2026-11-21T22:00:00Z", "Europe/Lisbon", siesta).await, "21 22:00");
    // Of several zones none may be in its night: after Kaliningrad wakes up, before Kamchatka goes to sleep.
    let russia = "Europe/Moscow,Asia/Kamchatka,Europe/Kaliningrad";
    assert_eq!(end("2026-11-21T12:00:00Z", russia, night).await, "22 06:00");
    assert_eq!(end("2026-11-21T08:59:00Z", russia, night).await, "21 08:59");
    let first: String = sqlx::query_scalar("select zones_with_a_day($1, '18:00', '10:00')")
        .bind(russia)
        .fetch_one(&pool)
        .await
        .expect("asked");
    assert_eq!(first, "Europe/Moscow", "between these nights there is no day");
}
