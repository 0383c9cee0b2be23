//! Starting a sandbox, and the handle with which a test looks into it and changes it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;

use crate::behaviour::Behaviour;
use crate::config::SandboxConfig;
use crate::control;
use crate::control::actions::{self, ActionError};
use crate::delivery;
use crate::faults::Fault;
use crate::graph;
use crate::ledger::{AcceptedMessage, LedgerSummary, RecipientPage};
use crate::page;
use crate::rate::RateLimit;
use crate::recipient::normalised_wa_id;
use crate::server;
use crate::state::SandboxState;
use crate::world::World;

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The wanted address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The client that posts webhooks could not be built.
    #[error("cannot build the HTTP client")]
    HttpClient(#[source] reqwest::Error),
    /// A value of the behaviour makes no sense.
    #[error("behaviour: {0}")]
    Behaviour(String),
}

/// Starts sandboxes.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

impl Sandbox {
    /// Listens and serves from now on, in tasks of the current Tokio runtime.
    pub async fn start(config: SandboxConfig) -> Result<RunningSandbox, StartError> {
        if let Some(problem) = config.behaviour.problem() {
            return Err(StartError::Behaviour(problem));
        }
        let wanted = config.listen;
        let listening = async {
            let listener = server::bind(wanted).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) =
            listening.await.map_err(|source| StartError::Listen { address: wanted, source })?;
        let http = http_client().map_err(StartError::HttpClient)?;
        let state = Arc::new(SandboxState::new(config, format!("http://{address}"), http));
        let router = router(&state);
        state.tasks.spawn(server::serve(listener, router, state.shutdown.clone(), state.tasks.clone()));
        state.tasks.spawn(delivery::run(Arc::clone(&state)));
        Ok(RunningSandbox { state, address })
    }
}

#[expect(clippy::disallowed_methods, reason = "the sandbox shares nothing with the crates it is a check on")]
fn http_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

fn router(state: &Arc<SandboxState>) -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/healthz", get(async || "ok\n"))
        .merge(control::router())
        .merge(graph::router(state))
        .fallback(graph::unknown_path)
        .with_state(Arc::clone(state))
}

/// A sandbox that is up. Dropping it stops it without waiting; [`RunningSandbox::shutdown`] waits.
#[derive(Debug)]
pub struct RunningSandbox {
    state: Arc<SandboxState>,
    address: SocketAddr,
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
    }
}

/// What a person sends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundReply {
    /// Words.
    Text(String),
    /// Presses the quick-reply button with this label. Payload and quoted message come from the latest message that
    /// has such a button.
    Button(String),
}

impl RunningSandbox {
    /// `http://127.0.0.1:port`, what a client takes for `https://graph.facebook.com`.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, gives open requests two seconds, and waits until everything has ended.
    pub async fn shutdown(self) {
        self.state.shutdown.cancel();
        self.state.tasks.close();
        self.state.tasks.wait().await;
    }

    /// Counts of everything accepted, refused and reported.
    pub fn ledger(&self) -> LedgerSummary {
        self.state.ledger().summary()
    }

    /// Messages accepted from one phone-number id.
    pub fn messages_accepted(&self, phone_number_id: &str) -> u64 {
        self.state.ledger().accepted_by(phone_number_id)
    }

    /// Messages accepted for one person, in any spelling of the number, oldest first.
    pub fn messages_to(&self, recipient: &str) -> Vec<Arc<AcceptedMessage>> {
        self.state.ledger().messages_to(&normalised_wa_id(recipient))
    }

    /// Every accepted message in order of acceptance, a page at a time.
    pub fn messages(&self, offset: usize, limit: usize) -> Vec<Arc<AcceptedMessage>> {
        self.state.ledger().messages(offset, limit)
    }

    /// WhatsApp ids of the people to whom one template was accepted more than once. A sound client has none.
    pub fn recipients_accepted_more_than_once(&self) -> Vec<String> {
        self.state.ledger().repeated_recipients()
    }

    /// Ids of accepted messages of which no webhook tells, in no order. A client cannot learn of them but by the answer.
    pub fn silenced(&self) -> Vec<String> {
        self.state.ledger().silenced()
    }

    /// People in the order of their first message.
    pub fn recipients(&self, offset: usize, limit: usize) -> RecipientPage {
        self.state.ledger().recipients(offset, limit, false)
    }

    /// Replaces the faults in force.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.state.faults().replace(faults);
    }

    /// The faults in force, with what is left of the counted ones.
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults().active()
    }

    /// How people and webhooks behave now.
    pub fn behaviour(&self) -> Arc<Behaviour> {
        self.state.behaviour()
    }

    /// Changes how people and webhooks behave, for messages from now on.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.state.set_behaviour(behaviour);
    }

    /// Changes the rate of every number and refills the buckets.
    pub fn set_rate(&self, rate: RateLimit) {
        self.state.set_rate(rate);
    }

    /// Sets the app-level callback without a handshake; none stops the webhooks.
    pub fn set_webhook(&self, url: Option<&str>) {
        self.state.world_mut().app.callback_url = url.map(str::to_owned);
    }

    /// Performs the verification handshake with the app-level callback. False is a callback that failed it, or none.
    pub async fn verify_webhook(&self) -> bool {
        actions::verify_webhook(&self.state).await.is_ok()
    }

    /// Takes a token back: 190 from the next call on. Unknown tokens are invalid anyway.
    pub fn revoke_token(&self, token: &str) {
        // An unknown token is as good as revoked.
        let _ = actions::revoke_token(&self.state, token);
    }

    /// Changes a template's status and tells the app-level callback.
    pub fn set_template_status(&self, name: &str, language: &str, status: &str) -> Result<(), ActionError> {
        actions::set_template_status(&self.state, name, language, status)
    }

    /// A person writes or presses a button. `context` is the quoted message. Gives the new message's id.
    ///
    /// It goes to the number that wrote to the person last, or to the first number if none did.
    pub fn add_inbound_reply(
        &self,
        from: &str,
        reply: InboundReply,
        context: Option<&str>,
    ) -> Result<String, ActionError> {
        actions::add_inbound(&self.state, from, reply, context)
    }

    /// Changes anything about the customers: numbers, accounts, templates, tokens. Keep it short: sends wait for it.
    pub fn change_world(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.state.world_mut());
    }

    /// Time passes as far as the people counted by portfolios are concerned: each was written to so much earlier.
    pub fn age_people(&self, by: Duration) {
        self.state.ledger().age_people(u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
    }

    /// Webhook events that are neither confirmed nor given up.
    pub fn webhook_events_outstanding(&self) -> usize {
        self.state.deliveries.outstanding()
    }

    /// Waits until every webhook event that is scheduled was confirmed or given up.
    pub async fn webhooks_settled(&self) {
        self.state.deliveries.settled().await;
    }

    /// Forgets messages, faults and scheduled webhooks, and restores tokens, templates and numbers. The callback
    /// address, subscriptions and behaviour stay.
    pub fn reset(&self) {
        self.state.reset();
    }
}
