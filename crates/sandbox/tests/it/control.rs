//! The control API, the page and the life of the process.

use sandbox::{Behaviour, Fault, FaultKind, SandboxConfig, seed};
use serde_json::{Value, json};

use crate::support::{Answer, Callback, Caller, harvest, utility, welcome};

async fn caller() -> Caller {
    Caller::start(SandboxConfig::for_tests()).await
}

async fn put(caller: &Caller, path: &str, body: Value) -> Answer {
    caller.ask(caller.client.put(caller.url(path)).json(&body)).await
}

#[tokio::test]
async fn faults_are_set_over_http() {
    let caller = caller().await;
    let wanted = json!([
        { "kind": "cut_before_accepting", "trigger": { "share": 0.0 } },
        { "kind": { "graph_error": { "code": 130429 } }, "trigger": { "next": 1 }, "phone_number_id": seed::NUMBER_ID },
    ]);
    assert_eq!(put(&caller, "/_sandbox/faults", wanted).await.status, 200);
    assert_eq!(
        caller.sandbox.faults()[1],
        Fault::next(1, FaultKind::GraphError { code: 130429 }).on_number(seed::NUMBER_ID)
    );
    assert_eq!(caller.send(welcome("+351912000001")).await.code(), 130429);
    let left = caller.get("/_sandbox/faults").await.body;
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    let impossible = json!([{ "kind": "silence", "trigger": { "share": 2.0 } }]);
    assert_eq!(put(&caller, "/_sandbox/faults", impossible).await.status, 422);
    let misspelled = json!([{ "kind": "silense", "trigger": "always" }]);
    assert_eq!(put(&caller, "/_sandbox/faults", misspelled).await.status, 422);
}

#[tokio::test]
async fn behaviour_is_replaced_or_changed_over_http() {
    let caller = caller().await;
    assert_eq!(put(&caller, "/_sandbox/behaviour", json!({ "read_share": 0.25 })).await.status, 200);
    let expected = Behaviour { read_share: 0.25, ..Behaviour::default() };
    assert_eq!(*caller.sandbox.behaviour(), expected);
    let change = caller.client.patch(caller.url("/_sandbox/behaviour")).json(&json!({ "reply_share": 1.0 }));
    assert_eq!(caller.ask(change).await.status, 200);
    assert_eq!(*caller.sandbox.behaviour(), Behaviour { reply_share: 1.0, ..expected });
    for wrong in [json!({ "read_share": 7 }), json!({ "reed_share": 0.5 })] {
        let change = caller.client.patch(caller.url("/_sandbox/behaviour")).json(&wrong);
        assert_eq!(caller.ask(change).await.status, 422, "{wrong}");
    }
    let fate = caller.get("/_sandbox/fate?to=%2B351912990001").await.body;
    assert_eq!(fate["fate"]["failure"], 131026);
}

#[tokio::test]
async fn the_ledger_is_read_over_http() {
    let caller = caller().await;
    for person in 0..5 {
        caller.send(welcome(&format!("+35191200000{person}"))).await;
    }
    caller.send(welcome("+351912000003")).await;
    let ledger = caller.get("/_sandbox/ledger").await.body;
    assert_eq!((&ledger["accepted"], &ledger["distinct_recipients"]), (&json!(6), &json!(5)));
    assert_eq!((&ledger["repeated_recipients"], &ledger["repeated_callback_data"]), (&json!(1), &json!(1)));
    assert_eq!(ledger["numbers"][seed::NUMBER_ID]["accepted"], 6);
    let page = caller.get("/_sandbox/ledger/recipients?limit=3").await.body;
    assert_eq!((page["data"].as_array().map(Vec::len), &page["next_offset"]), (Some(3), &json!(3)));
    let repeated = caller.get("/_sandbox/ledger/recipients?repeated_only=true").await.body;
    assert_eq!(repeated["data"][0]["recipient"], "351912000003");
    assert_eq!(repeated["data"][0]["accepted"], 2);
    let messages = caller.get("/_sandbox/ledger/messages?to=%2B351912000003&limit=1").await.body;
    assert_eq!((messages["data"].as_array().map(Vec::len), &messages["next_offset"]), (Some(1), &json!(1)));
    assert_eq!(messages["data"][0]["biz_opaque_callback_data"], "r=+351912000003");
}

#[tokio::test]
async fn webhook_inbound_tokens_and_templates_are_set_over_http() {
    let caller = caller().await;
    let callback = Callback::start().await;
    assert_eq!(caller.post("/_sandbox/webhook/verify", json!({})).await.status, 409);
    assert_eq!(put(&caller, "/_sandbox/webhook", json!({ "url": callback.url })).await.status, 200);
    assert_eq!(caller.post("/_sandbox/webhook/verify", json!({})).await.status, 200);
    let inbound = caller.post("/_sandbox/inbound", json!({ "from": "+351912000001", "text": "STOP" })).await;
    assert!(inbound.body["id"].as_str().is_some_and(|id| id.starts_with("wamid.")));
    let paused = json!({ "name": "club_welcome", "language": "en", "status": "PAUSED" });
    assert_eq!(caller.post("/_sandbox/templates/status", paused).await.status, 200);
    let unknown = json!({ "name": "nothing", "language": "en", "status": "PAUSED" });
    assert_eq!(caller.post("/_sandbox/templates/status", unknown).await.status, 404);
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.inbound()[0]["text"]["body"], "STOP");
    assert_eq!(caller.send(welcome("+351912000001")).await.code(), 132015);
    assert_eq!(caller.post("/_sandbox/tokens/revoke", json!({ "token": seed::TOKEN })).await.status, 200);
    assert_eq!(caller.send(utility("+351912000001")).await.code(), 190);
    assert_eq!(put(&caller, "/_sandbox/rate", json!({ "per_second": 3 })).await.status, 200);
    assert_eq!(caller.get("/_sandbox/rate").await.body, json!({ "per_second": 3 }));
}

#[tokio::test]
async fn a_reset_forgets_messages_and_restores_what_was_configured() {
    let caller = caller().await;
    caller.send(welcome("+351912000001")).await;
    caller.sandbox.revoke_token(seed::TOKEN);
    caller.sandbox.set_template_status("club_welcome", "en", "DISABLED").expect("the template exists");
    caller.sandbox.set_faults(vec![Fault::always(FaultKind::Unavailable)]);
    assert_eq!(caller.post("/_sandbox/reset", json!({})).await.status, 200);
    assert_eq!(caller.sandbox.ledger(), sandbox::LedgerSummary::default());
    assert_eq!(caller.send(welcome("+351912000001")).await.status, 200);
}

#[tokio::test]
async fn the_page_shows_what_phones_received_and_escapes_it() {
    let caller = caller().await;
    let empty = caller.get("/").await.body;
    assert!(empty.as_str().is_some_and(|page| page.contains("No phone has received anything yet")));
    caller.send(harvest("+351912000001", &["<b>Inês</b>", "20%", "30 de novembro"])).await;
    caller.sandbox.set_faults(vec![Fault::next(3, FaultKind::SlowAnswer { delay_ms: 40 })]);
    let answer = caller.get("/?q=912000001").await;
    let page = answer.body.as_str().expect("a page");
    assert_eq!(answer.status, 200);
    assert!(page.contains("Olá &lt;b&gt;Inês&lt;/b&gt;") && page.contains("Guardem-me um saco"));
    assert!(page.contains("Faults in force") && page.contains("answered 40 ms later"));
    assert!(!page.contains("http-equiv=\"refresh\"") && !page.contains("<script"));
    assert!(!page.contains("src=") && !page.contains("<link"), "no outside asset");
    assert!(
        caller
            .get("/?refresh=2")
            .await
            .body
            .as_str()
            .is_some_and(|page| page.contains("http-equiv=\"refresh\""))
    );
    assert!(
        caller
            .get("/?q=777")
            .await
            .body
            .as_str()
            .is_some_and(|page| page.contains("None of the latest phones"))
    );
    assert_eq!(caller.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn shutting_down_closes_the_port() {
    let caller = caller().await;
    let url = caller.url("/healthz");
    let client = caller.client.clone();
    caller.sandbox.shutdown().await;
    assert!(client.get(url).send().await.expect_err("nobody listens").is_connect());
}
