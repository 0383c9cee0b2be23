//! `POST /{phone}/messages`: answers and refusals.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::{SandboxConfig, seed};
use serde_json::json;

use crate::support::{Caller, harvest, text, utility, welcome};

#[tokio::test]
async fn a_template_is_accepted_with_a_fresh_wamid_and_its_input_echoed() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let answer = caller.send(welcome("+351 912 000 001")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["messaging_product"], "whatsapp");
    assert_eq!(answer.body["contacts"], json!([{ "input": "+351 912 000 001", "wa_id": "351912000001" }]));
    assert_eq!(answer.body["messages"][0]["message_status"], "accepted");
    let encoded = answer.wamid().strip_prefix("wamid.").expect("a wamid starts with its kind");
    assert!(STANDARD.decode(encoded).is_ok(), "{encoded}");
    let mut seen = HashSet::from([answer.wamid().to_owned()]);
    for _ in 0..20 {
        assert!(seen.insert(caller.send(welcome("+351912000001")).await.wamid().to_owned()));
    }
}

#[tokio::test]
async fn a_text_has_no_message_status() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let answer = caller.send(text("+351912000001", "hello")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["messages"][0].get("message_status").is_none());
}

#[tokio::test]
async fn the_wa_id_is_normalised() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    for (input, wa_id) in [
        ("+55 11 90000-0001", "5511900000001"),
        ("+5585988880001", "558588880001"),
        ("+525512345678", "5215512345678"),
        ("912000001", "351912000001"),
    ] {
        let answer = caller.send(welcome(input)).await;
        assert_eq!(answer.body["contacts"][0]["input"], input);
        assert_eq!(answer.body["contacts"][0]["wa_id"], wa_id);
    }
}

#[tokio::test]
async fn what_the_person_reads_has_every_variable_filled_in() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    caller.send(harvest("+351912000001", &["Inês", "20%", "30 de novembro"])).await;
    let messages = caller.sandbox.messages_to("+351 912 000 001");
    assert_eq!(messages.len(), 1);
    let shown = &messages[0].text;
    assert!(shown.contains("Lisboa") && shown.contains("Olá Inês") && shown.contains("20%"), "{shown}");
    assert!(!shown.contains("{{"), "{shown}");
    assert_eq!(messages[0].quick_replies[0].payload, "BAG|42");
}

#[tokio::test]
async fn tokens_are_checked_first() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let url = caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID));
    let missing = caller.ask(caller.client.post(&url).json(&json!({}))).await;
    assert_eq!((missing.status, missing.code()), (401, 104));
    for (token, subcode) in
        [("nobody's token", None), (seed::EXPIRED_TOKEN, Some(463)), (seed::REVOKED_TOKEN, Some(460))]
    {
        let answer =
            caller.ask(caller.client.post(&url).bearer_auth(token).json(&welcome("+351912000001"))).await;
        assert_eq!((answer.status, answer.code()), (401, 190), "{token}");
        assert_eq!(answer.body["error"]["error_subcode"].as_u64(), subcode);
        assert_eq!(answer.body["error"]["type"], "OAuthException");
        assert!(answer.body["error"]["fbtrace_id"].is_string());
    }
    let stranger = caller
        .ask(
            caller
                .client
                .post(&url)
                .bearer_auth(seed::TOKEN_OF_OTHER_ACCOUNT)
                .json(&welcome("+351912000001")),
        )
        .await;
    assert_eq!((stranger.code(), stranger.body["error"]["error_subcode"].as_u64()), (100, Some(33)));
    let reader = caller
        .ask(
            caller
                .client
                .post(&url)
                .bearer_auth(seed::TOKEN_WITHOUT_MESSAGING)
                .json(&welcome("+351912000001")),
        )
        .await;
    assert_eq!((reader.status, reader.code()), (403, 10));
}

#[tokio::test]
async fn a_token_revoked_in_the_middle_stops_the_next_call() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    assert_eq!(caller.send(welcome("+351912000001")).await.status, 200);
    caller.sandbox.revoke_token(seed::TOKEN);
    let answer = caller.send(welcome("+351912000002")).await;
    assert_eq!((answer.status, answer.code()), (401, 190));
    assert_eq!(caller.sandbox.messages_accepted(seed::NUMBER_ID), 1);
    assert_eq!(caller.sandbox.ledger().refused[&190], 1);
}

#[tokio::test]
async fn the_envelope_is_checked_before_number_and_template() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let good = welcome("+351912000001");
    let changed = |path: &str, value: serde_json::Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).expect("a field of the body") = value;
        body
    };
    let without = |name: &str| {
        let mut body = good.clone();
        body.as_object_mut().expect("an object").remove(name);
        body
    };
    let cases = [
        (without("messaging_product"), 100),
        (changed("/messaging_product", json!("sms")), 100),
        (without("to"), 100),
        (changed("/to", json!("call me")), 131009),
        (changed("/to", json!("+123")), 131009),
        (changed("/recipient_type", json!("crowd")), 100),
        (without("template"), 131008),
        (changed("/template/name", json!("")), 131008),
        (changed("/template/language", json!({})), 131008),
        (changed("/type", json!("hologram")), 131051),
        (changed("/biz_opaque_callback_data", json!("x".repeat(513))), 100),
        (json!({ "messaging_product": "whatsapp", "to": "+351912000001", "type": "text" }), 131008),
        (text("+351912000001", ""), 131008),
        (text("+351912000001", &"x".repeat(4_097)), 100),
        (json!([]), 100),
    ];
    for (body, code) in cases {
        // The number is not registered either: the envelope comes first.
        let answer = caller.send_from(seed::UNREGISTERED_NUMBER_ID, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{body}");
    }
    let not_json = caller
        .client
        .post(caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID)))
        .bearer_auth(seed::TOKEN)
        .body("to=+351912000001");
    assert_eq!(caller.ask(not_json).await.code(), 100);
    assert_eq!(caller.sandbox.ledger().accepted, 0);
}

#[tokio::test]
async fn number_state_comes_before_the_template() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let mut body = welcome("+351912000001");
    body["template"]["name"] = json!("no_such_template");
    let unregistered = caller.send_from(seed::UNREGISTERED_NUMBER_ID, body.clone()).await;
    assert_eq!((unregistered.status, unregistered.code()), (400, 133010));
    let unknown = caller.send_from("399999999999999", body.clone()).await;
    assert_eq!((unknown.code(), unknown.body["error"]["error_subcode"].as_u64()), (100, Some(33)));
    let registered = caller.send(body).await;
    assert_eq!((registered.status, registered.code()), (404, 132001));
    assert_eq!(registered.body["error"]["error_data"]["messaging_product"], "whatsapp");
}

#[tokio::test]
async fn only_approved_templates_in_their_language_are_sent() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    for (name, language, code) in [
        ("club_welcome", "fr", 132001),
        ("mothers_day", "en", 132001),
        ("flash_sale", "pt_BR", 132001),
        ("summer_iced", "en", 132015),
        ("old_menu", "en", 132016),
        ("appointment_reminder", "en_GB", 132001),
    ] {
        let mut body = welcome("+351912000001");
        body["template"] = json!({ "name": name, "language": { "code": language } });
        assert_eq!(caller.send(body).await.code(), code, "{name} {language}");
    }
    caller.sandbox.set_template_status("club_welcome", "en", "PAUSED").expect("the template exists");
    assert_eq!(caller.send(welcome("+351912000001")).await.code(), 132015);
}

#[tokio::test]
async fn parameters_are_counted_and_their_characters_checked() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    assert_eq!(caller.send(utility("+351912000001")).await.status, 200);
    let too_few = caller.send(harvest("+351912000001", &["Inês", "20%"])).await;
    assert_eq!((too_few.status, too_few.code()), (400, 132000));
    let details = too_few.body["error"]["error_data"]["details"].as_str().expect("details");
    assert!(details.starts_with("body:") && details.contains("(2)") && details.contains("(3)"), "{details}");
    for forbidden in ["two\nlines", "a\ttab", "five     spaces"] {
        let answer = caller.send(harvest("+351912000001", &[forbidden, "20%", "x"])).await;
        assert_eq!(answer.code(), 132018, "{forbidden:?}");
    }
}

#[tokio::test]
async fn a_number_cannot_write_to_itself_and_read_marks_are_taken() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    assert_eq!(caller.send(welcome("+351 910 000 187")).await.code(), 131021);
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x" });
    let answer = caller.send(read).await;
    assert_eq!((answer.status, answer.body), (200, json!({ "success": true })));
    assert_eq!(caller.sandbox.ledger().accepted, 0);
}

#[tokio::test]
async fn any_version_is_served_and_no_version_is_not() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    for version in ["v21.0", "v24.0", "v26.0"] {
        let answer =
            caller.post(&format!("/{version}/{}/messages", seed::NUMBER_ID), welcome("+351912000001")).await;
        assert_eq!(answer.status, 200, "{version}");
    }
    for path in [format!("/{}/messages", seed::NUMBER_ID), format!("/24/{}/messages", seed::NUMBER_ID)] {
        assert_eq!(caller.post(&path, welcome("+351912000001")).await.code(), 2500, "{path}");
    }
}

#[tokio::test]
async fn the_ledger_sees_repetitions_by_template_and_by_reference() {
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    caller.send(welcome("+351912000001")).await;
    caller.send(utility("+351912000001")).await;
    caller.send(welcome("+351912000002")).await;
    assert!(caller.sandbox.recipients_accepted_more_than_once().is_empty());
    caller.send(welcome("+351 912 000 002")).await;
    assert_eq!(caller.sandbox.recipients_accepted_more_than_once(), ["351912000002"]);
    let ledger = caller.sandbox.ledger();
    assert_eq!((ledger.accepted, ledger.distinct_recipients, ledger.repeated_recipients), (4, 2, 1));
    assert_eq!(ledger.repeated_callback_data, 0, "the references differ");
    caller.send(welcome("+351912000001")).await;
    assert_eq!(caller.sandbox.ledger().repeated_callback_data, 1);
}
