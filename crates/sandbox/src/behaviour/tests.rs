use super::{Behaviour, DelayRange, FailureShare, MAGIC_NUMBERS};
use crate::world::Category;

fn people(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("+3519120{n:05}"))
}

#[test]
fn a_fate_depends_on_seed_and_person_only() {
    let first = Behaviour::default();
    let again = Behaviour::default();
    let other = Behaviour { seed: 1, ..Behaviour::default() };
    let differs = people(500).filter(|person| {
        assert_eq!(first.fate_of(person, Category::Marketing), again.fate_of(person, Category::Marketing));
        first.fate_of(person, Category::Marketing) != other.fate_of(person, Category::Marketing)
    });
    assert!(differs.count() > 100);
    let spelled = first.fate_of("+351 912 000 001", Category::Marketing);
    assert_eq!(spelled, first.fate_of("351912000001", Category::Marketing));
}

#[test]
fn shares_are_met_within_a_percent() {
    let behaviour = Behaviour { magic_numbers: false, ..Behaviour::default() };
    let fates: Vec<_> =
        people(40_000).map(|person| behaviour.fate_of(&person, Category::Marketing)).collect();
    let share = |count: usize| count as f64 / fates.len() as f64;
    let failed = share(fates.iter().filter(|fate| fate.failure.is_some()).count());
    let read = share(fates.iter().filter(|fate| fate.read).count());
    assert!((failed - 0.025).abs() < 0.01, "{failed}");
    assert!((read - 0.975 * 0.97 * 0.72).abs() < 0.01, "{read}");
}

#[test]
fn changing_one_share_does_not_move_the_others() {
    let base = Behaviour::default();
    let talkative = Behaviour { reply_share: 1.0, ..Behaviour::default() };
    for person in people(300) {
        let (quiet, loud) =
            (base.fate_of(&person, Category::Marketing), talkative.fate_of(&person, Category::Marketing));
        assert_eq!((quiet.failure, quiet.delivered, quiet.read), (loud.failure, loud.delivered, loud.read));
    }
}

#[test]
fn only_marketing_is_withheld_as_marketing() {
    let behaviour =
        Behaviour { failures: vec![FailureShare { code: 131049, share: 1.0 }], ..Behaviour::default() };
    assert_eq!(behaviour.fate_of("+351912000001", Category::Marketing).failure, Some(131049));
    assert_eq!(behaviour.fate_of("+351912000001", Category::Utility).failure, None);
}

#[test]
fn every_magic_number_changes_something_and_can_be_switched_off() {
    let magic = Behaviour::default();
    let plain = Behaviour { magic_numbers: false, ..Behaviour::flawless() };
    for (suffix, what) in MAGIC_NUMBERS {
        let person = format!("+351912{suffix}");
        let fate = magic.fate_of(&person, Category::Marketing);
        assert_ne!(fate, plain.fate_of(&person, Category::Marketing), "{suffix} {what}");
        assert!(
            what.contains("later") == (fate.failure.is_some() && fate.refused.is_none() && !fate.held),
            "{suffix}"
        );
    }
    assert_eq!(plain.fate_of("+351912990001", Category::Marketing).failure, None);
}

#[test]
fn impossible_values_are_named() {
    assert_eq!(Behaviour::default().problem(), None);
    let share = Behaviour { read_share: 1.5, ..Behaviour::default() };
    assert!(share.problem().is_some_and(|problem| problem.contains("read_share")));
    let delay = Behaviour { sent_after_ms: DelayRange(5, 1), ..Behaviour::default() };
    assert!(delay.problem().is_some_and(|problem| problem.contains("sent_after_ms")));
}
