use serde_json::{Value, json};

use super::*;

const RECIPIENT: &str = "rcp_0193a1b2c3d47e5f8a9b0c1d2e3f4a5b_9001";

fn body(field: &str, value: &Value) -> Vec<u8> {
    json!({"object": "whatsapp_business_account",
           "entry": [{"id": "200000000000001", "changes": [{"field": field, "value": value}]}]})
    .to_string()
    .into_bytes()
}

fn value(rest: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130000000", "phone_number_id": "300000000000001"},
    });
    for (key, item) in rest.as_object().into_iter().flatten() {
        value[key] = item.clone();
    }
    value
}

fn with_events<T>(body: &[u8], read: impl FnOnce(Vec<WebhookEvent<'_>>) -> T) -> T {
    read(Webhook::new(body).events().expect("a webhook"))
}

fn status(item: Value) -> Vec<u8> {
    body("messages", &value(json!({"statuses": [item]})))
}

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp(seconds, 0)
}

#[test]
fn a_status_names_our_recipient() {
    let body = status(json!({
        "id": "wamid.HBgN", "status": "sent", "timestamp": "1767225601", "recipient_id": "5511900000001",
        "recipient_user_id": "BR.1349", "biz_opaque_callback_data": RECIPIENT,
        "pricing": {"billable": true, "pricing_model": "PMP", "category": "marketing", "type": "regular"}}));
    with_events(&body, |events| {
        let [WebhookEvent::Status(event)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.phone_number_id, "300000000000001");
        assert_eq!(event.provider_message_id.as_str(), "wamid.HBgN");
        assert_eq!(event.kind, StatusKind::Known(DeliveryKind::Sent));
        assert_eq!(event.occurred_at, at(1_767_225_601));
        assert_eq!(event.recipient.map(|recipient| recipient.to_string()).as_deref(), Some(RECIPIENT));
        assert_eq!(event.error, None);
        assert_eq!(serde_json::from_str::<Value>(event.raw).expect("JSON")["pricing"]["type"], "regular");
    });
}

#[test]
fn a_failure_says_why_and_what_stands_still() {
    for (errors, code, reason, stops) in [
        (
            json!([{"code": 131_026, "title": "Message undeliverable"}]),
            Some(131_026),
            FailureReason::NotReachable,
            None,
        ),
        (json!([{"code": "131049"}]), Some(131_049), FailureReason::MarketingLimit, None),
        (json!([{"code": 131_050}]), Some(131_050), FailureReason::OptedOut, None),
        (json!([{"code": 131_042}]), Some(131_042), FailureReason::Sender, Some(PauseReason::PaymentIssue)),
        (
            json!([{"code": 132_015}]),
            Some(132_015),
            FailureReason::Template,
            Some(PauseReason::TemplatePaused),
        ),
        (json!([{"code": 130_429}]), Some(130_429), FailureReason::Throttled, None),
        (json!([{"code": 987_654}]), Some(987_654), FailureReason::Refused, None),
        (json!(["text", {"code": 131_026}]), Some(131_026), FailureReason::NotReachable, None),
        (json!([]), None, FailureReason::Refused, None),
        (json!("text"), None, FailureReason::Refused, None),
        (Value::Null, None, FailureReason::Refused, None),
    ] {
        let body =
            status(json!({"id": "wamid.1", "status": "failed", "timestamp": "1767225602", "errors": errors}));
        with_events(&body, |events| {
            let [WebhookEvent::Status(StatusEvent { error: Some(error), .. })] = &events[..] else {
                panic!("{events:?}")
            };
            assert_eq!(
                (error.code, error.reason, error.stops),
                (code.map(ProviderCode::new), reason, stops),
                "{errors}"
            );
            let dropped = [Some(131_049), Some(130_429)].contains(&code);
            assert_eq!(error.hold.is_some(), dropped, "{errors}");
        });
    }
}

#[test]
fn one_bad_item_does_not_take_the_others_with_it() {
    let body = json!({"object": "whatsapp_business_account", "entry": [
        "nonsense",
        {"id": "1", "changes": [
            {"field": "messages", "value": "nonsense"},
            {"field": "messages", "value": value(json!({
                "statuses": [{"status": "sent"}, 7, {"id": "wamid.1", "status": {"new": true}}, {"id": "wamid.2", "status": "read"}],
                "messages": {"not": "a list"},
            }))},
            7,
            {"field": "messages", "value": value(json!({"messages": [{"id": "wamid.3"}, {"from": "1"}]}))},
        ]},
    ]})
    .to_string();
    with_events(body.as_bytes(), |events| {
        let shapes: Vec<_> = events
            .iter()
            .map(|event| match event {
                WebhookEvent::Status(event) => event.provider_message_id.as_str(),
                WebhookEvent::Inbound(event) => event.provider_message_id.as_str(),
                WebhookEvent::Unreadable { .. } => "unreadable",
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shapes,
            [
                "unreadable",
                "unreadable",
                "unreadable",
                "unreadable",
                "unreadable",
                "wamid.2",
                "unreadable",
                "unreadable",
                "wamid.3",
                "unreadable"
            ]
        );
    });
}

#[test]
fn unknown_words_and_fields_are_kept() {
    let teleported = status(
        json!({"id": "wamid.1", "status": "teleported", "timestamp": 1_767_225_601, "aura": {"x": [1]},
                             "biz_opaque_callback_data": "someone else's"}),
    );
    with_events(&teleported, |events| {
        let [WebhookEvent::Status(event)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.kind, StatusKind::Other("teleported".into()));
        assert_eq!(event.recipient, None);
        assert_eq!(event.occurred_at, at(1_767_225_601));
    });
    with_events(&body("flying_carpets", &json!({"a": 1})), |events| {
        let [WebhookEvent::Other { field, waba_id, raw }] = &events[..] else { panic!("{events:?}") };
        assert_eq!((&**field, waba_id.as_str()), ("flying_carpets", "200000000000001"));
        assert!(raw.contains("\"a\":1"));
    });
    let only_errors = value(json!({"errors": [{"code": 130_429}]}));
    with_events(&body("messages", &only_errors), |events| {
        assert!(matches!(&events[..], [WebhookEvent::Other { field, .. }] if field == "messages"));
    });
}

#[test]
fn a_time_that_cannot_be_is_none() {
    for timestamp in
        [json!("soon"), json!(-1), json!("99999999999999999999"), json!(1e300), Value::Null, json!({})]
    {
        let body = status(json!({"id": "wamid.1", "status": "sent", "timestamp": timestamp}));
        with_events(&body, |events| {
            assert!(
                matches!(&events[..], [WebhookEvent::Status(StatusEvent { occurred_at: None, .. })]),
                "{timestamp}"
            );
        });
    }
}

#[test]
fn what_people_write_and_press() {
    for (item, text, payload, context) in [
        (json!({"type": "text", "text": {"body": "SAIR"}}), Some("SAIR"), None, None),
        (
            json!({"type": "button", "button": {"payload": "NO", "text": "Parar"}, "context": {"from": "55", "id": "wamid.o"}}),
            Some("Parar"),
            Some("NO"),
            Some("wamid.o"),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "b1", "title": "Yes"}}}),
            Some("Yes"),
            Some("b1"),
            None,
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply",
                   "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"city\":\"Recife\"}"}}}),
            Some("Sent"),
            Some("{\"city\":\"Recife\"}"),
            None,
        ),
        (json!({"type": "interactive"}), None, None, None),
        (json!({"type": "image", "image": {"id": "1", "caption": "look"}}), Some("look"), None, None),
        (json!({"type": "unsupported", "errors": [{"code": 131_051}]}), None, None, None),
        (
            json!({"type": "text", "text": {"body": "a\u{0}b 😀 \" \\"}}),
            Some("a\u{fffd}b 😀 \" \\"),
            None,
            None,
        ),
    ] {
        let mut message = item.clone();
        message["from"] = json!("5511900000001");
        message["from_user_id"] = json!("BR.1349");
        message["id"] = json!("wamid.i");
        message["timestamp"] = json!("1767225700");
        with_events(&body("messages", &value(json!({"messages": [message]}))), |events| {
            let [WebhookEvent::Inbound(event)] = &events[..] else { panic!("{events:?}") };
            assert_eq!(event.from.as_deref(), Some("+5511900000001"));
            assert_eq!(event.user_id.as_deref(), Some("BR.1349"));
            assert_eq!(event.kind, item["type"].as_str().expect("a type"));
            assert_eq!(event.text.as_deref(), text, "{item}");
            assert_eq!(event.payload.as_deref(), payload, "{item}");
            assert_eq!(event.context.as_ref().map(ProviderMessageId::as_str), context, "{item}");
            assert!(!event.raw.contains("u0000"));
        });
    }
}

#[test]
fn stopping_marketing_is_an_event() {
    let preference = |word: &str, category: &str| {
        value(
            json!({"user_preferences": [{"wa_id": "5511900000001", "user_id": "BR.1349", "category": category,
                     "value": word, "timestamp": 1_767_225_900}]}),
        )
    };
    for (word, wants) in [("stop", Some(false)), ("resume", Some(true)), ("signup", None)] {
        with_events(&body("user_preferences", &preference(word, "marketing_messages")), |events| {
            let [WebhookEvent::Preference(event)] = &events[..] else { panic!("{events:?}") };
            assert_eq!(event.wants_marketing, wants);
            assert_eq!(event.from.as_deref(), Some("+5511900000001"));
            assert_eq!(event.occurred_at, at(1_767_225_900));
        });
    }
    with_events(&body("user_preferences", &preference("stop", "stickers")), |events| {
        assert!(matches!(&events[..], [WebhookEvent::Other { .. }]));
    });
}

#[test]
fn what_is_no_webhook_is_refused() {
    for body in [&b""[..], b"{", b"[]", b"null", b"{}", b"<html>", b"{\"entry\":7}", b"\xff\xfe"] {
        assert_eq!(Webhook::new(body).events(), Err(Unreadable::NotAWebhook), "{body:?}");
    }
    assert_eq!(Webhook::new(br#"{"object":"page","entry":[]}"#).events(), Err(Unreadable::OtherObject));
    assert_eq!(
        Webhook::new(br#"{"object":"whatsapp_business_account","entry":[]}"#).events(),
        Ok(Vec::new())
    );
}

#[test]
fn a_signature_is_over_the_bytes_and_nothing_else() {
    let secret = SecretString::from("sandbox-app-secret");
    let body = br#"{"object":"whatsapp_business_account","entry":[{"n":"\u00e9"}]}"#;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key will do");
    mac.update(body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert!(verify_signature(&secret, body, Some(&signature)));
    assert!(verify_signature(&secret, body, Some(&signature.to_uppercase().replace("SHA256", "sha256"))));
    assert!(!verify_signature(&secret, &body[1..], Some(&signature)));
    assert!(!verify_signature(&SecretString::from("other"), body, Some(&signature)));
    for header in
        [None, Some(""), Some("sha256="), Some("sha1=00"), Some(&signature[7..]), Some(&signature[..70])]
    {
        assert!(!verify_signature(&secret, body, header), "{header:?}");
    }
    let longer = format!("{signature}00");
    assert!(!verify_signature(&secret, body, Some(&longer)));
}

/// RFC 4231, test case 2: the digest is the one that everybody else computes.
#[test]
fn the_signature_is_hmac_sha256() {
    let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert!(verify_signature(&SecretString::from("Jefe"), b"what do ya want for nothing?", Some(header)));
}

#[test]
fn the_handshake_is_answered_to_who_knows_the_token() {
    let token = SecretString::from("sandbox-verify-token");
    let known = Some("sandbox-verify-token");
    assert_eq!(challenge(&token, Some("subscribe"), known, Some("1158201444")), Some("1158201444"));
    assert_eq!(challenge(&token, Some("unsubscribe"), known, Some("1")), None);
    assert_eq!(challenge(&token, None, known, Some("1")), None);
    assert_eq!(challenge(&token, Some("subscribe"), Some("wrong"), Some("1")), None);
    assert_eq!(challenge(&token, Some("subscribe"), None, Some("1")), None);
    assert_eq!(challenge(&token, Some("subscribe"), known, None), None);
    assert_eq!(challenge(&token, Some("subscribe"), known, Some("<script>")), None);
    assert_eq!(challenge(&SecretString::from(""), Some("subscribe"), Some(""), Some("1")), None);
}

#[test]
fn what_people_wrote_is_not_printed() {
    let message =
        json!({"id": "wamid.i", "from": "5511900000001", "type": "text", "text": {"body": "my secret"}});
    with_events(&body("messages", &value(json!({"messages": [message]}))), |events| {
        let printed = match &events[0] {
            WebhookEvent::Inbound(event) => format!("{event:?}"),
            other => panic!("{other:?}"),
        };
        assert!(!printed.contains("secret") && !printed.contains("5511"));
    });
}
