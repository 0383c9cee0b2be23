//! The network address a request came from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use app::request::ClientAddress;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;

/// Finds the address and leaves it for whoever counts attempts.
pub(crate) async fn find(State(trusted_proxies): State<usize>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let peer = peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let address = forwarded_for(request.headers(), trusted_proxies).unwrap_or(peer);
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// Each trusted proxy appends the address it was reached from, so the client is that many entries from the end.
/// Everything before it was written by the client itself.
fn forwarded_for(headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let entries: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let index = entries.len().checked_sub(trusted_proxies.max(1))?;
    if trusted_proxies == 0 { None } else { entries[index].parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(header: &str, trusted_proxies: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", header.parse().expect("a header"));
        forwarded_for(&headers, trusted_proxies).map(|address| address.to_string())
    }

    #[test]
    fn only_what_a_trusted_proxy_wrote_counts() {
        assert_eq!(found("198.51.100.7", 0), None);
        assert_eq!(found("203.0.113.9, 198.51.100.7", 1).as_deref(), Some("198.51.100.7"));
        assert_eq!(found("1.1.1.1, 198.51.100.7, 10.0.0.2", 2).as_deref(), Some("198.51.100.7"));
        assert_eq!(found("198.51.100.7", 2), None);
        assert_eq!(found("nonsense", 1), None);
    }
}
