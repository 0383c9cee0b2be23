//! The one HTTP client: every call to a provider goes through a client made here.

use std::time::Duration;

/// Why a client cannot be made.
pub type ClientError = reqwest::Error;

/// How long a connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole call may take, from the first byte of the request to the last of the answer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle connections kept for one host: as many as a sender may have requests under way, so that a burst of sends does not
/// open a connection each.
const IDLE_CONNECTIONS_PER_HOST_MAX: usize = 2_048;
const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the client: rustls, timeouts, a pool, our name. Redirects are not followed, because a provider's address is
/// configured and a bearer token must not travel elsewhere.
///
/// # Errors
///
/// If the machine's TLS roots cannot be read.
#[expect(clippy::disallowed_methods, reason = "the one place that makes clients")]
pub fn client() -> Result<reqwest::Client, ClientError> {
    reqwest::Client::builder()
        .user_agent(concat!("fanfare/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST_MAX)
        .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT)
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}
