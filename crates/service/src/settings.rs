//! What use cases need of the settings. The binaries fill it from `runtime::config`.

use std::time::Duration;

use secrecy::SecretString;

/// What use cases need of the settings.
#[derive(Debug)]
pub struct Settings {
    /// Scheme, host and port of the web process, without a slash at the end.
    pub public_origin: String,
    /// What creating the first account asks for, if anything.
    pub setup_token: Option<SecretString>,
    /// How long a webhook may be expected to settle a recipient whose hand-over was never answered.
    pub settlement: Duration,
    /// WhatsApp Cloud API.
    pub whatsapp: WhatsAppSettings,
    /// Where live numbers are published, if anywhere.
    pub pusher: Option<PusherSettings>,
}

/// An app at Pusher, or at a server that speaks the same protocol.
#[derive(Debug)]
pub struct PusherSettings {
    /// Where its API answers, without a slash at the end.
    pub url: String,
    /// The app.
    pub app_id: String,
    /// Its public key.
    pub key: String,
    /// What requests are signed with.
    pub secret: SecretString,
}

/// WhatsApp Cloud API.
#[derive(Debug)]
pub struct WhatsAppSettings {
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
