//! The web process as one router.

use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use http::StatusCode;
use runtime::config::ServerConfig;
use runtime::tasks::Tasks;
use runtime::telemetry::Metrics;
use service::Services;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::pages::Renderer;
use crate::session_store::Sessions;
use crate::site_files::SiteFiles;
use crate::{client_address, error_pages, headers, observe, origin, pages, site_files, webhooks};

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "fanfare_session";
/// How long the session of a visitor who has not signed in lasts: enough to correct a form.
const VISITOR_SESSION: CookieDuration = CookieDuration::hours(1);
/// The most bytes of a form or a server function's arguments. Uploads have a limit of their own.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How long an answer may take. Sockets answer at once and go on.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything the web process answers. Work that outlives a request goes to the tasks.
pub fn router(services: &Services, config: &ServerConfig, metrics: Metrics, tasks: &Tasks) -> Router {
    let public_url = config.public_url.clone();
    let files = SiteFiles::at(&config.site_root);
    let renderer = Renderer::new(&files);
    let sessions = SessionManagerLayer::new(Sessions::new(services.clone()))
        .with_name(SESSION_COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(public_url.is_https())
        .with_expiry(Expiry::OnInactivity(VISITOR_SESSION));
    // The last layer is the first to see a request.
    let pages = pages::routes(&files, renderer.clone())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_TIMEOUT))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(pages::uploads(renderer.clone()))
        .layer(from_fn(app::visit::begin))
        .layer(from_fn_with_state(public_url.clone(), origin::check))
        .layer(from_fn_with_state(renderer, error_pages::show))
        .layer(sessions)
        .layer(axum::Extension(services.clone()))
        .layer(from_fn_with_state(config.trusted_proxies, client_address::find))
        .layer(from_fn_with_state(public_url.clone(), headers::set))
        .layer(CompressionLayer::new());
    let files =
        site_files::routes(&config.site_root).layer(from_fn_with_state(public_url, headers::set_for_files));
    let readiness = services.clone();
    let operations = runtime::operations::routes(metrics, move || {
        let services = readiness.clone();
        async move { service::database::ready(&services).await }
    });
    // Signed by Meta, not by a cookie: none of the layers for browsers applies.
    let webhooks = webhooks::routes(services.clone(), tasks);
    pages.merge(files).merge(webhooks).layer(from_fn(observe::request)).merge(operations)
}
