//! `worker`: sends what was launched.

use std::path::PathBuf;

use anyhow::Context;
use runtime::config::Config;
use runtime::tasks::Tasks;
use runtime::telemetry::{Metrics, start_logging};
use runtime::{operations, shutdown};
use service::Services;
use service::clock::Clock;
use service::secrets::KeyRing;
use service::settings::{PusherSettings, Settings, WhatsAppSettings};
use worker::WorkerOptions;

/// How often what was measured is folded into the histograms.
const UPKEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

fn main() -> anyhow::Result<()> {
    let config = Config::from_process(config_file()?.as_deref())?;
    config.require_secrets()?;
    start_logging(&config.log)?;
    let metrics = Metrics::install()?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    threads.block_on(run(config, metrics))
}

fn config_file() -> anyhow::Result<Option<PathBuf>> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next(), arguments.next()) {
        (None, ..) => Ok(None),
        (Some(flag), Some(path), None) if flag == "--config" => Ok(Some(path.into())),
        _ => anyhow::bail!("usage: worker [--config FILE]"),
    }
}

async fn run(config: Config, metrics: Metrics) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let pool = service::database::connect(&config.database.url, config.database.max_connections).await?;
    let http = runtime::http::client()?;
    let services = Services::new(pool, Clock::System, key_ring(&config)?, http, settings(&config));
    let listener = tokio::net::TcpListener::bind(config.worker.listen)
        .await
        .with_context(|| format!("cannot listen on {} (worker.listen)", config.worker.listen))?;
    tracing::info!(listen = %config.worker.listen, "worker started");
    let tasks = Tasks::new(stop.clone());
    let measured = metrics.clone();
    tasks.spawn_every(UPKEEP_EVERY, move || {
        measured.upkeep();
        std::future::ready(())
    });
    let health = operations::routes(metrics, readiness(services.clone()));
    let serving = axum::serve(listener, health).with_graceful_shutdown(stop.clone().cancelled_owned());
    let options = WorkerOptions { refresh_every: config.worker.refresh, ..WorkerOptions::default() };
    let (served, ()) = tokio::join!(serving, worker::run(services, options, stop));
    tracing::info!("worker stopped");
    Ok(served?)
}

fn readiness(
    services: Services,
) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
    move || {
        let services = services.clone();
        Box::pin(async move { service::database::ready(&services).await })
    }
}

fn key_ring(config: &Config) -> anyhow::Result<KeyRing> {
    let keys = config.secrets.keys.iter().map(|(id, key)| (id.as_str(), key.expose()));
    Ok(KeyRing::new(&config.secrets.active_key, keys)?)
}

fn settings(config: &Config) -> Settings {
    Settings {
        public_origin: config.server.public_url.origin().to_owned(),
        setup_token: config.server.setup_token.clone(),
        settlement: config.worker.settlement,
        whatsapp: WhatsAppSettings {
            graph_url: config.whatsapp.graph_url.clone(),
            graph_version: config.whatsapp.graph_version.clone(),
            app_id: config.whatsapp.app_id.clone(),
            app_secret: config.whatsapp.app_secret.clone(),
            webhook_verify_token: config.whatsapp.webhook_verify_token.clone(),
        },
        pusher: config.pusher.as_ref().map(|pusher| PusherSettings {
            url: pusher.url.clone(),
            app_id: pusher.app_id.clone(),
            key: pusher.key.clone(),
            secret: pusher.secret.clone(),
        }),
    }
}
