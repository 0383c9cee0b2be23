//! Trouble on demand, as a client sees it.

use std::time::{Duration, Instant};

use sandbox::{Fault, FaultKind, SandboxConfig, seed};

use crate::support::{Callback, Caller, welcome};

async fn caller() -> Caller {
    Caller::start(SandboxConfig::for_tests()).await
}

/// Sends and gives the client's error.
async fn send_into_trouble(caller: &Caller, to: &str) -> reqwest::Error {
    let url = caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID));
    let request = caller.client.post(url).bearer_auth(seed::TOKEN).json(&welcome(to));
    request.send().await.expect_err("the connection ends without an answer")
}

#[tokio::test]
async fn server_errors_accept_nothing_and_end_after_their_count() {
    let caller = caller().await;
    let cases = [
        (FaultKind::InternalError, 500, 131000),
        (FaultKind::Unavailable, 503, 2),
        (FaultKind::GraphError { code: 131057 }, 500, 131057),
    ];
    for (kind, status, code) in cases {
        caller.sandbox.set_faults(vec![Fault::next(2, kind)]);
        for _ in 0..2 {
            let answer = caller.send(welcome("+351912000001")).await;
            assert_eq!((answer.status, answer.code()), (status, code));
        }
        assert!(caller.sandbox.faults().is_empty());
    }
    assert_eq!(caller.sandbox.ledger().accepted, 0);
    assert_eq!(caller.send(welcome("+351912000001")).await.status, 200);
}

#[tokio::test]
async fn an_html_page_comes_as_html() {
    let caller = caller().await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::HtmlPage { status: 502 })]);
    let url = caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID));
    let answer = caller
        .client
        .post(url)
        .bearer_auth(seed::TOKEN)
        .json(&welcome("+351912000001"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 502);
    assert!(answer.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    assert!(answer.text().await.is_ok_and(|page| page.contains("<html")));
}

#[tokio::test]
async fn a_connection_cut_after_accepting_leaves_the_message_in_the_ledger() {
    let caller = caller().await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::CutAfterAccepting)]);
    let error = send_into_trouble(&caller, "+351912000001").await;
    assert!(error.is_request() && error.status().is_none() && !error.is_connect(), "{error:?}");
    assert_eq!(caller.sandbox.messages_to("351912000001").len(), 1);
    assert_eq!(caller.sandbox.ledger().connections_cut, 1);
    assert_eq!(caller.send(welcome("+351912000002")).await.status, 200, "the next connection is fine");
}

#[tokio::test]
async fn a_cut_message_is_still_reported_by_webhook() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::CutAfterAccepting)]);
    send_into_trouble(&caller, "+351912000001").await;
    caller.sandbox.webhooks_settled().await;
    let statuses = callback.statuses();
    assert_eq!(statuses.len(), 3);
    assert!(statuses.iter().all(|status| status["biz_opaque_callback_data"] == "r=+351912000001"));
}

#[tokio::test]
async fn a_connection_cut_before_accepting_leaves_nothing() {
    let caller = caller().await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::CutBeforeAccepting)]);
    send_into_trouble(&caller, "+351912000001").await;
    assert!(caller.sandbox.messages_to("351912000001").is_empty());
    assert_eq!(caller.sandbox.ledger().accepted, 0);
}

#[tokio::test]
async fn a_slow_answer_is_accepted_before_the_client_loses_patience() {
    let caller = caller().await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::SlowAnswer { delay_ms: 60_000 })]);
    let url = caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID));
    let impatient = caller
        .client
        .post(url)
        .bearer_auth(seed::TOKEN)
        .json(&welcome("+351912000001"))
        .timeout(Duration::from_millis(700));
    assert!(impatient.send().await.expect_err("no answer in time").is_timeout());
    assert_eq!(caller.sandbox.messages_to("+351912000001").len(), 1);
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::SlowAnswer { delay_ms: 120 })]);
    let started = Instant::now();
    assert_eq!(caller.send(welcome("+351912000002")).await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn silence_is_an_answer_without_events() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    caller.sandbox.set_faults(vec![Fault::next(1, FaultKind::Silence)]);
    let silent = caller.send(welcome("+351912000001")).await;
    let heard = caller.send(welcome("+351912000002")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(silent.status, 200);
    assert!(callback.history(silent.wamid()).is_empty());
    assert_eq!(callback.history(heard.wamid()), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn faults_keep_to_their_number_and_reach_other_calls_on_demand() {
    let caller = caller().await;
    caller
        .sandbox
        .set_faults(vec![Fault::always(FaultKind::InternalError).on_number(seed::BIZ_APP_NUMBER_ID)]);
    assert_eq!(caller.send(welcome("+351912000001")).await.status, 200);
    assert_eq!(caller.send_from(seed::BIZ_APP_NUMBER_ID, welcome("+351912000001")).await.status, 500);
    let templates = format!("/v24.0/{}/message_templates", seed::ACCOUNT_ID);
    assert_eq!(caller.get(&templates).await.status, 200);
    caller.sandbox.set_faults(vec![Fault::always(FaultKind::Unavailable).everywhere()]);
    assert_eq!(caller.get(&templates).await.status, 503);
    caller.sandbox.set_faults(Vec::new());
    assert_eq!(caller.get(&templates).await.status, 200);
}
