//! Trouble on demand: faults apply to the next requests, to a share of them, or to all.

use serde::{Deserialize, Serialize};

use crate::behaviour::{Draws, mix};

/// One kind of trouble, where it strikes and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often.
    pub trigger: Trigger,
    /// Only for sends through this phone-number id; none is every number.
    #[serde(default)]
    pub phone_number_id: Option<String>,
    /// Which calls.
    #[serde(default)]
    pub scope: FaultScope,
}

impl Fault {
    /// A fault of the next `count` sends, whatever the number.
    pub fn next(count: u64, kind: FaultKind) -> Self {
        Self { kind, trigger: Trigger::Next(count), phone_number_id: None, scope: FaultScope::Messages }
    }

    /// A fault of a share of all sends, 0 to 1.
    pub fn share(share: f64, kind: FaultKind) -> Self {
        Self { kind, trigger: Trigger::Share(share), phone_number_id: None, scope: FaultScope::Messages }
    }

    /// A fault of every send until it is taken away.
    pub fn always(kind: FaultKind) -> Self {
        Self { kind, trigger: Trigger::Always, phone_number_id: None, scope: FaultScope::Messages }
    }

    /// The same fault for one number only.
    #[must_use]
    pub fn on_number(mut self, phone_number_id: impl Into<String>) -> Self {
        self.phone_number_id = Some(phone_number_id.into());
        self
    }

    /// The same fault for every Graph call instead of sends only. Kinds that follow an acceptance stay with sends.
    #[must_use]
    pub fn everywhere(mut self) -> Self {
        self.scope = FaultScope::Everything;
        self
    }

    /// Says what is wrong with the values, if something is.
    pub fn problem(&self) -> Option<&'static str> {
        match (self.trigger, &self.kind) {
            (Trigger::Share(share), _) if !(0.0..=1.0).contains(&share) => {
                Some("a share lies between 0 and 1")
            }
            (_, FaultKind::HtmlPage { status }) if !(400..=599).contains(status) => {
                Some("the status of an HTML page lies between 400 and 599")
            }
            _ => None,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 500 with error 131000. Nothing is accepted.
    InternalError,
    /// 503 with error 2. Nothing is accepted.
    Unavailable,
    /// An HTML page in place of JSON, as a proxy gives. Nothing is accepted.
    HtmlPage {
        /// HTTP status of the page.
        status: u16,
    },
    /// The error with this code. Nothing is accepted.
    GraphError {
        /// Error code; its documented HTTP status is used.
        code: u32,
    },
    /// The connection ends without an answer. Nothing is accepted.
    CutBeforeAccepting,
    /// The connection ends without an answer although the message was accepted.
    CutAfterAccepting,
    /// The message is accepted at once and the answer comes this much later.
    SlowAnswer {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// The message is accepted and answered, but no webhook ever tells of it.
    Silence,
}

impl FaultKind {
    fn follows_acceptance(&self) -> bool {
        matches!(self, Self::CutAfterAccepting | Self::SlowAnswer { .. } | Self::Silence)
    }
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The next so many requests, then never again.
    Next(u64),
    /// This share of the requests.
    Share(f64),
    /// Every request.
    Always,
}

/// Which calls a fault is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultScope {
    /// Sends.
    #[default]
    Messages,
    /// Every Graph call.
    Everything,
}

/// The faults in force. At most one strikes before acceptance and any number after it.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<Fault>,
    asked: u64,
}

/// What was arranged for a message that has been accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Aftermath {
    pub(crate) cut: bool,
    pub(crate) silent: bool,
    pub(crate) delay_ms: u64,
}

impl Faults {
    pub(crate) fn replace(&mut self, faults: Vec<Fault>) {
        self.active = faults;
    }

    /// What is still in force; counted faults show how many requests they have left.
    pub(crate) fn active(&self) -> Vec<Fault> {
        self.active.clone()
    }

    /// The fault that strikes a request before it is looked at.
    pub(crate) fn before(&mut self, scope: FaultScope, phone_number_id: &str) -> Option<FaultKind> {
        if self.active.is_empty() {
            return None;
        }
        self.asked += 1;
        let mut draws = Draws::new(mix(self.asked));
        let struck = self.active.iter_mut().find_map(|fault| {
            let meant = !fault.kind.follows_acceptance() && fault.covers(scope, phone_number_id);
            (meant && fault.strikes(&mut draws)).then(|| fault.kind.clone())
        });
        self.forget_spent();
        struck
    }

    /// What happens to a message after it was accepted.
    pub(crate) fn after(&mut self, phone_number_id: &str) -> Aftermath {
        let mut aftermath = Aftermath::default();
        if self.active.is_empty() {
            return aftermath;
        }
        self.asked += 1;
        let mut draws = Draws::new(mix(self.asked));
        for fault in &mut self.active {
            let meant =
                fault.kind.follows_acceptance() && fault.covers(FaultScope::Messages, phone_number_id);
            if !meant || !fault.strikes(&mut draws) {
                continue;
            }
            match fault.kind {
                FaultKind::CutAfterAccepting => aftermath.cut = true,
                FaultKind::Silence => aftermath.silent = true,
                FaultKind::SlowAnswer { delay_ms } => aftermath.delay_ms = aftermath.delay_ms.max(delay_ms),
                _ => {}
            }
        }
        self.forget_spent();
        aftermath
    }

    fn forget_spent(&mut self) {
        self.active.retain(|fault| fault.trigger != Trigger::Next(0));
    }
}

impl Fault {
    fn covers(&self, scope: FaultScope, phone_number_id: &str) -> bool {
        let scope_fits = self.scope == FaultScope::Everything || scope == FaultScope::Messages;
        scope_fits && self.phone_number_id.as_deref().is_none_or(|wanted| wanted == phone_number_id)
    }

    fn strikes(&mut self, draws: &mut Draws) -> bool {
        match &mut self.trigger {
            Trigger::Always => true,
            Trigger::Share(share) => draws.unit() < *share,
            Trigger::Next(0) => false,
            Trigger::Next(left) => {
                *left -= 1;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, FaultScope, Faults};

    #[test]
    fn a_counted_fault_strikes_so_often_and_is_gone() {
        let mut faults = Faults::default();
        faults.replace(vec![Fault::next(2, FaultKind::InternalError)]);
        let struck = (0..5).filter(|_| faults.before(FaultScope::Messages, "n").is_some()).count();
        assert_eq!(struck, 2);
        assert!(faults.active().is_empty());
    }

    #[test]
    fn a_fault_keeps_to_its_number_and_its_calls() {
        let mut faults = Faults::default();
        faults.replace(vec![Fault::always(FaultKind::Unavailable).on_number("one")]);
        assert!(faults.before(FaultScope::Messages, "two").is_none());
        assert!(faults.before(FaultScope::Everything, "one").is_none());
        assert_eq!(faults.before(FaultScope::Messages, "one"), Some(FaultKind::Unavailable));
    }

    #[test]
    fn what_follows_acceptance_is_not_spent_on_refused_requests() {
        let mut faults = Faults::default();
        faults.replace(vec![
            Fault::next(1, FaultKind::CutAfterAccepting),
            Fault::next(1, FaultKind::SlowAnswer { delay_ms: 40 }),
        ]);
        assert!(faults.before(FaultScope::Messages, "n").is_none());
        let aftermath = faults.after("n");
        assert!(aftermath.cut && !aftermath.silent);
        assert_eq!(aftermath.delay_ms, 40);
        assert!(!faults.after("n").cut);
    }

    #[test]
    fn a_share_strikes_about_that_often() {
        let mut faults = Faults::default();
        faults.replace(vec![Fault::share(0.25, FaultKind::InternalError)]);
        let struck = (0..4_000).filter(|_| faults.before(FaultScope::Messages, "n").is_some()).count();
        assert!((900..1_100).contains(&struck), "{struck}");
    }
}
