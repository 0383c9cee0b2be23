use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::delivery::PauseReason;
use domain::ids::{DispatchId, RecipientId};
use domain::template::{ParameterFormat, TemplateCategory, TemplateContent};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::whatsapp::loopback::{http, in_background, listen, nowhere, serve};
use crate::{OutboundMessage, PreparedMessage, Transport};

fn transport(address: SocketAddr) -> Transport {
    let graph = GraphAddress::new(&format!("http://{address}"), "v24.0").expect("an address");
    let number = "300000000000001".parse().expect("an id");
    let token = SecretString::from("sandbox-token");
    Transport::WhatsApp(WhatsAppTransport::new(http(), &graph, &number, &token).expect("a token"))
}

fn recipient() -> RecipientId {
    RecipientId { dispatch: DispatchId::mint(domain::Timestamp::UNIX_EPOCH, [1; 10]), ordinal: 7 }
}

async fn send(transport: &Transport) -> Result<Accepted, SendError> {
    let template = TemplateContent::read(
        "spring_offer",
        "pt_BR",
        TemplateCategory::Marketing,
        ParameterFormat::Positional,
        &json!([{"type": "BODY", "text": "Oi {{1}}"}]),
    );
    let prepared: PreparedMessage = transport.prepare(&template).expect("can be sent");
    let variables = ["Ana".to_owned()];
    transport
        .send(&OutboundMessage {
            recipient: recipient(),
            address: "+5511900000001",
            prepared: &prepared,
            variables: &variables,
        })
        .await
}

/// Graph with one answer for every message; remembers what it was asked.
async fn graph_answering(
    status: u16,
    body: &'static str,
) -> (SocketAddr, Arc<Mutex<Vec<(HeaderMap, Value)>>>) {
    let asked: Arc<Mutex<Vec<_>>> = Arc::default();
    let remembered = Arc::clone(&asked);
    let answer = move |headers: HeaderMap, axum::Json(message): axum::Json<Value>| {
        remembered.lock().expect("no test panicked in here").push((headers, message));
        let status = StatusCode::from_u16(status).expect("a status");
        async move { (status, [("content-type", "application/json")], body) }
    };
    let router = Router::new().route("/v24.0/300000000000001/messages", post(answer));
    (serve(router).await, asked)
}

/// A server that reads a whole request and then writes these bytes and hangs up.
async fn hanging_up_after(answer: &'static [u8]) -> SocketAddr {
    let (listener, address) = listen().await;
    in_background(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let mut read = 0;
            while !request[..read].ends_with(b"\"type\":\"template\"}") {
                match stream.read(&mut request[read..]).await {
                    Ok(count) if count > 0 => read += count,
                    _ => return,
                }
            }
            stream.write_all(answer).await.expect("the client is still there");
            stream.shutdown().await.expect("the client is still there");
        }
    });
    address
}

#[tokio::test]
async fn an_accepted_message() {
    let answer = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+5511900000001","wa_id":"5511900000001"}],
                     "messages":[{"id":"wamid.HBgNNTUx","message_status":"accepted"}]}"#;
    let (address, asked) = graph_answering(200, answer).await;
    let accepted = send(&transport(address)).await.expect("accepted");
    assert_eq!(accepted.provider_message_id.as_str(), "wamid.HBgNNTUx");
    assert_eq!(accepted.pacing, Pacing::Normal);
    let asked = asked.lock().expect("no test panicked in here");
    let (headers, message) = &asked[0];
    assert_eq!(headers["authorization"], "Bearer sandbox-token");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(message["to"], "+5511900000001");
    assert_eq!(message["biz_opaque_callback_data"], recipient().to_string());
    assert_eq!(message["template"]["components"][0]["parameters"][0]["text"], "Ana");
}

#[tokio::test]
async fn what_the_provider_does_with_it_next() {
    for (answer, pacing) in [
        (r#"{"messages":[{"id":"wamid.1"}]}"#, Pacing::Normal),
        (
            r#"{"messages":[{"id":"wamid.1","message_status":"held_for_quality_assessment"}],"new":1}"#,
            Pacing::HeldForQuality,
        ),
        (r#"{"messages":[{"id":"wamid.1","message_status":"paused"}]}"#, Pacing::TemplatePaused),
        (r#"{"messages":[{"id":"wamid.1","message_status":"something_new"}]}"#, Pacing::Normal),
    ] {
        let (address, _) = graph_answering(200, answer).await;
        assert_eq!(send(&transport(address)).await.map(|accepted| accepted.pacing), Ok(pacing), "{answer}");
    }
}

#[tokio::test]
async fn an_error_of_graph_is_a_decision() {
    let throttled = r#"{"error":{"message":"(#130429) Rate limit hit","type":"OAuthException","code":130429,
        "error_data":{"messaging_product":"whatsapp","details":"Cloud API message throughput has been reached."},
        "error_subcode":2494055,"fbtrace_id":"A1b2C3"}}"#;
    let (address, _) = graph_answering(400, throttled).await;
    let slow = SendError::SlowDown { after: None, code: ProviderCode::new(130_429) };
    assert_eq!(send(&transport(address)).await, Err(slow));

    let expired = r#"{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463}}"#;
    let (address, _) = graph_answering(401, expired).await;
    let signed_out = SendError::PauseSender { reason: PauseReason::SignedOut, code: ProviderCode::new(190) };
    assert_eq!(send(&transport(address)).await, Err(signed_out));
}

#[tokio::test]
async fn an_answer_without_a_message_is_ambiguous() {
    for body in
        ["", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#, "<html><body>OK</body></html>"]
    {
        let (address, _) = graph_answering(200, body).await;
        assert_eq!(send(&transport(address)).await, Err(SendError::Ambiguous), "{body}");
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_ambiguous() {
    for status in [500, 502, 503, 504] {
        let (address, _) = graph_answering(status, "<html><body>Bad gateway</body></html>").await;
        assert_eq!(send(&transport(address)).await, Err(SendError::Ambiguous), "{status}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_safe_to_try_again() {
    let address = nowhere().await;
    assert_eq!(send(&transport(address)).await, Err(SendError::Unreachable));
}

#[tokio::test]
async fn a_failed_tls_handshake_is_safe_to_try_again() {
    let (listener, plain) = listen().await;
    in_background(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"this is not TLS").await.expect("the client is still there");
        }
    });
    let graph = GraphAddress::new(&format!("https://{plain}"), "v24.0").expect("an address");
    let number = "300000000000001".parse().expect("an id");
    let token = SecretString::from("sandbox-token");
    let transport =
        Transport::WhatsApp(WhatsAppTransport::new(http(), &graph, &number, &token).expect("a token"));
    assert_eq!(send(&transport).await, Err(SendError::Unreachable));
}

#[tokio::test]
async fn a_connection_cut_after_the_request_is_ambiguous() {
    let cuts: [&'static [u8]; 4] = [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"messages\":[{\"id\":\"wamid.1\"}]}",
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 400\r\n\r\n{\"error\":{\"code\":2}}",
    ];
    for cut in cuts {
        let address = hanging_up_after(cut).await;
        assert_eq!(
            send(&transport(address)).await,
            Err(SendError::Ambiguous),
            "{}",
            String::from_utf8_lossy(cut)
        );
    }
}

#[tokio::test]
async fn silence_is_ambiguous() {
    let (listener, address) = listen().await;
    // Accepted by the kernel and never answered.
    let Transport::WhatsApp(silent) = transport(address);
    let transport = Transport::WhatsApp(silent.with_timeout(Duration::from_millis(50)));
    assert_eq!(send(&transport).await, Err(SendError::Ambiguous));
    drop(listener);
}

#[tokio::test]
async fn an_endless_answer_is_ambiguous() {
    let (address, _) =
        graph_answering(200, Box::leak("x".repeat(ANSWER_BYTES_MAX + 1).into_boxed_str())).await;
    assert_eq!(send(&transport(address)).await, Err(SendError::Ambiguous));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let router = Router::new().route(
        "/v24.0/300000000000001/messages",
        post(|| async { (StatusCode::TEMPORARY_REDIRECT, [("location", "http://192.0.2.1/")]) }),
    );
    let address = serve(router).await;
    assert_eq!(send(&transport(address)).await, Err(SendError::RetryLater { after: None, code: None }));
}

#[test]
fn a_transport_does_not_print_its_token() {
    let transport = transport(SocketAddr::from(([127, 0, 0, 1], 1)));
    assert!(!format!("{transport:?}").contains("sandbox-token"));
}
