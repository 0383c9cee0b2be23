//! The endpoint that Meta posts to.

use anyhow::{Context, Result};
use domain::ids::RecipientId;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;
use tests::stage::{APP_SECRET, Stage, VERIFY_TOKEN, plan};

use crate::world::World;

const NUMBER: &str = "300000000000001";
const PATH: &str = "/webhooks/whatsapp";

async fn world(pool: &PgPool) -> World {
    let settings = [
        ("FANFARE_WHATSAPP__APP_SECRET", APP_SECRET),
        ("FANFARE_WHATSAPP__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN),
    ];
    World::start_with(pool, &settings).await
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key will do");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// Posts as Meta does: without cookies and without saying where from.
async fn post(world: &World, signature: Option<&str>, body: impl Into<reqwest::Body>) -> Result<Response> {
    #[expect(clippy::disallowed_methods, reason = "Meta, not a caller of providers")]
    let mut request = reqwest::Client::new()
        .post(format!("{}{PATH}", world.origin))
        .header("content-type", "application/json")
        .body(body);
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    Ok(request.send().await?)
}

async fn post_signed(world: &World, body: Vec<u8>) -> Result<StatusCode> {
    let signature = signature(&body);
    Ok(post(world, Some(&signature), body).await?.status())
}

async fn stored(pool: &PgPool) -> Result<i64> {
    Ok(sqlx::query_scalar("select count(*) from webhook_inbox").fetch_one(pool).await?)
}

/// How often a result was counted.
async fn counted(world: &World, result: &str) -> u64 {
    let line = format!("fanfare_webhooks_total{{result=\"{result}\"}} ");
    let metrics = world.browser().get("/metrics").await;
    let value = metrics.body.lines().find_map(|metric| metric.strip_prefix(&line));
    value.map_or(0, |value| value.parse().expect("a count"))
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_meta_did_not_sign_is_refused_and_counted(pool: PgPool) -> Result<()> {
    let world = world(&pool).await;
    let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
    let right = signature(body);
    let digits = right.strip_prefix("sha256=").context("a prefix")?;
    let of_another_body = signature(b"{}");
    let upper = format!("SHA256={digits}");
    let short = &right[..right.len() - 2];
    let long = format!("{right}00");
    let before = counted(&world, "wrong_signature").await;
    let wrong = [
        None,
        Some(""),
        Some("sha256="),
        Some("sha256=nonsense"),
        Some("sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        Some(digits),
        Some(upper.as_str()),
        Some(of_another_body.as_str()),
        Some(short),
        Some(long.as_str()),
    ];
    for signature in wrong {
        let answer = post(&world, signature, body.to_vec()).await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{signature:?}");
        assert_eq!(answer.text().await?, "", "nothing is said about why");
    }
    assert_eq!(stored(&pool).await?, 0);
    assert!(counted(&world, "wrong_signature").await >= before + wrong.len() as u64);

    let before = counted(&world, "stored").await;
    assert_eq!(post_signed(&world, body.to_vec()).await?, StatusCode::OK);
    assert_eq!(stored(&pool).await?, 1);
    assert!(counted(&world, "stored").await > before);
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn without_an_app_secret_nothing_is_taken(pool: PgPool) -> Result<()> {
    let world = World::start(&pool).await;
    assert_eq!(post_signed(&world, b"{}".to_vec()).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(stored(&pool).await?, 0);
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_larger_than_any_webhook_is_refused(pool: PgPool) -> Result<()> {
    let world = world(&pool).await;
    let body = vec![b' '; 10 * 1024 * 1024];
    assert_eq!(post_signed(&world, body).await?, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(stored(&pool).await?, 0);
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_handshake_takes_the_right_word_only(pool: PgPool) -> Result<()> {
    let world = world(&pool).await;
    let browser = world.browser();
    let ask = async |query: String| {
        let answer = browser.get(&format!("{PATH}?{query}")).await;
        (answer.status, answer.body)
    };
    let right = format!("hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=1158201444");
    assert_eq!(ask(right.clone()).await, (StatusCode::OK, "1158201444".to_owned()));
    for wrong in [
        String::new(),
        right.replace(VERIFY_TOKEN, "another-verify-token"),
        right.replace(VERIFY_TOKEN, ""),
        right.replace("subscribe", "unsubscribe"),
        right.replace("&hub.challenge=1158201444", ""),
        right.replace("1158201444", "%3Cscript%3Ealert(1)%3C/script%3E"),
        right.replace("1158201444", &"1".repeat(1_000)),
    ] {
        let (status, body) = ask(wrong.clone()).await;
        assert_eq!((status, body.as_str()), (StatusCode::FORBIDDEN, ""), "{wrong}");
    }
    let unset = World::start(&pool).await;
    assert_eq!(unset.browser().get(&format!("{PATH}?{right}")).await.status, StatusCode::FORBIDDEN);
    Ok(())
}

/// A campaign whose only message was accepted and of which nothing more is known.
async fn sent_once(pool: &PgPool, world: &World) -> Result<RecipientId> {
    let stage = Stage::set(world.services.clone(), NUMBER, "200000000000001", plan(10, 10)).await?;
    stage.add_people(351_920_000_000, 1).await?;
    let campaign = stage.draft().await?;
    let launched = stage.launch(campaign).await?;
    sqlx::query(
        "update recipients set state = 'sent', provider_message_id = 'wamid.known', settled_at = now()",
    )
    .execute(pool)
    .await?;
    sqlx::query("update dispatches set pending = 0, sent = 1").execute(pool).await?;
    Ok(RecipientId { dispatch: launched.dispatch, ordinal: 1 })
}

fn change(value: Value) -> Value {
    json!({"field": "messages", "value": value})
}

fn value(rest: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "351910000187", "phone_number_id": NUMBER},
    });
    if let (Some(value), Value::Object(rest)) = (value.as_object_mut(), rest) {
        value.extend(rest);
    }
    value
}

/// A webhook that this version does not understand, around one item that it does.
fn mostly_new_words(recipient: RecipientId) -> Value {
    let delivered = json!({
        "id": "wamid.known", "status": "delivered", "timestamp": "1796000000", "recipient_id": "351920000000",
        "biz_opaque_callback_data": recipient.to_string(),
        "pricing": {"model": "per-thought", "category": {"nested": [1, 2]}}, "galaxy": null,
    });
    let statuses = json!([
        {"id": "wamid.new", "status": "teleported", "timestamp": "1796000000", "recipient_id": "1"},
        {"id": 17, "status": "delivered", "timestamp": 17},
        {"id": "wamid.known", "status": {"word": "read"}, "timestamp": "1796000001"},
        {"id": "wamid.strange", "status": "sent", "timestamp": "the day before yesterday"},
        {"id": "wamid.far", "status": "sent", "timestamp": "99999999999999999999"},
        {"id": "wamid.stray", "status": "read", "timestamp": "1796000000", "biz_opaque_callback_data": "rcp_nonsense_0"},
        {"id": "wamid.fail", "status": "failed", "timestamp": "1796000000",
         "errors": [{"code": "a word", "title": 5, "error_data": []}]},
        "not an object", null, 12, [], {},
        delivered,
    ]);
    let messages = json!([
        {"id": "wamid.hologram", "from": "351920000000", "type": "hologram", "hologram": {"beams": 3}, "timestamp": "1796000100"},
        {"id": "wamid.nul", "from": "351920000000", "type": "text", "text": {"body": "a\u{0}b"}, "timestamp": "1796000100"},
        {"id": "wamid.list", "from": ["351920000000"], "type": "text", "text": "no object", "timestamp": "1796000100"},
        {"id": "wamid.nobody", "type": "text", "text": {"body": "hello"}},
    ]);
    json!({
        "object": "whatsapp_business_account", "api": "v99.0",
        "entry": [
            "not an object",
            {"id": 5, "changes": "none"},
            {"id": "200000000000001", "changes": [
                {"field": "galaxy_update", "value": {"stars": 3}},
                {"field": null, "value": null},
                change(json!("not an object")),
                change(value(json!({"statuses": "none", "messages": {"not": "a list"}}))),
                change(value(json!({"statuses": statuses, "messages": messages, "contacts": 5, "errors": null}))),
            ]},
        ],
    })
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_new_is_left_alone_and_the_rest_of_the_webhook_counts(pool: PgPool) -> Result<()> {
    let world = world(&pool).await;
    let recipient = sent_once(&pool, &world).await?;
    let body = serde_json::to_vec(&mostly_new_words(recipient))?;
    assert_eq!(post_signed(&world, body).await?, StatusCode::OK);
    let processed = service::webhooks::apply_stored(&world.services, 100).await?;
    assert_eq!((processed.webhooks, processed.unreadable), (1, 0), "{processed:?}");
    assert_eq!(stored(&pool).await?, 0, "it is done with");

    let (sent, delivered, read, replied, failed): (i32, i32, i32, i32, i32) =
        sqlx::query_as("select sent, delivered, read, replied, failed from dispatches")
            .fetch_one(&pool)
            .await?;
    assert_eq!((sent, delivered, read, failed), (1, 1, 0, 0), "the one that is known was settled");
    assert_eq!(replied, 1, "a message of a new kind is a reply all the same");
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from delivery_events order by kind").fetch_all(&pool).await?;
    assert!(kinds.contains(&"teleported".to_owned()), "kept, and acted on by nobody: {kinds:?}");
    let bodies: Vec<String> =
        sqlx::query_scalar("select body from inbound_messages where kind = 'text' order by body")
            .fetch_all(&pool)
            .await?;
    assert!(bodies.iter().any(|body| body == "hello"), "{bodies:?}");
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_no_webhook_is_set_aside_and_holds_nobody_up(pool: PgPool) -> Result<()> {
    let world = world(&pool).await;
    let recipient = sent_once(&pool, &world).await?;
    let bodies: [&[u8]; 9] = [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{\"entry\":",
        b"{\"object\":\"whatsapp_business_account\"}",
        b"{\"object\":\"page\",\"entry\":[]}",
        b"\xff\xfe\x00",
        &[b'['; 100_000],
    ];
    for body in bodies {
        assert_eq!(post_signed(&world, body.to_vec()).await?, StatusCode::OK, "it is kept as it came");
    }
    let good = serde_json::to_vec(&mostly_new_words(recipient))?;
    assert_eq!(post_signed(&world, good).await?, StatusCode::OK);
    let processed = service::webhooks::apply_stored(&world.services, 100).await?;
    assert_eq!((processed.webhooks, processed.unreadable), (bodies.len() + 1, bodies.len()), "{processed:?}");
    let delivered: i32 = sqlx::query_scalar("select delivered from dispatches").fetch_one(&pool).await?;
    assert_eq!(delivered, 1);
    let (waiting, aside) = service::webhooks::backlog(&world.services).await?;
    assert_eq!((waiting, aside), (0, i64::try_from(bodies.len())?));
    let unexplained: i64 = sqlx::query_scalar("select count(*) from webhook_inbox where problem is null")
        .fetch_one(&pool)
        .await?;
    assert_eq!(unexplained, 0, "each with the reason");
    Ok(())
}
