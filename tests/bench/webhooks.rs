//! Signed status events, one in each request, answered with 200 once they are durable: ours and the usual way.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Result, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tests::chaos::processes::free_port;
use tests::stage::{APP_SECRET, Stage};

use crate::load::{Outcome, send_all};
use crate::options::Options;
use crate::processes::Process;
use crate::{rounded, setup};

/// What a status event of Meta weighs.
const BODY_BYTES: usize = 900;
/// A share of the events goes ahead, so that connections and caches are warm: one in so many.
const WARM_UP: usize = 20;

/// Events in a second and the 99th percentile, for the real server; with `--peers` also for Fastify.
pub async fn measure(options: &Options) -> Result<Value> {
    let events: usize = options.number("--events", 100_000)?;
    let connections: usize = options.number("--connections", 64)?;
    let stage = setup::stage(options, setup::NO_GRAPH, setup::unlimited(), 1).await?;
    let (first, rest) =
        (Arc::new(requests(0, events / WARM_UP)), Arc::new(requests(events / WARM_UP, events)));
    let sent = first.len() + rest.len();

    let server = Process::server(options, setup::NO_GRAPH).await?;
    send_all(server.port(), &first, connections).await?;
    let ours = send_all(server.port(), &rest, connections).await?;
    demand(&stage, &ours, "select count(*) from webhook_inbox", sent).await?;
    let mut result = json!({
        "value": ours.per_second().round(),
        "p50_ms": rounded(ours.percentile_ms(50)),
        "p99_ms": rounded(ours.percentile_ms(99)),
        "server_rss_mb": server.peak_rss_mb()?,
        "events": rest.len(),
        "body_bytes": BODY_BYTES,
        "connections": connections,
    });
    server.stop()?;
    if let Some(folder) = options.text("--peers") {
        prepare_peer(&stage, sent).await?;
        let peer = fastify(options, folder).await?;
        send_all(peer.port(), &first, connections).await?;
        let theirs = send_all(peer.port(), &rest, connections).await?;
        peer.stop()?;
        demand(&stage, &theirs, "select count(*) from peer_events", sent).await?;
        demand(&stage, &theirs, "select count(*) from peer_statuses where changed_at is not null", sent)
            .await?;
        result["peer"] = json!("fastify");
        result["peer_value"] = json!(theirs.per_second().round());
        result["peer_p99_ms"] = json!(rounded(theirs.percentile_ms(99)));
        result["ratio"] = json!(rounded(ours.per_second() / theirs.per_second()));
    }
    Ok(result)
}

/// Everything was answered with 200, and everything is there.
async fn demand(stage: &Stage, outcome: &Outcome, count: &'static str, events: usize) -> Result<()> {
    ensure!(outcome.refused == 0, "{} events were refused", outcome.refused);
    let stored: i64 = sqlx::query_scalar(count).fetch_one(&stage.services.pool).await?;
    ensure!(usize::try_from(stored)? == events, "{stored} of {events}: {count}");
    Ok(())
}

/// Requests as they go over the wire, signed beforehand: signing is Meta's work.
fn requests(from: usize, to: usize) -> Vec<Vec<u8>> {
    (from..to)
        .map(|number| {
            let body = body(number);
            let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes())
                .expect("HMAC takes keys of every length");
            mac.update(body.as_bytes());
            let signature = hex::encode(mac.finalize().into_bytes());
            let head = format!(
                "POST /webhooks/whatsapp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
                 x-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            [head.as_bytes(), body.as_bytes()].concat()
        })
        .collect()
}

fn wamid(number: usize) -> String {
    format!("wamid.HBgMMzUxOTIwMDAwMDAwFQIAERgS{number:016}")
}

fn body(number: usize) -> String {
    let event = |conversation: &str| {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": "200000000000001", "changes": [{ "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "351910000187", "phone_number_id": setup::PHONE_NUMBER_ID },
                "statuses": [{
                    "id": wamid(number),
                    "status": "delivered",
                    "timestamp": "1795269000",
                    "recipient_id": format!("3519{number:08}"),
                    "conversation": { "id": conversation, "origin": { "type": "marketing" } },
                    "pricing": { "billable": true, "pricing_model": "PMP", "category": "marketing", "type": "regular" },
                }],
            } }] }],
        })
        .to_string()
    };
    let missing = BODY_BYTES.saturating_sub(event("").len());
    event(&"c".repeat(missing))
}

/// The messages whose state the peer changes, and where it keeps events.
async fn prepare_peer(stage: &Stage, events: usize) -> Result<()> {
    sqlx::raw_sql(
        "create table peer_events (provider_message_id text, kind text, occurred_at timestamptz, payload jsonb not null,
                                   primary key (provider_message_id, kind, occurred_at));
         create table peer_statuses (provider_message_id text primary key, state text not null default 'sent',
                                     changed_at timestamptz) with (fillfactor = 60)",
    )
    .execute(&stage.services.pool)
    .await?;
    for some in (0..events).collect::<Vec<_>>().chunks(10_000) {
        let ids: Vec<String> = some.iter().map(|number| wamid(*number)).collect();
        sqlx::query("insert into peer_statuses (provider_message_id) select unnest($1::text[])")
            .bind(ids)
            .execute(&stage.services.pool)
            .await?;
    }
    sqlx::raw_sql("vacuum analyze peer_statuses").execute(&stage.services.pool).await?;
    Ok(())
}

async fn fastify(options: &Options, folder: &str) -> Result<Process> {
    let port = free_port()?;
    let mut command = Command::new("node");
    command
        .arg(Path::new(folder).join("fastify.mjs"))
        .env("PEER_DATABASE_URL", options.required("--database-url")?)
        .env("PEER_APP_SECRET", APP_SECRET)
        .env("PEER_PORT", port.to_string());
    Process::start(command, port).await
}
