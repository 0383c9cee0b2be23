//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};

use crate::behaviour::Behaviour;
use crate::rate::RateLimit;
use crate::seed;
use crate::world::World;

/// Start values. Everything can be changed while the sandbox runs.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The customers, numbers, templates and tokens.
    pub world: World,
    /// How people and webhooks behave.
    pub behaviour: Behaviour,
    /// Messages a second per number.
    pub rate: RateLimit,
    /// Whether one person may be written to only once in six seconds after a burst of 45 (131056).
    pub pair_limit: bool,
    /// Most templates on one page of a list, whatever `limit` asks for. Small, so that clients must page.
    pub template_page_max: usize,
}

impl Default for SandboxConfig {
    /// A free loopback port, the seeded world, documented rates, and people who take their time.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            world: seed::world(),
            behaviour: Behaviour::default(),
            rate: RateLimit::Documented,
            pair_limit: true,
            template_page_max: 5,
        }
    }
}

impl SandboxConfig {
    /// For tests: no rate limit, no pair limit, and people who deliver and read everything within milliseconds.
    pub fn for_tests() -> Self {
        Self {
            behaviour: Behaviour::flawless(),
            rate: RateLimit::Unlimited,
            pair_limit: false,
            ..Self::default()
        }
    }

    /// Posts webhooks to this address from the start.
    #[must_use]
    pub fn with_webhook(mut self, url: impl Into<String>) -> Self {
        self.world.app.callback_url = Some(url.into());
        self
    }
}
