//! What the provider does to us meanwhile.

use rand::RngExt;
use rand::rngs::StdRng;
use sandbox::{Behaviour, DelayRange, FailureShare, Fault, FaultKind, RateLimit, RunningSandbox};

use super::Assault;

/// Longer than any client waits: the message was accepted, and nobody will ever hear the answer.
const HANGS_MS: u64 = 40_000;

/// One kind of trouble, for some seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing.
    Calm,
    /// Half of the requests are answered with 500 or 503, some with a page of a proxy.
    ServerErrors,
    /// Connections end without an answer, before and after the message was accepted.
    CutConnections,
    /// Answers that come late, or never.
    HangingAnswers,
    /// Messages of which no webhook ever tells.
    Silence,
    /// A third of the rate, and 130429 out of the blue.
    Throttling,
    /// Webhooks after seconds, half of them twice, in the wrong order, or before the answer.
    ConfusedWebhooks,
}

const ALL: [Weather; 7] = [
    Weather::Calm,
    Weather::ServerErrors,
    Weather::CutConnections,
    Weather::HangingAnswers,
    Weather::Silence,
    Weather::Throttling,
    Weather::ConfusedWebhooks,
];

/// How people and webhooks behave all the time. The judge relies on the shares that say what becomes of a message, so
/// no weather changes those.
pub fn usual(seed: u64) -> Behaviour {
    Behaviour {
        seed,
        failures: vec![FailureShare { code: 131_026, share: 0.01 }],
        delivered_share: 0.97,
        read_share: 0.8,
        reply_share: 0.0,
        skip_delivered_share: 0.02,
        swapped_share: 0.1,
        duplicated_share: 0.1,
        before_answer_share: 0.05,
        wrong_signature_share: 0.02,
        // Meta goes on for a week; a server that is killed must not cost a report.
        retries_max: 100_000,
        retry_max_ms: 1_000,
        magic_numbers: false,
        ..Behaviour::default().fast()
    }
}

impl Weather {
    /// Any of them.
    pub fn draw(draws: &mut StdRng) -> Self {
        ALL[draws.random_range(0..ALL.len())]
    }

    /// Puts an end to the weather before and brings this one.
    pub fn impose(self, sandbox: &RunningSandbox, assault: &Assault) {
        sandbox.set_faults(self.faults());
        sandbox.set_rate(match self {
            Self::Throttling => RateLimit::PerSecond((assault.rate_per_second / 3).max(1)),
            _ => RateLimit::Unlimited,
        });
        let usual = usual(assault.seed);
        sandbox.set_behaviour(match self {
            Self::ConfusedWebhooks => Behaviour {
                sent_after_ms: DelayRange(500, 3_000),
                delivered_after_ms: DelayRange(0, 2_000),
                read_after_ms: DelayRange(0, 2_000),
                swapped_share: 0.5,
                duplicated_share: 0.5,
                before_answer_share: 0.3,
                wrong_signature_share: 0.2,
                ..usual
            },
            _ => usual,
        });
    }

    fn faults(self) -> Vec<Fault> {
        match self {
            Self::Calm | Self::ConfusedWebhooks => Vec::new(),
            Self::ServerErrors => vec![
                Fault::share(0.02, FaultKind::HtmlPage { status: 502 }),
                Fault::share(0.25, FaultKind::InternalError),
                Fault::share(0.35, FaultKind::Unavailable),
            ],
            Self::CutConnections => vec![
                Fault::share(0.03, FaultKind::CutBeforeAccepting),
                Fault::share(0.15, FaultKind::CutAfterAccepting),
            ],
            Self::HangingAnswers => vec![
                Fault::share(0.01, FaultKind::SlowAnswer { delay_ms: HANGS_MS }),
                Fault::share(0.3, FaultKind::SlowAnswer { delay_ms: 400 }),
            ],
            Self::Silence => {
                vec![Fault::share(0.05, FaultKind::Silence), Fault::share(0.05, FaultKind::CutAfterAccepting)]
            }
            Self::Throttling => vec![Fault::share(0.05, FaultKind::GraphError { code: 130_429 })],
        }
    }
}
