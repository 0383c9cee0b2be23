//! The endpoints that operators ask, the same for server and worker.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::telemetry::Metrics;

/// Why a process cannot do its work at the moment, in words an operator can act on.
pub type NotReady = String;

type Check = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), NotReady>> + Send>> + Send + Sync;

/// `/healthz` (the process runs), `/readyz` (it can work, as `is_ready` finds), and `/metrics`.
pub fn routes<S, F, R>(metrics: Metrics, is_ready: F) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), NotReady>> + Send + 'static,
{
    let check: Arc<Check> = Arc::new(move || Box::pin(is_ready()));
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/readyz",
            get(move || {
                let check = Arc::clone(&check);
                async move {
                    match check().await {
                        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
                    }
                }
            }),
        )
        .route(
            "/metrics",
            get(move || {
                let text = metrics.render();
                async move {
                    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
                        .into_response()
                }
            }),
        )
}
