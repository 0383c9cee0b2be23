//! From settings to a process that answers, and back to nothing.

use std::net::SocketAddr;
use std::time::Duration;

use runtime::config::{Config, ServerConfig};
use runtime::tasks::Tasks;
use runtime::telemetry::Metrics;
use service::Services;
use service::clock::Clock;
use service::database::{DatabaseError, connect};
use service::live::LiveHub;
use service::secrets::{KeyRing, NoActiveKey};
use service::settings::{Settings, WhatsAppSettings};
use tokio::net::TcpListener;

use crate::router::router;

/// How long requests under way may take after the process was told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
const SWEEP_PERIOD: Duration = Duration::from_secs(600);
const UPKEEP_PERIOD: Duration = Duration::from_secs(5);

/// Why the web process cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There is no key to seal with.
    #[error(transparent)]
    Keys(#[from] NoActiveKey),
    /// The client for providers cannot be made.
    #[error("the HTTP client cannot be made")]
    HttpClient(#[source] runtime::http::ClientError),
    /// The socket failed.
    #[error("the web process cannot listen on {address}; set server.listen to a free address")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// What use cases need, from the settings.
///
/// # Errors
///
/// If the database cannot be reached or there is no key to seal with.
pub async fn services(config: &Config) -> Result<Services, ServeError> {
    let pool = connect(&config.database.url, config.database.max_connections).await?;
    let keys = config.secrets.keys.iter().map(|(id, key)| (id.as_str(), key.expose()));
    let secrets = KeyRing::new(&config.secrets.active_key, keys)?;
    let settings = Settings {
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
        // The worker publishes.
        pusher: None,
    };
    let http = runtime::http::client().map_err(ServeError::HttpClient)?;
    Ok(Services::new(pool, Clock::System, secrets, http, settings))
}

/// Answers on this socket until the tasks are told to stop, then finishes what is under way.
///
/// # Errors
///
/// If the socket fails.
pub async fn serve(
    services: Services,
    config: &ServerConfig,
    metrics: Metrics,
    listener: TcpListener,
    tasks: &Tasks,
) -> Result<(), ServeError> {
    let failed = |source| ServeError::Listen { address: config.listen, source };
    let address = listener.local_addr().map_err(failed)?;
    let router = router(&services, config, metrics.clone(), tasks);
    let (live, stop) = (services.clone(), tasks.stop().clone());
    tasks.spawn(async move { stop.run_until_cancelled(LiveHub::run(live)).await });
    tasks.spawn_every(SWEEP_PERIOD, move || sweep(services.clone()));
    tasks.spawn_every(UPKEEP_PERIOD, move || {
        metrics.upkeep();
        std::future::ready(())
    });
    tracing::info!(server.address = %address, "serving");
    let stop = tasks.stop().clone();
    let stopped = stop.clone().cancelled_owned();
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped);
    // Connections that never end, such as live pages, must not keep the process.
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        served = serving => served.map_err(failed)?,
        () = deadline => tracing::warn!("some requests were cut off"),
    }
    tasks.wait(STOP_TIMEOUT).await;
    Ok(())
}

async fn sweep(services: Services) {
    match service::sessions::sweep(&services).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "sessions and invitations that had run out were removed"),
        Err(error) => tracing::warn!(error = %error, "sessions that have run out could not be removed"),
    }
}
