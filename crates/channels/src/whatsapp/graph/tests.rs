use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::json;

use super::*;
use crate::whatsapp::loopback::{http, nowhere, serve};

type Asked = Arc<Mutex<Vec<String>>>;

/// Graph, answering by the path and query it is asked; remembers them with the bearer token.
async fn graph_with(answer: impl Fn(&str) -> (u16, Value) + Clone + Send + Sync + 'static) -> (Graph, Asked) {
    let asked: Asked = Arc::default();
    let remembered = Arc::clone(&asked);
    let router = Router::new().fallback(move |request: Request| {
        let path = request.uri().to_string();
        let bearer = request.headers()["authorization"].to_str().expect("text").to_owned();
        remembered
            .lock()
            .expect("no test panicked in here")
            .push(format!("{} {path} {bearer}", request.method()));
        let (status, body) = answer(&path);
        async move { (StatusCode::from_u16(status).expect("a status"), axum::Json(body)) }
    });
    let address = serve(router).await;
    (graph_at(address), asked)
}

fn graph_at(address: SocketAddr) -> Graph {
    let graph = GraphAddress::new(&format!("http://{address}"), "v24.0").expect("an address");
    Graph::new(http(), graph, &SecretString::from("token-1")).expect("a token")
}

fn id(text: &str) -> GraphId {
    text.parse().expect("an id")
}

#[tokio::test]
async fn what_graph_says_about_a_number() {
    let (graph, asked) = graph_with(|_| {
        (200, json!({"verified_name": "Quinta Verde", "display_phone_number": "+55 11 3000-0000", "quality_rating": "GREEN",
                     "throughput": {"level": "HIGH"}, "is_on_biz_app": false, "platform_type": "CLOUD_API",
                     "id": "300000000000001"}))
    })
    .await;
    let number = graph.number(&id("300000000000001")).await.expect("an answer");
    assert_eq!(
        number,
        GraphNumber {
            phone_number_id: "300000000000001".to_owned(),
            display_phone_number: "+55 11 3000-0000".to_owned(),
            verified_name: "Quinta Verde".to_owned(),
            quality_rating: "GREEN".to_owned(),
            throughput_level: Some("HIGH".to_owned()),
            on_business_app: Some(false),
        }
    );
    let asked = asked.lock().expect("no test panicked in here");
    assert!(
        asked[0].starts_with("GET /v24.0/300000000000001?fields=id%2Cdisplay_phone_number"),
        "{}",
        asked[0]
    );
    assert!(asked[0].ends_with("Bearer token-1"));
}

#[tokio::test]
async fn a_number_that_says_little_is_still_a_number() {
    let (graph, _) =
        graph_with(|_| (200, json!({"id": "300000000000001", "throughput": {"level": 1000}}))).await;
    let number = graph.number(&id("300000000000001")).await.expect("an answer");
    assert_eq!(number.throughput_level.as_deref(), Some("1000"));
    assert_eq!(number.quality_rating, "UNKNOWN");
    assert_eq!(number.on_business_app, None);
}

#[tokio::test]
async fn fields_that_graph_does_not_know_are_left_out_the_second_time() {
    let (graph, asked) = graph_with(|path| {
        if path.contains("is_on_biz_app") {
            (400, json!({"error": {"code": 100, "message": "(#100) Tried accessing nonexisting field"}}))
        } else {
            (200, json!({"id": "300000000000001", "quality_rating": "GREEN"}))
        }
    })
    .await;
    let number = graph.number(&id("300000000000001")).await.expect("an answer");
    assert_eq!((number.quality_rating.as_str(), number.throughput_level), ("GREEN", None));
    assert_eq!(asked.lock().expect("no test panicked in here").len(), 4, "all, the old ones, each new one");
}

#[tokio::test]
async fn what_graph_knows_of_a_speed_is_kept_when_it_does_not_know_the_other_field() {
    let (graph, _) = graph_with(|path| {
        if path.contains("throughput") {
            (400, json!({"error": {"code": 100, "message": "(#100) Tried accessing nonexisting field"}}))
        } else {
            (200, json!({"id": "300000000000001", "is_on_biz_app": true}))
        }
    })
    .await;
    let number = graph.number(&id("300000000000001")).await.expect("an answer");
    assert_eq!((number.throughput_level, number.on_business_app), (None, Some(true)));
}

#[tokio::test]
async fn the_portfolio_is_the_owner_of_the_account() {
    let owner = json!({"id": "400000000000001", "name": "Quinta Verde"});
    let (graph, asked) =
        graph_with(move |_| (200, json!({"id": "200000000000001", "owner_business_info": owner}))).await;
    let account = id("200000000000001");
    assert_eq!(graph.portfolio(&account).await, Ok(Some("400000000000001".to_owned())));
    assert!(asked.lock().expect("no test panicked in here")[0].contains("fields=owner_business_info"));
    let (graph, _) = graph_with(|_| (403, json!({"error": {"code": 200, "message": "no permission"}}))).await;
    assert_eq!(graph.portfolio(&account).await, Ok(None));
    let (graph, _) = graph_with(|_| (500, json!({"error": {"code": 2, "message": "out of order"}}))).await;
    assert!(graph.portfolio(&account).await.is_err());
}

#[tokio::test]
async fn a_limit_that_graph_does_not_know_is_none() {
    let field = "whatsapp_business_manager_messaging_limit";
    let (graph, _) = graph_with(move |_| (200, json!({field: "TIER_10K", "id": "300000000000001"}))).await;
    assert_eq!(graph.messaging_limit(&id("300000000000001")).await, Ok(Some("TIER_10K".to_owned())));
    let (graph, _) = graph_with(|_| {
        (400, json!({"error": {"code": 100, "message": "(#100) Tried accessing nonexisting field"}}))
    })
    .await;
    assert_eq!(graph.messaging_limit(&id("300000000000001")).await, Ok(None));
    let (graph, _) = graph_with(|_| (401, json!({"error": {"code": 190}}))).await;
    assert_eq!(graph.messaging_limit(&id("300000000000001")).await, Err(GraphError::TokenInvalid));
}

/// Three pages; the addresses of the next ones point elsewhere, as an attacker's would.
fn page(path: &str) -> (u16, Value) {
    let (name, after) = match path {
        path if path.contains("after=C2") => ("c", None),
        path if path.contains("after=C1") => ("b", Some("C2")),
        _ => ("a", Some("C1")),
    };
    let template = json!({"id": 42, "name": name, "language": "pt_BR", "status": "APPROVED", "category": "MARKETING",
                          "quality_score": {"score": "GREEN"}, "rejected_reason": "NONE",
                          "components": [{"type": "BODY", "text": "Oi"}]});
    let mut answer = json!({"data": [template, {"id": "7"}, "nonsense"], "paging": {"cursors": {"before": "B", "after": "C3"}}});
    if let Some(after) = after {
        answer["paging"] = json!({"cursors": {"after": after}, "next": "https://evil.example/v24.0/steal"});
    }
    (200, answer)
}

#[tokio::test]
async fn templates_come_page_by_page_from_our_own_address() {
    let (graph, asked) = graph_with(page).await;
    let templates = graph.templates(&id("200000000000001")).await.expect("an answer");
    assert_eq!(templates.iter().map(|template| template.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(templates[0].id, "42");
    assert_eq!(templates[0].rejected_reason, None);
    assert_eq!(templates[0].quality.as_deref(), Some("GREEN"));
    assert_eq!(templates[0].components[0]["text"], "Oi");
    let asked = asked.lock().expect("no test panicked in here");
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|asked| asked.contains("/v24.0/200000000000001/message_templates?")));
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let (graph, asked) =
        graph_with(|_| (200, json!({"data": [], "paging": {"next": "x", "cursors": {"after": "SAME"}}})))
            .await;
    assert_eq!(graph.templates(&id("200000000000001")).await, Err(GraphError::Unexpected { code: None }));
    assert_eq!(asked.lock().expect("no test panicked in here").len(), 2);

    let counter = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (graph, asked) = graph_with(move |_| {
        let after = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
        (200, json!({"data": [], "paging": {"next": "x", "cursors": {"after": after}}}))
    })
    .await;
    assert_eq!(graph.templates(&id("200000000000001")).await, Err(GraphError::Unexpected { code: None }));
    assert_eq!(asked.lock().expect("no test panicked in here").len(), PAGES_MAX);
}

#[tokio::test]
async fn whether_an_account_has_a_number() {
    let (graph, _) =
        graph_with(|_| (200, json!({"data": [{"id": "300000000000009"}, {"id": "300000000000001"}]}))).await;
    let waba = id("200000000000001");
    assert_eq!(graph.account_has_number(&waba, &id("300000000000001")).await, Ok(true));
    assert_eq!(graph.account_has_number(&waba, &id("300000000000002")).await, Ok(false));
}

#[tokio::test]
async fn subscribing_succeeds_only_when_graph_says_so() {
    let (graph, asked) = graph_with(|_| (200, json!({"success": true}))).await;
    assert_eq!(graph.subscribe_app(&id("200000000000001")).await, Ok(()));
    let asked = asked.lock().expect("no test panicked in here").clone();
    assert!(asked[0].starts_with("POST /v24.0/200000000000001/subscribed_apps "));
    let (graph, _) = graph_with(|_| (200, json!({"success": false}))).await;
    assert_eq!(graph.subscribe_app(&id("200000000000001")).await, Err(GraphError::Unexpected { code: None }));
}

#[tokio::test]
async fn a_token_is_asked_about_in_the_name_of_the_app() {
    let (graph, asked) = graph_with(|_| {
        (200, json!({"data": {"app_id": "123", "is_valid": true, "expires_at": 0, "scopes": ["whatsapp_business_messaging"]}}))
    })
    .await;
    let app = AppCredentials { app_id: "123456".to_owned(), app_secret: SecretString::from("s3cret") };
    let facts = graph.token_facts(&app, &SecretString::from("token-1")).await.expect("an answer");
    assert!(facts.is_valid);
    assert_eq!(facts.expires_at, None);
    let asked = asked.lock().expect("no test panicked in here").clone();
    assert_eq!(asked[0], "GET /v24.0/debug_token?input_token=token-1 Bearer 123456|s3cret");

    let (graph, _) = graph_with(|_| {
        (200, json!({"data": {"is_valid": false, "expires_at": 1_774_776_000, "error": {"code": 190}}}))
    })
    .await;
    let facts = graph.token_facts(&app, &SecretString::from("token-1")).await.expect("an answer");
    assert!(!facts.is_valid);
    assert_eq!(facts.expires_at, Timestamp::from_timestamp(1_774_776_000, 0));
}

#[tokio::test]
async fn a_graph_that_is_not_there_is_unreachable() {
    let address = nowhere().await;
    assert_eq!(graph_at(address).number(&id("300000000000001")).await, Err(GraphError::Unreachable));
}

#[test]
fn the_usage_header_says_when_questions_are_taken_again() {
    let mut headers = HeaderMap::new();
    assert_eq!(regain_after(&headers), None);
    let usage =
        r#"{"102":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":19},{"type":"x"}]}"#;
    headers.insert("x-business-use-case-usage", HeaderValue::from_static(usage));
    assert_eq!(regain_after(&headers), Some(Duration::from_secs(19 * 60)));
    headers.insert("x-business-use-case-usage", HeaderValue::from_static("nonsense"));
    assert_eq!(regain_after(&headers), None);
}
