//! Publishing to a Pusher Channels app, or to a server that speaks the same protocol.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use hyper_legacy::Client;
use hyper_legacy::client::HttpConnector;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use pusher::{Pusher, PusherBuilder};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// How long one publication may take, answer included.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(10);

/// Why nothing was published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Nobody answered, or not in time.
    #[error("Pusher cannot be reached; check pusher.url")]
    Unreachable,
    /// The app does not exist there, or the key or the secret is wrong.
    #[error("Pusher refuses the app; check pusher.app_id, pusher.key and pusher.secret")]
    Unauthorized,
    /// Another refusal.
    #[error("Pusher refuses what was published: {status}")]
    Refused {
        /// What it answered; the first word is the HTTP status.
        status: String,
    },
}

/// A setting that is not the address of Pusher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pusher.url is not an http or https address")]
pub struct InvalidPusherUrl;

/// One app at Pusher.
pub struct PusherApp {
    client: Pusher<HttpsConnector<HttpConnector>>,
}

impl fmt::Debug for PusherApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PusherApp").field("host", &self.client.host).finish_non_exhaustive()
    }
}

impl PusherApp {
    /// Takes the address of the API, such as `https://api-eu.pusher.com`, and the app's credentials.
    ///
    /// # Errors
    ///
    /// If the address is not one of a web server.
    pub fn new(url: &str, app_id: &str, key: &str, secret: &SecretString) -> Result<Self, InvalidPusherUrl> {
        let url = Url::parse(url).map_err(|_| InvalidPusherUrl)?;
        let host = url.host_str().ok_or(InvalidPusherUrl)?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let http = Client::builder().build(connector);
        let app = PusherBuilder::new_with_client(http, app_id, key, secret.expose_secret()).host(&host);
        let client = match url.scheme() {
            "https" => app.secure().finalize(),
            "http" => app.finalize(),
            _ => return Err(InvalidPusherUrl),
        };
        Ok(Self { client })
    }

    /// Publishes one event on each of the channels, at most ten. Repeating it is harmless to whoever takes the newest.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; the event may have been published even so.
    pub async fn publish(
        &self,
        channels: &[&str],
        event: &str,
        payload: &impl Serialize,
    ) -> Result<(), PublishError> {
        let sent = self.client.trigger_multi(channels, event, payload);
        // The library panics when there is no connection (0.4.5, `send_request`); that must not end the publisher.
        let sent = AssertUnwindSafe(sent).catch_unwind();
        match tokio::time::timeout(PUBLISH_TIMEOUT, sent).await {
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(Ok(Err(answer))) => Err(refused(&answer)),
            Ok(Err(_)) | Err(_) => Err(PublishError::Unreachable),
        }
    }
}

/// The library says `Error: 401 Unauthorized. <body>`; the body is not repeated, it may name the key.
fn refused(answer: &str) -> PublishError {
    let status = answer.strip_prefix("Error: ").unwrap_or(answer);
    let status = status.split_once('.').map_or(status, |(status, _)| status);
    match status.get(..3) {
        Some("401" | "403" | "404") => PublishError::Unauthorized,
        _ => PublishError::Refused { status: status.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(url: &str) -> Result<PusherApp, InvalidPusherUrl> {
        PusherApp::new(url, "app", "key", &SecretString::from("very-secret"))
    }

    #[test]
    fn an_address_is_one_of_a_web_server() {
        assert_eq!(
            app("https://api-eu.pusher.com").map(|app| app.client.host),
            Ok("api-eu.pusher.com".to_owned())
        );
        assert_eq!(app("http://127.0.0.1:6001").map(|app| app.client.host), Ok("127.0.0.1:6001".to_owned()));
        for url in ["", "api-eu.pusher.com", "ftp://x", "http://"] {
            assert_eq!(app(url).map(|app| app.client.host), Err(InvalidPusherUrl), "{url}");
        }
    }

    #[test]
    fn the_secret_is_never_printed() {
        let printed = format!("{:?}", app("https://api-eu.pusher.com"));
        assert!(!printed.contains("very-secret"), "{printed}");
    }

    #[test]
    fn a_refusal_does_not_repeat_what_was_answered() {
        assert_eq!(refused("Error: 401 Unauthorized. Unknown auth_key abc"), PublishError::Unauthorized);
        let other = refused("Error: 413 Payload Too Large. {\"key\":\"abc\"}");
        assert_eq!(other, PublishError::Refused { status: "413 Payload Too Large".to_owned() });
    }

    #[tokio::test]
    async fn nobody_there_is_an_error_and_not_a_panic() {
        let nobody = app("http://127.0.0.1:9").expect("an address");
        let published = nobody.publish(&["private-a"], "event", &1).await;
        assert_eq!(published, Err(PublishError::Unreachable));
    }
}
