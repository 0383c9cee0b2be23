//! Requests that change something come from our own pages.
//!
//! A browser says where a request comes from: `Origin`, or `Sec-Fetch-Site` where it leaves that out. A page of somebody
//! else can make the browser send our cookie (within what SameSite allows), but cannot make it lie about that.

use app::AppError;
use app::error::ErrorKind;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HOST, ORIGIN, UPGRADE};
use http::{HeaderMap, Method};
use runtime::config::PublicUrl;

/// Lets reading through, and changes that come from our own pages.
pub(crate) async fn check(
    State(public_url): State<PublicUrl>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(UPGRADE);
    if reads || is_our_own(request.headers(), &public_url) {
        return Ok(next.run(request).await);
    }
    metrics::counter!("fanfare_foreign_requests_total").increment(1);
    Err(AppError::new(
        ErrorKind::Forbidden,
        "This came from another site, so nothing was done. Open the page on this server and try again. If this is your \
         server's own address, set server.public_url to it.",
    ))
}

fn is_our_own(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text(ORIGIN.as_str()) {
        Some(origin) if origin == public_url.origin() => true,
        // Reached under another name than the configured one, as on a machine in the same network.
        Some(origin) => text(HOST.as_str()).is_some_and(|host| authority(origin) == Some(host)),
        None => matches!(text("sec-fetch-site"), Some("same-origin" | "none")),
    }
}

fn authority(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let public_url = PublicUrl::parse("https://fanfare.example").expect("an address");
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        is_our_own(&headers, &public_url)
    }

    #[test]
    fn our_own_pages_pass() {
        assert!(ours(&[("origin", "https://fanfare.example"), ("host", "10.0.0.5:8080")]));
        assert!(ours(&[("origin", "http://10.0.0.5:8080"), ("host", "10.0.0.5:8080")]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn everything_else_does_not() {
        assert!(!ours(&[("origin", "https://evil.example"), ("host", "fanfare.example")]));
        assert!(!ours(&[("origin", "https://fanfare.example.evil.example"), ("host", "fanfare.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "null")]));
        assert!(!ours(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[]));
    }
}
