//! One log line and two metrics for each request, without anything personal in them.
//!
//! Paths and queries may hold invitations and searches, so the line has the pattern of the route, never the path.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, follows it, and counts it.
pub(crate) async fn request(request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span =
        tracing::info_span!("http.request", request.id = %id, http.method = method, http.route = %route);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let seconds = started.elapsed().as_secs_f64();
    span.in_scope(|| {
        let milliseconds = (seconds * 1e6).round() / 1e3;
        if status.is_server_error() {
            tracing::warn!(http.status = status.as_u16(), http.milliseconds = milliseconds, "answered");
        } else {
            tracing::info!(http.status = status.as_u16(), http.milliseconds = milliseconds, "answered");
        }
    });
    let class = ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from(status.as_u16() / 100 - 1).min(4)];
    metrics::counter!("fanfare_http_requests_total", "method" => method, "route" => route.clone(), "status" => class)
        .increment(1);
    metrics::histogram!("fanfare_http_request_seconds", "route" => route).record(seconds);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A closed set: a client may send any word for a method.
const fn method_label(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::HEAD => "HEAD",
        http::Method::POST => "POST",
        http::Method::PUT => "PUT",
        http::Method::PATCH => "PATCH",
        http::Method::DELETE => "DELETE",
        http::Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
