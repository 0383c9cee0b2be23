//! What a browser is told about every answer: what may run in the page, and who may see it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use leptos::nonce::Nonce;
use runtime::config::PublicUrl;

/// Browsers remember for a year to come over TLS only.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Gives the request a nonce and the answer its headers.
pub(crate) async fn set(State(public_url): State<PublicUrl>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce, &public_url)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    set_always(headers, &public_url);
    // What is on a page belongs to one person.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The headers of every answer, files included.
pub(crate) async fn set_for_files(
    State(public_url): State<PublicUrl>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    set_always(response.headers_mut(), &public_url);
    response
}

fn set_always(headers: &mut HeaderMap, public_url: &PublicUrl) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // An address may hold an invitation; it is told to nobody else.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    if public_url.is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// Scripts are our own files or carry the nonce; WASM may be compiled; styles, fonts and calls are our own.
fn content_security_policy(nonce: &Nonce, public_url: &PublicUrl) -> String {
    let sockets = if public_url.is_https() { "wss" } else { "ws" };
    let host = public_url.host();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
         img-src 'self' data:; connect-src 'self' {sockets}://{host}; worker-src 'self'; manifest-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}
