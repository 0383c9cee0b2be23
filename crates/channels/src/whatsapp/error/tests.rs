use super::*;

/// A decision in a few words.
pub(super) fn shape(error: &SendError) -> String {
    match error {
        SendError::Unreachable => "unreachable".to_owned(),
        SendError::RetryLater { after: None, .. } => "retry".to_owned(),
        SendError::RetryLater { after: Some(after), .. } => format!("retry {}", after.as_secs()),
        SendError::SlowDown { after: None, .. } => "slow".to_owned(),
        SendError::SlowDown { after: Some(after), .. } => format!("slow {}", after.as_secs()),
        SendError::HoldBack { hold, .. } => format!("hold {}", hold.reason()),
        SendError::Recipient { reason, .. } => format!("fail {reason}"),
        SendError::OptedOut { .. } => "opt out".to_owned(),
        SendError::PauseDispatch { reason, .. } => format!("dispatch {reason}"),
        SendError::PauseSender { reason, .. } if reason.reach() == PauseReach::Account => {
            format!("account {reason}")
        }
        SendError::PauseSender { reason, .. } => format!("sender {reason}"),
        SendError::RetryOnce { otherwise, .. } => format!("retry once, then {otherwise}"),
        SendError::Ambiguous => "ambiguous".to_owned(),
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
