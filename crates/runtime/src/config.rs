//! The settings: read once, in `main`, into one value.
//!
//! Three layers, the later wins: the defaults in `fanfare.toml` at the root of the repository (compiled in), a file, the
//! environment. Every mistake is reported at once, each as a sentence with the key and how to set it. Nothing secret is
//! printed by `Debug` or repeated in an error.

mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretBox, SecretString};

use self::reader::Reader;
pub use self::reader::{ConfigError, Problem};

/// The defaults, which are also the documentation.
pub const DEFAULTS: &str = include_str!("../../../fanfare.toml");

/// Every setting, and what it takes. `secrets.keys` holds one entry per key id.
const KEYS: &[(&str, &str)] = &[
    ("database.url", "a Postgres address such as postgres://user:password@host:5432/fanfare"),
    ("database.max_connections", "a number from 1 to 1000"),
    ("server.listen", "an address and port such as 127.0.0.1:8080"),
    ("server.public_url", "an address without a path such as https://fanfare.example"),
    ("server.site_root", "a folder such as target/site"),
    ("server.trusted_proxies", "a number from 0 to 10"),
    ("server.setup_token", "a word of at least 8 characters"),
    ("worker.listen", "an address and port such as 127.0.0.1:9101"),
    ("worker.settlement_hours", "a number of hours from 1 to 720"),
    ("worker.refresh_minutes", "a number of minutes from 5 to 1440"),
    ("secrets.active_key", "the id of one of secrets.keys, such as k1"),
    ("secrets.keys", "base64 of 32 random bytes, made with `openssl rand -base64 32`"),
    ("whatsapp.graph_url", "an address without a path such as https://graph.facebook.com"),
    ("whatsapp.graph_version", "a version such as v24.0"),
    ("whatsapp.app_id", "the number Meta gave your app"),
    ("whatsapp.app_secret", "the secret Meta gave your app"),
    ("whatsapp.webhook_verify_token", "a word of at least 8 characters"),
    ("pusher.url", "an address without a path such as https://api-eu.pusher.com"),
    ("pusher.app_id", "the number Pusher gave your app"),
    ("pusher.key", "the key Pusher gave your app"),
    ("pusher.secret", "the secret Pusher gave your app"),
    ("log.format", "json or text"),
    ("log.filter", "a filter such as info or info,sqlx=warn"),
];

/// All settings.
#[derive(Debug)]
pub struct Config {
    /// Where the data is.
    pub database: DatabaseConfig,
    /// The web process.
    pub server: ServerConfig,
    /// The sending process.
    pub worker: WorkerConfig,
    /// Keys that seal provider credentials.
    pub secrets: SecretsConfig,
    /// WhatsApp Cloud API.
    pub whatsapp: WhatsAppConfig,
    /// Pusher, if live numbers are published.
    pub pusher: Option<PusherConfig>,
    /// Logs.
    pub log: LogConfig,
}

/// Where the data is.
#[derive(Debug)]
pub struct DatabaseConfig {
    /// Connection string; may hold a password.
    pub url: SecretString,
    /// Connections that one process may hold.
    pub max_connections: u32,
}

/// The web process.
#[derive(Debug)]
pub struct ServerConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How browsers reach it.
    pub public_url: PublicUrl,
    /// Folder with the built assets.
    pub site_root: PathBuf,
    /// Reverse proxies in front that append to X-Forwarded-For.
    pub trusted_proxies: usize,
    /// What creating the first account asks for, if anything.
    pub setup_token: Option<SecretString>,
}

/// The sending process.
#[derive(Debug)]
pub struct WorkerConfig {
    /// Where its health and metrics are.
    pub listen: SocketAddr,
    /// How long a webhook may settle a recipient in doubt. The web process says so on its pages.
    pub settlement: Duration,
    /// How often each sender and its templates are asked for at the provider.
    pub refresh: Duration,
}

/// Keys that seal provider credentials.
#[derive(Debug)]
pub struct SecretsConfig {
    /// Id of the key that seals from now on.
    pub active_key: String,
    /// All keys by id.
    pub keys: BTreeMap<String, SecretKey>,
}

/// WhatsApp Cloud API.
#[derive(Debug)]
pub struct WhatsAppConfig {
    /// Where Graph answers, without a slash at the end.
    pub graph_url: String,
    /// Its version, such as `v24.0`.
    pub graph_version: String,
    /// The Meta app that owns the webhook.
    pub app_id: Option<String>,
    /// What its webhooks are signed with.
    pub app_secret: Option<SecretString>,
    /// What Meta repeats when the webhook is registered.
    pub webhook_verify_token: Option<SecretString>,
}

/// An app at Pusher.
#[derive(Debug)]
pub struct PusherConfig {
    /// Where its API answers, without a slash at the end.
    pub url: String,
    /// The app.
    pub app_id: String,
    /// Its public key.
    pub key: String,
    /// What requests are signed with.
    pub secret: SecretString,
}

/// Logs.
#[derive(Debug)]
pub struct LogConfig {
    /// For machines or for people.
    pub format: LogFormat,
    /// What is logged, as RUST_LOG says it.
    pub filter: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Text for a terminal.
    Text,
}

/// Thirty-two bytes nobody may see.
pub struct SecretKey(SecretBox<[u8; 32]>);

impl SecretKey {
    /// The bytes, for the key ring.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([REDACTED])")
    }
}

/// The address of the web process as browsers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    https: bool,
}

impl PublicUrl {
    /// Parses an `http` or `https` address without a path.
    pub fn parse(text: &str) -> Option<Self> {
        let url = reqwest::Url::parse(text).ok()?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str()?),
            None => url.host_str()?.to_owned(),
        };
        bare.then(|| Self { origin: url.origin().ascii_serialization(), host, https })
    }

    /// Scheme, host and port as a browser writes them into `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host, and port if it is not the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers come over TLS.
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// An absolute address on this server. `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Config {
    /// Reads the settings: defaults, then the file if one is named, then the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake that was found.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::open(DEFAULTS, file, environment, KEYS)?;
        let config = Self {
            database: DatabaseConfig {
                url: reader.secret_required("database.url"),
                max_connections: reader.number("database.max_connections", 1..=1000),
            },
            server: ServerConfig {
                listen: reader.parsed("server.listen"),
                public_url: reader.with("server.public_url", PublicUrl::parse),
                site_root: PathBuf::from(reader.text("server.site_root")),
                trusted_proxies: reader.number("server.trusted_proxies", 0..=10) as usize,
                setup_token: reader.secret("server.setup_token", 8),
            },
            worker: WorkerConfig {
                listen: reader.parsed("worker.listen"),
                settlement: Duration::from_secs(
                    u64::from(reader.number("worker.settlement_hours", 1..=720)) * 3600,
                ),
                refresh: Duration::from_secs(
                    u64::from(reader.number("worker.refresh_minutes", 5..=1440)) * 60,
                ),
            },
            secrets: SecretsConfig {
                active_key: reader.text("secrets.active_key"),
                keys: reader.keys("secrets.keys"),
            },
            whatsapp: WhatsAppConfig {
                graph_url: reader.with("whatsapp.graph_url", PublicUrl::parse).origin,
                graph_version: reader.with("whatsapp.graph_version", graph_version),
                app_id: reader.optional("whatsapp.app_id"),
                app_secret: reader.secret("whatsapp.app_secret", 1),
                webhook_verify_token: reader.secret("whatsapp.webhook_verify_token", 8),
            },
            pusher: pusher(&mut reader),
            log: LogConfig {
                format: reader.with("log.format", log_format),
                filter: reader.text("log.filter"),
            },
        };
        reader.finish()?;
        Ok(config)
    }

    /// Reads the settings of this process: the file named by FANFARE_CONFIG unless `file` names one, and FANFARE_*.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake that was found.
    pub fn from_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        // Not `vars()`, which panics if any variable of the machine, ours or not, is not Unicode.
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = environment.get(reader::FILE_VARIABLE).map(PathBuf::from);
        Self::load(file.or(named.as_deref()), environment)
    }

    /// Checks what serving and sending need and migrating does not: a key to seal with.
    ///
    /// # Errors
    ///
    /// A sentence saying how to make the key.
    pub fn require_secrets(&self) -> Result<(), ConfigError> {
        let active = &self.secrets.active_key;
        if self.secrets.keys.contains_key(active) {
            return Ok(());
        }
        let variable = reader::variable(&format!("secrets.keys.{active}"));
        Err(ConfigError::one(
            "secrets.keys",
            format!(
                "there is no key \"{active}\" to seal credentials with. Make one with `openssl rand -base64 32` and set \
                 {variable} to it; keep it, because without it what was sealed cannot be opened"
            ),
        ))
    }
}

/// All of it or nothing: half an app is a mistake that would go unnoticed.
fn pusher(reader: &mut Reader) -> Option<PusherConfig> {
    let url = reader.with("pusher.url", PublicUrl::parse).origin;
    let app_id = reader.optional("pusher.app_id");
    let key = reader.optional("pusher.key");
    let secret = reader.secret("pusher.secret", 1);
    match (app_id, key, secret) {
        (Some(app_id), Some(key), Some(secret)) => Some(PusherConfig { url, app_id, key, secret }),
        (None, None, None) => None,
        _ => {
            reader.mistake(
                "pusher.app_id",
                "pusher.app_id, pusher.key and pusher.secret belong together; set all three or none",
            );
            None
        }
    }
}

fn graph_version(text: &str) -> Option<String> {
    let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| text.to_owned())
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    }
}
