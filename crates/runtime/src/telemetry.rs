//! Logs and metrics.
//!
//! A log line carries ids, never an address, a name, a token or a message. Metrics have few labels, each from a closed
//! set; an id is never a label.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogFormat};

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not in the syntax of RUST_LOG.
    #[error(
        "log.filter is not a filter such as \"info\" or \"info,sqlx=warn\"; set it in fanfare.toml or with FANFARE_LOG__FILTER"
    )]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// Something in this process logs already.
    #[error("logging has already been started in this process")]
    Logging(#[source] tracing_subscriber::util::TryInitError),
    /// Something in this process records metrics already.
    #[error("metrics cannot be recorded")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
}

/// Bounds, in seconds, of every histogram whose name ends in `_seconds`.
const SECONDS_BUCKETS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts logging to standard output as the settings say.
///
/// # Errors
///
/// If the filter cannot be read, or logging was started before.
pub fn start_logging(config: &LogConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(TelemetryError::Filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.format {
        LogFormat::Json => {
            let lines = tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_current_span(true)
                .with_span_list(false);
            registry.with(lines).try_init()
        }
        LogFormat::Text => {
            let lines = tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal());
            registry.with(lines).try_init()
        }
    };
    started.map_err(TelemetryError::Logging)
}

/// What has been measured, ready to be read by Prometheus. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Installs the recorder of this process. Once per process.
    ///
    /// # Errors
    ///
    /// If the process has a recorder already.
    pub fn install() -> Result<Self, TelemetryError> {
        builder()?.install_recorder().map(Self).map_err(TelemetryError::Metrics)
    }

    /// A recorder that nothing writes to: for servers started inside a test, of which a process has many.
    ///
    /// # Errors
    ///
    /// Only if the built-in buckets are refused.
    pub fn detached() -> Result<Self, TelemetryError> {
        Ok(Self(builder()?.build_recorder().handle()))
    }

    /// The text that Prometheus scrapes.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds what was measured into the histograms; to be called every few seconds, or they grow until the next scrape.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, TelemetryError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
        .map_err(TelemetryError::Metrics)
}

/// An error with everything behind it, on one line, for a log field. Errors of ours never hold addresses or secrets.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
