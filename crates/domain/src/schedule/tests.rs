use super::*;

fn lisbon() -> TimeZone {
    "Europe/Lisbon".parse().expect("a zone")
}

#[test]
fn a_moment_is_read_as_browsers_write_it() {
    let moment = LocalMoment::parse("2026-11-28", "09:00", lisbon()).expect("a moment");
    assert_eq!(moment.instant().to_rfc3339(), "2026-11-28T09:00:00+00:00");
    assert_eq!(
        LocalMoment::parse("2026-11-28", "09:00:30", lisbon()).map(|moment| moment.local.to_string()),
        Ok("2026-11-28 09:00:30".to_owned())
    );
    assert_eq!(LocalMoment::parse("28.11.2026", "09:00", lisbon()), Err(InvalidMoment::Date));
    assert_eq!(LocalMoment::parse("+262142-01-01", "09:00", lisbon()), Err(InvalidMoment::Date));
    assert_eq!(LocalMoment::parse("", "09:00", lisbon()), Err(InvalidMoment::Date));
    assert_eq!(LocalMoment::parse("2026-11-28", "25:00", lisbon()), Err(InvalidMoment::Time));
}

#[test]
fn a_schedule_survives_the_database() {
    let moment = LocalMoment::parse("2026-07-01", "09:00", lisbon()).expect("a moment");
    let schedule = Schedule { start: Start::At(moment), undo: Undo::Thirty, ..Schedule::default() };
    let kept = serde_json::to_value(schedule).expect("JSON");
    assert_eq!(
        kept,
        serde_json::json!({
            "start": { "kind": "at", "local": "2026-07-01T09:00:00", "zone": "Europe/Lisbon" },
            "local_time": false,
            "quiet_hours": null,
            "canary": null,
            "not_after": null,
            "undo": 30,
        })
    );
    assert_eq!(serde_json::from_value::<Schedule>(kept).expect("a schedule"), schedule);
    assert_eq!(schedule.starts_at().map(|at| at.to_rfc3339()), Some("2026-07-01T08:00:00+00:00".to_owned()));
    // What campaigns had before there were schedules.
    assert_eq!(serde_json::from_str::<Schedule>("{}").expect("a schedule"), Schedule::default());
}

#[test]
fn a_short_window_leaves_no_room_for_holds() {
    let ends = LocalMoment::parse("2026-11-28", "09:00", lisbon()).expect("a moment");
    let schedule = Schedule { not_after: Some(ends), ..Schedule::default() };
    let hours = |hours| ends.instant() - chrono::TimeDelta::hours(hours);
    assert!(schedule.allows_holds(hours(25)));
    assert!(!schedule.allows_holds(hours(24)));
    assert!(Schedule::default().allows_holds(hours(0)));
}

#[test]
fn only_the_choices_are_undo_windows() {
    assert_eq!("10".parse(), Ok(Undo::Ten));
    assert_eq!("11".parse::<Undo>(), Err(UnknownUndo));
    assert_eq!("-1".parse::<Undo>(), Err(UnknownUndo));
    assert!(serde_json::from_str::<Undo>("7").is_err());
}

#[test]
fn a_click_does_not_wait_for_local_times() {
    let moment = LocalMoment::parse("2026-07-01", "09:00", lisbon()).expect("a moment");
    let quiet_hours = Some(QuietHours::default());
    let schedule =
        Schedule { start: Start::At(moment), local_time: true, quiet_hours, ..Schedule::default() };
    assert_eq!(schedule.timing(true), Timing { local_start: Some(moment.local), quiet_hours });
    assert_eq!(schedule.timing(false), Timing { local_start: None, quiet_hours });
    assert!(!Schedule { start: Start::At(moment), ..Schedule::default() }.timing(true).goes_by_zone());
}
