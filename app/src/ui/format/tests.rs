use chrono::{NaiveDate, NaiveDateTime};

use super::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the tests use real days")
}

fn at(date: NaiveDate, hour: u32, minute: u32, second: u32) -> NaiveDateTime {
    date.and_hms_opt(hour, minute, second).expect("the tests use real times")
}

#[test]
fn counts_are_grouped_by_thousands() {
    for (number, shown) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (9_873, "9,873"),
        (148_206, "148,206"),
        (1_000_000, "1,000,000"),
        (u64::MAX, "18,446,744,073,709,551,615"),
    ] {
        assert_eq!(count(number), shown);
    }
    assert_eq!(minus(2_104), "−2,104");
    assert_eq!(minus(0), "0");
}

#[test]
fn estimates_are_exact_until_a_hundred_thousand() {
    assert_eq!(estimate(99_999), "99,999");
    assert_eq!(estimate(100_000), "about 100 k");
    assert_eq!(estimate(123_456), "about 123.4 k");
    assert_eq!(estimate(1_249_000), "about 1.2 M");
    assert_eq!(estimate(2_000_000_000), "about 2 bn");
}

#[test]
fn a_percentage_reaches_its_ends_only_when_true() {
    assert_eq!(percent(5_871, 6_240), "94.1%");
    assert_eq!(percent(1, 3), "33.3%");
    assert_eq!(percent(2, 3), "66.7%");
    assert_eq!(percent(0, 10), "0%");
    assert_eq!(percent(10, 10), "100%");
    assert_eq!(percent(9_999, 10_000), "99.9%");
    assert_eq!(percent(1, 10_000), "under 0.1%");
    assert_eq!(percent(1, 0), "–");
    assert_eq!(percent(u64::MAX - 1, u64::MAX), "99.9%");
    assert_eq!(percent_of(5_871, 6_240, "submitted"), "94.1% of submitted");
    assert_eq!(percent_floor(6_433, 9_873), "65%");
    assert_eq!(percent_floor(9_872, 9_873), "99%");
}

#[test]
fn widths_never_exceed_the_whole() {
    assert_eq!(width(5_871, 9_873), "59.46%");
    assert_eq!(width(12, 10), "100.00%");
    assert_eq!(width(1, 0), "0%");
}

#[test]
fn nouns_follow_their_number() {
    assert_eq!(people(1), "1 person");
    assert_eq!(people(0), "0 people");
    assert_eq!(plural(2_140, "row", "rows"), "2,140 rows");
}

#[test]
fn durations_name_two_units() {
    for (seconds, shown) in [
        (0, "under 1 s"),
        (46, "46 s"),
        (60, "1 min"),
        (640, "10 min 40 s"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (86_400, "1 day"),
        (273_600, "3 days 4 h"),
    ] {
        assert_eq!(duration(seconds), shown);
    }
    assert_eq!(time_left(20), "under a minute");
    assert_eq!(time_left(170), "3 min");
}

#[test]
fn the_past_is_relative_and_coarse() {
    for (seconds, shown) in [
        (0, "now"),
        (12, "12 s ago"),
        (200, "3 min ago"),
        (7_200, "2 h ago"),
        (86_400, "1 day ago"),
        (200_000, "2 days ago"),
    ] {
        assert_eq!(ago(seconds), shown);
    }
}

#[test]
fn dates_carry_the_year_only_if_it_is_another() {
    let today = day(2026, 11, 20);
    let launch = at(today, 10, 30, 5);
    assert_eq!(date(day(2025, 3, 1), today), "1 Mar 2025");
    assert_eq!(date_time(launch, today), "20 Nov, 10:30");
    assert_eq!(weekday_date_time(launch, today), "Fri 20 Nov, 10:30");
    assert_eq!(moment(launch, today), "10:30:05");
    assert_eq!(moment(launch, day(2026, 11, 21)), "20 Nov, 10:30");
    assert_eq!(month(today), "November 2026");
}

#[test]
fn files_are_measured_in_decimal_units() {
    assert_eq!(bytes(1), "1 byte");
    assert_eq!(bytes(214_300), "214 KB");
    assert_eq!(bytes(999_499), "999 KB");
    assert_eq!(bytes(1_620_000), "1.6 MB");
}

#[test]
fn initials_take_the_first_and_the_last_word() {
    assert_eq!(initials("Inês Duarte"), "ID");
    assert_eq!(initials("Maria do Carmo Sousa"), "MS");
    assert_eq!(initials("  (brasa) "), "B");
    assert_eq!(initials("–"), "");
    assert_eq!(lower_first("Held by WhatsApp"), "held by WhatsApp");
}

#[test]
fn clocks_follow_local_seconds() {
    assert_eq!(clock_of(0), "00:00");
    assert_eq!(clock_of(-60), "23:59");
    assert_eq!(clock_of(1_763_634_638), "10:30");
    assert_eq!(clock_seconds_of(1_763_634_638), "10:30:38");
    assert_eq!(clock_seconds_of(-1), "23:59:59");
}
