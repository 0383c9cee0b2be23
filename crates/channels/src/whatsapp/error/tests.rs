use super::*;

fn answer(code: i32) -> SendError {
    let body = format!(
        r#"{{"error":{{"message":"(#{code}) words","type":"OAuthException","code":{code},
             "error_data":{{"messaging_product":"whatsapp","details":"words"}},"fbtrace_id":"A1b2C3"}}}}"#
    );
    classify(StatusCode::BAD_REQUEST, body.as_bytes())
}

fn shape(error: &SendError) -> String {
    match error {
        SendError::RetryLater { after: None, .. } => "retry".to_owned(),
        SendError::RetryLater { after: Some(after), .. } => format!("retry {}", after.as_secs()),
        SendError::SlowDown { after: None, .. } => "slow".to_owned(),
        SendError::SlowDown { after: Some(after), .. } => format!("slow {}", after.as_secs()),
        SendError::Recipient { reason, .. } => format!("fail {reason}"),
        SendError::OptedOut { .. } => "opt out".to_owned(),
        SendError::PauseDispatch { reason, .. } => format!("dispatch {reason}"),
        SendError::PauseSender { reason, .. } => format!("sender {reason}"),
        SendError::Ambiguous => "ambiguous".to_owned(),
    }
}

/// Every code that Meta documents or that was seen on a send.
const CODES: &[(i32, &str, FailureReason)] = &[
    (0, "sender signed_out", FailureReason::Sender),
    (3, "sender permission_missing", FailureReason::Sender),
    (10, "sender permission_missing", FailureReason::Sender),
    (102, "sender signed_out", FailureReason::Sender),
    (104, "sender signed_out", FailureReason::Sender),
    (190, "sender signed_out", FailureReason::Sender),
    (200, "sender permission_missing", FailureReason::Sender),
    (299, "sender permission_missing", FailureReason::Sender),
    (368, "sender restricted", FailureReason::Sender),
    (130_497, "fail country", FailureReason::Country),
    (131_031, "sender restricted", FailureReason::Sender),
    (131_005, "sender permission_missing", FailureReason::Sender),
    (4, "slow 60", FailureReason::Throttled),
    (17, "slow 60", FailureReason::Throttled),
    (32, "slow 60", FailureReason::Throttled),
    (613, "slow 60", FailureReason::Throttled),
    (80_007, "slow 60", FailureReason::Throttled),
    (80_008, "slow 300", FailureReason::Throttled),
    (130_429, "slow", FailureReason::Throttled),
    (131_048, "sender spam_limit", FailureReason::Sender),
    (131_056, "retry 16", FailureReason::Throttled),
    (131_064, "sender misclassified", FailureReason::Sender),
    (1, "retry", FailureReason::ProviderTrouble),
    (2, "retry", FailureReason::ProviderTrouble),
    (33, "sender number_missing", FailureReason::Sender),
    (100, "fail invalid_value", FailureReason::InvalidValue),
    (130_403, "fail blocked_by_you", FailureReason::BlockedByYou),
    (130_472, "fail experiment", FailureReason::Experiment),
    (131_000, "retry", FailureReason::ProviderTrouble),
    (131_008, "fail invalid_value", FailureReason::InvalidValue),
    (131_009, "fail invalid_value", FailureReason::InvalidValue),
    (131_016, "retry", FailureReason::ProviderTrouble),
    (131_021, "fail own_number", FailureReason::OwnNumber),
    (131_026, "fail not_reachable", FailureReason::NotReachable),
    (131_030, "fail not_on_test_list", FailureReason::NotOnTestList),
    (131_037, "sender display_name", FailureReason::Sender),
    (131_042, "sender payment_issue", FailureReason::Sender),
    (131_045, "sender number_not_registered", FailureReason::Sender),
    (131_047, "fail window_closed", FailureReason::WindowClosed),
    (131_049, "fail marketing_limit", FailureReason::MarketingLimit),
    (131_050, "opt out", FailureReason::OptedOut),
    (131_051, "dispatch wrong_kind", FailureReason::Unsupported),
    (131_053, "fail media", FailureReason::Media),
    (131_055, "dispatch wrong_kind", FailureReason::Unsupported),
    (131_057, "retry 45", FailureReason::ProviderTrouble),
    (131_062, "fail unsupported", FailureReason::Unsupported),
    (131_063, "sender marketing_disabled", FailureReason::Sender),
    (133_004, "retry", FailureReason::ProviderTrouble),
    (133_010, "sender number_not_registered", FailureReason::Sender),
    (134_011, "sender payment_issue", FailureReason::Sender),
    (135_000, "retry", FailureReason::ProviderTrouble),
    (137_000, "fail identity_changed", FailureReason::IdentityChanged),
    (132_000, "dispatch parameter_mismatch", FailureReason::InvalidValue),
    (132_001, "dispatch template_missing", FailureReason::Template),
    (132_005, "fail text_too_long", FailureReason::TextTooLong),
    (132_007, "dispatch template_policy", FailureReason::Template),
    (132_008, "fail invalid_value", FailureReason::InvalidValue),
    (132_012, "fail invalid_value", FailureReason::InvalidValue),
    (132_015, "dispatch template_paused", FailureReason::Template),
    (132_016, "dispatch template_disabled", FailureReason::Template),
    (132_018, "fail invalid_value", FailureReason::InvalidValue),
    (132_021, "dispatch wrong_kind", FailureReason::Unsupported),
    (132_068, "dispatch flow", FailureReason::Template),
    (132_069, "dispatch flow", FailureReason::Template),
    (134_100, "dispatch wrong_kind", FailureReason::Unsupported),
    (134_101, "retry 600", FailureReason::ProviderTrouble),
    (134_102, "dispatch wrong_kind", FailureReason::Unsupported),
];

#[test]
fn every_known_code_has_its_decision() {
    for (code, decision, reported) in CODES {
        assert_eq!(shape(&answer(*code)), *decision, "code {code}");
        assert_eq!(verdict(*code).map(Verdict::reported_failure), Some(*reported), "code {code}");
    }
}

#[test]
fn an_unknown_code_is_a_refusal_unless_the_server_broke() {
    let body = br#"{"error":{"code":987654}}"#;
    assert_eq!(shape(&classify(StatusCode::BAD_REQUEST, body)), "fail refused");
    assert_eq!(shape(&classify(StatusCode::INTERNAL_SERVER_ERROR, body)), "ambiguous");
    let transient = br#"{"error":{"code":987654,"is_transient":true}}"#;
    assert_eq!(shape(&classify(StatusCode::INTERNAL_SERVER_ERROR, transient)), "retry");
    assert_eq!(shape(&classify(StatusCode::BAD_REQUEST, br#"{"error":{}}"#)), "fail refused");
}

#[test]
fn the_code_counts_and_not_the_http_status() {
    let body = br#"{"error":{"code":"131026"}}"#;
    for status in [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::SERVICE_UNAVAILABLE] {
        assert_eq!(shape(&classify(status, body)), "fail not_reachable");
    }
    let unavailable = br#"{"error":{"code":2}}"#;
    assert_eq!(shape(&classify(StatusCode::SERVICE_UNAVAILABLE, unavailable)), "retry");
}

#[test]
fn a_number_that_the_token_cannot_see_stops_the_sender() {
    let body = br#"{"error":{"code":100,"error_subcode":33}}"#;
    assert_eq!(shape(&classify(StatusCode::BAD_REQUEST, body)), "sender number_missing");
}

#[test]
fn an_answer_that_graph_did_not_write() {
    for body in [&b"<html><body>Bad gateway</body></html>"[..], b"", b"{", b"[]", br#"{"error":"text"}"#] {
        for status in [500, 502, 503, 504, 408, 200] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(shape(&classify(status, body)), "ambiguous", "{status}");
        }
        for status in [307, 403, 404, 413, 429] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(shape(&classify(status, body)), "retry", "{status}");
        }
    }
}

#[test]
fn why_a_question_was_not_answered() {
    let of = |status: u16, body: &str| {
        GraphError::of_answer(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), None)
    };
    for (body, error) in [
        (r#"{"error":{"code":190,"error_subcode":463}}"#, GraphError::TokenInvalid),
        (r#"{"error":{"code":10}}"#, GraphError::PermissionMissing),
        (r#"{"error":{"code":200}}"#, GraphError::PermissionMissing),
        (r#"{"error":{"code":100,"error_subcode":33}}"#, GraphError::NotFound),
        (r#"{"error":{"code":803}}"#, GraphError::NotFound),
        (r#"{"error":{"code":100}}"#, GraphError::NotUnderstood),
        (r#"{"error":{"code":80008}}"#, GraphError::RateLimited { after: None }),
        (r#"{"error":{"code":2}}"#, GraphError::Unreachable),
        (r#"{"error":{"code":131059}}"#, GraphError::Unexpected { code: Some(131_059) }),
        ("<html>", GraphError::Unreachable),
    ] {
        assert_eq!(of(400, body), error, "{body}");
    }
    assert_eq!(of(200, "<html>"), GraphError::Unexpected { code: None });
}
