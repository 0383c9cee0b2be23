//! What a sender's state looks like, and the moments on its card.

use domain::Timestamp;
use domain::channel::{AccountState, DailyLimit};
use domain::delivery::{PauseFix, PauseReason};
use domain::time_zone::TimeZone;
use service::access::{Grant, WorkspaceAccess};
use service::accounts::workspaces;
use service::channel_accounts::{ChannelAccount, WhatsAppNumber};

use crate::error::AppError;
use crate::request::RequestContext;
use crate::ui::format::{ago, count, date_time, plural};
use crate::ui::icon::Icon;
use crate::ui::tone::Tone;

const SIGNED_OUT: &str = "Signed out";
const DISCONNECTED: &str = "Disconnected";
/// From here on a token that ends deserves a look.
const TOKEN_CAUTION_DAYS: i64 = 14;

/// The clock and the zone of whoever looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    now: Timestamp,
    zone: TimeZone,
}

impl Moments {
    /// As the workspace on screen sees them.
    pub(crate) async fn of<G>(request: &RequestContext, access: &WorkspaceAccess<G>) -> Result<Self, AppError>
    where
        G: Grant,
    {
        let access = access.require()?;
        let workspace = workspaces::get(&request.services, &access).await?.ok_or_else(AppError::not_found)?;
        let zone = workspace.time_zone.parse().unwrap_or(TimeZone::UTC);
        Ok(Self { now: request.services.clock.now(), zone })
    }

    /// How long ago it was.
    pub(crate) fn ago(self, at: Timestamp) -> String {
        ago(u64::try_from((self.now - at).num_seconds()).unwrap_or(0))
    }

    /// `20 Nov, 10:30`.
    pub(crate) fn date_time(self, at: Timestamp) -> String {
        date_time(self.zone.local(at), self.zone.local(self.now).date())
    }
}

/// A sender's state as a chip, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) tone: Tone,
    pub(super) icon: Icon,
    pub(super) word: String,
    /// Why it cannot send, and the next step.
    pub(super) problem: Option<String>,
    /// Where that is put right; `None` while it can send.
    pub(super) fix: Option<PauseFix>,
}

impl Standing {
    pub(super) fn of(account: &ChannelAccount) -> Self {
        match &account.state {
            AccountState::Disconnected => Self {
                fix: Some(PauseFix::ReconnectSender),
                ..Self::new(Tone::Neutral, Icon::Stop, DISCONNECTED)
            },
            AccountState::Paused { kind, reason } => Self::stopped(*kind, reason),
            AccountState::Connected => {
                match account.whatsapp.as_ref().map(|number| number.quality_rating.as_str()) {
                    Some("YELLOW" | "RED") => Self::new(Tone::Caution, Icon::Warn, "Watch quality"),
                    _ => Self::new(Tone::Positive, Icon::Check, "Can send"),
                }
            }
        }
    }

    fn new(tone: Tone, icon: Icon, word: &str) -> Self {
        Self { tone, icon, word: word.to_owned(), problem: None, fix: None }
    }

    fn stopped(kind: Option<PauseReason>, reason: &str) -> Self {
        let word = if kind == Some(PauseReason::SignedOut) { SIGNED_OUT } else { "Cannot send" };
        let problem = kind.map_or_else(|| reason.to_owned(), |kind| kind.sentence().to_owned());
        let fix = kind.map_or(PauseFix::ReconnectSender, PauseReason::fix);
        Self { problem: Some(problem), fix: Some(fix), ..Self::new(Tone::Danger, Icon::Cross, word) }
    }
}

/// Meta's quality in words, with whether it deserves a look.
pub(super) fn quality(number: &WhatsAppNumber) -> (String, Tone) {
    match number.quality_rating.as_str() {
        "GREEN" => ("High".to_owned(), Tone::Positive),
        "YELLOW" => ("Medium".to_owned(), Tone::Caution),
        "RED" => ("Low".to_owned(), Tone::Danger),
        "UNKNOWN" | "NA" | "" => ("Not rated yet".to_owned(), Tone::Neutral),
        other => (other.to_owned(), Tone::Neutral),
    }
}

/// How many people the number may write to first in 24 hours.
fn limit(number: &WhatsAppNumber) -> Option<DailyLimit> {
    DailyLimit::of_whatsapp_tier(number.messaging_limit.as_deref()?)
}

/// The limit in words, where there is no meter.
pub(super) fn limit_in_words(number: &WhatsAppNumber) -> String {
    match limit(number) {
        Some(DailyLimit::Unlimited) => "no limit".to_owned(),
        Some(DailyLimit::People(people)) => format!("{} people in 24 h", count(people.into())),
        None => "Meta does not say".to_owned(),
    }
}

/// When the token ends, with whether that is soon.
pub(super) fn token_end(account: &ChannelAccount, ends_are_known: bool, moments: Moments) -> (String, Tone) {
    match Standing::of(account).word.as_str() {
        SIGNED_OUT => return ("not accepted".to_owned(), Tone::Danger),
        DISCONNECTED => return ("erased".to_owned(), Tone::Neutral),
        _ => {}
    }
    let Some(end) = account.credential_expires_at else {
        let words = if ends_are_known { "does not expire" } else { "end not known" };
        return (words.to_owned(), Tone::Neutral);
    };
    let days = (end - moments.now).num_days();
    match days {
        _ if end <= moments.now => (format!("expired {}", moments.date_time(end)), Tone::Danger),
        0 => (format!("expires {}", moments.date_time(end)), Tone::Caution),
        1..=TOKEN_CAUTION_DAYS => {
            (format!("expires in {}", plural(days.unsigned_abs(), "day", "days")), Tone::Caution)
        }
        _ => (format!("expires {}", moments.date_time(end)), Tone::Neutral),
    }
}

#[cfg(test)]
mod tests {
    use domain::channel::{Channel, RatePlan};
    use domain::ids::ChannelAccountId;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_795_000_000 + seconds, 0).expect("a valid instant")
    }

    fn account(state: AccountState, quality: &str) -> ChannelAccount {
        ChannelAccount {
            id: ChannelAccountId::mint(at(0), [1; 10]),
            channel: Channel::WhatsApp,
            name: "Harvest".to_owned(),
            state,
            plan: RatePlan::STANDARD,
            credential_expires_at: None,
            created_at: at(0),
            whatsapp: Some(WhatsAppNumber {
                phone_number_id: "300000000000001".to_owned(),
                waba_id: "200000000000001".to_owned(),
                display_phone_number: "+55 11 3000-0000".to_owned(),
                verified_name: "Quinta Verde".to_owned(),
                quality_rating: quality.to_owned(),
                throughput_level: "STANDARD".to_owned(),
                on_business_app: false,
                messaging_limit: None,
                checked_at: at(0),
            }),
        }
    }

    fn word(state: AccountState, quality: &str) -> String {
        Standing::of(&account(state, quality)).word
    }

    #[test]
    fn the_chip_says_whether_it_can_send() {
        assert_eq!(word(AccountState::Connected, "GREEN"), "Can send");
        assert_eq!(word(AccountState::Connected, "RED"), "Watch quality");
        assert_eq!(word(AccountState::Disconnected, "GREEN"), "Disconnected");
        let paused = |kind: Option<PauseReason>, reason: &str| AccountState::Paused {
            kind,
            reason: reason.to_owned(),
        };
        assert_eq!(
            word(paused(Some(PauseReason::SignedOut), "Sender signed out (190)"), "GREEN"),
            "Signed out"
        );
        assert_eq!(word(paused(Some(PauseReason::PaymentIssue), "Payment (131042)"), "GREEN"), "Cannot send");
        let own = Standing::of(&account(paused(None, "Meta is on holiday."), "GREEN"));
        assert_eq!(own.problem.as_deref(), Some("Meta is on holiday."));
        assert_eq!(own.tone, Tone::Danger);
        let fix = |state| Standing::of(&account(state, "GREEN")).fix;
        assert_eq!(fix(paused(Some(PauseReason::PaymentIssue), "")), Some(PauseFix::WhatsAppManager));
        assert_eq!(fix(paused(Some(PauseReason::SignedOut), "")), Some(PauseFix::ReconnectSender));
        assert_eq!(fix(AccountState::Connected), None);
    }

    #[test]
    fn a_token_warns_before_it_ends() {
        let moments = Moments { now: at(0), zone: TimeZone::UTC };
        let end = |seconds| {
            let mut account = account(AccountState::Connected, "GREEN");
            account.credential_expires_at = Some(at(seconds));
            token_end(&account, true, moments)
        };
        let day = 86_400;
        assert_eq!(end(6 * day + 10), ("expires in 6 days".to_owned(), Tone::Caution));
        assert_eq!(end(-10).1, Tone::Danger);
        assert_eq!(end(10).1, Tone::Caution);
        assert_eq!(end(40 * day).1, Tone::Neutral);
        let never = account(AccountState::Connected, "GREEN");
        assert_eq!(token_end(&never, true, moments).0, "does not expire");
        assert_eq!(token_end(&never, false, moments).0, "end not known");
        let gone = account(AccountState::Disconnected, "GREEN");
        assert_eq!(token_end(&gone, true, moments).0, "erased");
    }
}
