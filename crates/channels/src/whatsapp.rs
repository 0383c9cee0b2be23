//! WhatsApp Cloud API, on Meta's Graph.

mod client;
mod error;
mod graph;
#[cfg(test)]
mod loopback;
mod payload;
mod templates;
mod text;
pub mod webhook;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub use client::WhatsAppTransport;
pub use error::GraphError;
pub use graph::{AppCredentials, Graph, GraphNumber, TokenFacts};
pub use payload::PreparedTemplate;
pub use templates::GraphTemplate;

/// How long one call to Graph may take, answer included.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// An id at Meta: digits only, so that it can stand in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphId(String);

/// A text that is not an id at Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id at Meta has between 5 and 25 digits and nothing else")]
pub struct InvalidGraphId;

impl GraphId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GraphId {
    type Err = InvalidGraphId;

    fn from_str(text: &str) -> Result<Self, InvalidGraphId> {
        let digits = text.trim();
        let valid = (5..=25).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(digits.to_owned())) } else { Err(InvalidGraphId) }
    }
}

impl fmt::Display for GraphId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where Graph answers, with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphAddress {
    base: Url,
}

/// A setting that is not where Graph can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address or the version of Graph cannot be used")]
pub struct InvalidGraphAddress;

impl GraphAddress {
    /// Takes an address such as `https://graph.facebook.com` and a version such as `v24.0`.
    ///
    /// # Errors
    ///
    /// If they do not make an `http` or `https` address.
    pub fn new(url: &str, version: &str) -> Result<Self, InvalidGraphAddress> {
        let version_fits =
            !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        let base = Url::parse(&format!("{}/{version}/", url.trim_end_matches('/')))
            .map_err(|_| InvalidGraphAddress)?;
        let usable =
            matches!(base.scheme(), "http" | "https") && !base.cannot_be_a_base() && base.query().is_none();
        if version_fits && usable { Ok(Self { base }) } else { Err(InvalidGraphAddress) }
    }

    fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// A token that cannot be written into a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token has characters that no token has")]
pub struct InvalidToken;

fn bearer(token: &SecretString) -> Result<HeaderValue, InvalidToken> {
    let exposed = token.expose_secret();
    if exposed.is_empty() || exposed.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(InvalidToken);
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {exposed}")).map_err(|_| InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_digits() {
        assert_eq!("  300000000000001 ".parse::<GraphId>().map(|id| id.0), Ok("300000000000001".to_owned()));
        for text in ["", "1234", "me", "123456/../7", "123456?fields=x", "1234567890123456789012345 6"] {
            assert_eq!(text.parse::<GraphId>(), Err(InvalidGraphId), "{text}");
        }
    }

    #[test]
    fn the_version_is_always_in_the_path() {
        let graph = GraphAddress::new("https://graph.facebook.com/", "v24.0").expect("an address");
        assert_eq!(graph.at(&["42", "messages"]).as_str(), "https://graph.facebook.com/v24.0/42/messages");
        let below = GraphAddress::new("http://127.0.0.1:9000/meta", "v24.0").expect("an address");
        assert_eq!(below.at(&["42"]).as_str(), "http://127.0.0.1:9000/meta/v24.0/42");
        for (url, version) in
            [("https://graph.facebook.com", ""), ("ftp://x", "v1"), ("nonsense", "v1"), ("https://x", "a/b")]
        {
            assert!(GraphAddress::new(url, version).is_err(), "{url} {version}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let header = bearer(&SecretString::from("EAAG-secret")).expect("a header");
        assert!(!format!("{header:?}").contains("EAAG"));
        assert_eq!(bearer(&SecretString::from("a\nb")), Err(InvalidToken));
        assert_eq!(bearer(&SecretString::from("")), Err(InvalidToken));
    }
}
