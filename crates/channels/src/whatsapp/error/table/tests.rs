//! The decisions as Meta's documentation asks for them, written down a second time: a wrong entry of the table fails here.

use domain::delivery::PauseReach;
use reqwest::StatusCode;

use super::super::classify;
use super::super::tests::shape;
use super::*;

/// Code, what follows when it answers a send, and when it comes with a message that Meta had taken: why that one failed,
/// or what the person waits for after it was dropped.
const DOCUMENTED: &[(i32, &str, &str)] = &[
    // 6.3 Authorization and integrity
    (0, "sender signed_out", "sender"),
    (3, "sender permission_missing", "sender"),
    (10, "sender permission_missing", "sender"),
    (102, "sender signed_out", "sender"),
    (104, "sender signed_out", "sender"),
    (190, "sender signed_out", "sender"),
    (200, "sender permission_missing", "sender"),
    (299, "sender permission_missing", "sender"),
    (368, "account restricted", "sender"),
    (130_497, "fail country", "country"),
    (131_031, "account restricted", "sender"),
    (131_005, "sender permission_missing", "sender"),
    // 6.4 Throttling
    (4, "slow 60", "throttled"),
    (17, "slow 60", "throttled"),
    (32, "slow 60", "throttled"),
    (613, "slow 60", "throttled"),
    (80_007, "slow 60", "throttled"),
    (80_008, "slow 300", "throttled"),
    (130_429, "slow", "dropped retry"),
    (131_048, "sender spam_limit", "sender"),
    (131_056, "hold pair_limit", "dropped pair_limit"),
    (131_064, "account misclassified", "sender"),
    // 6.5 Sending
    (1, "retry", "provider_trouble"),
    (2, "retry", "provider_trouble"),
    (33, "sender number_missing", "sender"),
    (100, "fail invalid_value", "invalid_value"),
    (130_403, "fail blocked_by_you", "blocked_by_you"),
    (130_472, "fail experiment", "experiment"),
    (131_000, "retry", "provider_trouble"),
    (131_008, "fail invalid_value", "invalid_value"),
    (131_009, "fail invalid_value", "invalid_value"),
    (131_016, "retry", "provider_trouble"),
    (131_021, "fail own_number", "own_number"),
    (131_026, "fail not_reachable", "not_reachable"),
    (131_030, "fail not_on_test_list", "not_on_test_list"),
    (131_037, "sender display_name", "sender"),
    (131_042, "account payment_issue", "sender"),
    (131_045, "sender number_not_registered", "sender"),
    (131_047, "fail window_closed", "window_closed"),
    (131_049, "hold marketing_limit", "dropped marketing_limit"),
    (131_050, "opt out", "opted_out"),
    (131_051, "dispatch wrong_kind", "unsupported"),
    (131_053, "fail media", "media"),
    (131_055, "dispatch wrong_kind", "unsupported"),
    (131_057, "retry 45", "provider_trouble"),
    (131_062, "fail unsupported", "unsupported"),
    (131_063, "account marketing_disabled", "sender"),
    (133_004, "retry", "provider_trouble"),
    (133_010, "sender number_not_registered", "sender"),
    (134_011, "account payment_issue", "sender"),
    (135_000, "retry once, then invalid_value", "invalid_value"),
    (137_000, "fail identity_changed", "identity_changed"),
    // 6.6 Templates, Flows, Marketing Messages
    (132_000, "dispatch parameter_mismatch", "invalid_value"),
    (132_001, "dispatch template_missing", "template"),
    (132_005, "fail text_too_long", "text_too_long"),
    (132_007, "dispatch template_policy", "template"),
    (132_008, "fail invalid_value", "invalid_value"),
    (132_012, "fail invalid_value", "invalid_value"),
    (132_015, "dispatch template_paused", "template"),
    (132_016, "dispatch template_disabled", "template"),
    (132_018, "fail invalid_value", "invalid_value"),
    (132_021, "dispatch wrong_kind", "unsupported"),
    (132_068, "dispatch flow", "template"),
    (132_069, "dispatch flow", "template"),
    (134_100, "dispatch wrong_kind", "unsupported"),
    (134_101, "retry 600", "provider_trouble"),
    (134_102, "dispatch wrong_kind", "unsupported"),
];

/// Codes of Meta's that have no place in an answer to a send: registering, blocking, calling, receiving, onboarding,
/// synchronising. If one comes nevertheless, it is decided on like a code that nobody knows.
const NOT_FOR_SENDS: &[i32] = &[
    131_044, 131_052, 131_059, 131_060, 133_000, 133_005, 133_006, 133_008, 133_009, 133_015, 133_016,
    138_000, 138_999, 139_000, 139_100, 139_103, 192, 1_752_041, 2_494_100, 2_593_107, 2_593_108, 2_593_109,
];

fn answer(code: i32) -> String {
    let body = format!(
        r#"{{"error":{{"message":"(#{code}) words","type":"OAuthException","code":{code},
             "error_data":{{"messaging_product":"whatsapp","details":"words"}},"fbtrace_id":"A1b2C3"}}}}"#
    );
    shape(&classify(StatusCode::BAD_REQUEST, body.as_bytes()))
}

#[test]
fn every_documented_code_has_its_decision() {
    for (code, answered, reported) in DOCUMENTED {
        assert_eq!(answer(*code), *answered, "code {code}");
        let decision = decision(*code).expect("a code of the table");
        let shape = match decision.reported {
            Failed(reason) => reason.as_str().to_owned(),
            Dropped(hold) => format!("dropped {}", hold.reason()),
        };
        assert_eq!(shape, *reported, "code {code}");
        let stops = ["dispatch ", "sender ", "account "].iter().any(|word| answered.starts_with(word));
        assert_eq!(decision.stops().is_some(), stops, "code {code}");
    }
}

#[test]
fn no_entry_of_the_table_is_untested() {
    let documented = |code: i32| DOCUMENTED.iter().any(|(documented, ..)| *documented == code);
    for Decision { codes: (first, last), .. } in DECISIONS {
        assert!(documented(*first) && documented(*last), "codes {first} to {last}");
    }
}

#[test]
fn no_code_is_decided_twice() {
    for (at, Decision { codes: (first, last), .. }) in DECISIONS.iter().enumerate() {
        assert!(first <= last);
        let others = DECISIONS.iter().enumerate().filter(|(other, _)| *other != at);
        for (_, Decision { codes: (other_first, other_last), .. }) in others {
            assert!(last < other_first || other_last < first, "codes {first} to {last} and {other_first}");
        }
    }
}

#[test]
fn what_is_not_about_a_send_is_a_refusal_without_a_decision() {
    for code in NOT_FOR_SENDS {
        assert!(decision(*code).is_none(), "code {code}");
        assert_eq!(answer(*code), "fail refused", "code {code}");
    }
}

#[test]
fn trouble_with_a_token_stays_with_its_sender_and_trouble_with_the_business_stops_all() {
    let reach = |code| decision(code).and_then(Decision::stops).map(PauseReason::reach);
    assert_eq!(reach(190), Some(PauseReach::Sender));
    assert_eq!(reach(131_042), Some(PauseReach::Account));
    assert_eq!(reach(132_015), Some(PauseReach::Dispatch));
    assert_eq!(reach(131_026), None);
}
