//! How far a campaign is, at one instant: what the live page is drawn from, with the page and whenever it changed.

use domain::delivery::WaitReason;

/// Where a launched campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It sends, or would if anybody were due.
    Running,
    /// A person or the provider stopped it.
    Paused,
    /// Everybody is settled.
    Finished,
    /// A person ended it early.
    Cancelled,
}

/// Why a campaign is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// For the chip: `Paused by WhatsApp`.
    pub label: String,
    /// What it means and what can be done.
    pub sentence: String,
    /// The provider stopped it rather than a person.
    pub by_provider: bool,
    /// What to do about it, if the provider stopped it.
    pub remedy: Option<Remedy>,
}

/// What a person does about a campaign that the provider stopped: the buttons of the banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// It is put right and can be resumed.
    Resume,
    /// The page of the sender, where a new token is entered.
    Reconnect(String),
    /// WhatsApp Manager, and then the page of the sender, where it is checked.
    AtTheProvider(String),
    /// The page of the template.
    Template(String),
    /// The people who failed; then it can be resumed.
    Failures,
}

/// What is certain about people who were tried without a certain success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// They do not have it.
    Failed,
    /// They may have it.
    Unknown,
    /// The provider has it, and has not given it to them.
    Held,
}

/// People who were tried without a certain success, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What is certain about them.
    pub kind: GroupKind,
    /// The word of the reason in addresses.
    pub reason: String,
    /// The reason in a few words.
    pub label: String,
    /// What it means and what can be done.
    pub sentence: String,
    /// The provider's codes, for whoever has to look them up.
    pub codes: Vec<i32>,
    /// How many.
    pub people: u32,
}

/// One of the dispatches of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLine {
    /// Its number, from 1.
    pub number: u32,
    /// What its sender is called.
    pub sender: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is paused, if it is.
    pub pause: Option<Pause>,
    /// Everybody in it who was to get it.
    pub reachable: u32,
    /// Whose turn is over, with whatever outcome.
    pub handled: u32,
    /// Whom it tries again, `failed` or `unknown`, and how many they were; `None` for a part of the launch.
    pub tries_again: Option<(String, u32)>,
}

/// Something that keeps a running campaign from being faster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceLine {
    /// What it is; stands out.
    pub head: String,
    /// Until when, and what happens next; begins with a space.
    pub rest: String,
    /// Who waits for it, if they can be shown.
    pub people: u32,
    /// The word of what they wait for in addresses.
    pub reason: Option<String>,
}

/// How far a campaign is. Times are seconds since 1970; numbers are people unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// When this was true.
    pub as_of_s: i64,
    /// How far the clocks of the workspace are ahead of UTC.
    pub zone_offset_s: i32,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is paused, if it is.
    pub pause: Option<Pause>,
    /// When it was launched.
    pub launched_at_s: i64,
    /// Nothing leaves before; until then the launch can be taken back.
    pub undo_until_s: Option<i64>,
    /// When it ended, if it has.
    pub ended_at_s: Option<i64>,
    /// When the next of those who wait for another try is due, if everybody who waits does so for that.
    pub next_try_s: Option<i64>,
    /// Everybody, as frozen at the launch.
    pub audience: u32,
    /// Not settled, in the air or not.
    pub pending: u32,
    /// Named by an open handover; a part of pending.
    pub in_the_air: u32,
    /// Waiting for another try; a part of pending.
    pub retrying: u32,
    /// Accepted by the provider, whatever came after.
    pub sent: u32,
    /// Delivered; a part of sent.
    pub delivered: u32,
    /// Read; a part of delivered, as far as the provider said.
    pub read: u32,
    /// Replied.
    pub replied: u32,
    /// Failed.
    pub failed: u32,
    /// Left out, at the launch or by the cancellation.
    pub skipped: u32,
    /// Left out by the cancellation; a part of skipped.
    pub withheld: u32,
    /// May have it.
    pub unknown: u32,
    /// When it has finished: who failed and can be tried again.
    pub retry_failed: u32,
    /// When it has finished: of whom nothing is known and who can be tried again.
    pub resend_unknown: u32,
    /// Answers in ten seconds, as it goes now.
    pub rate_tenths: u32,
    /// Messages a second that the sender may send.
    pub rate_max: u32,
    /// The sender's allowance is shared with the WhatsApp Business app.
    pub shared_with_app: bool,
    /// While it runs: what keeps it from being faster than its senders may be.
    pub pace: Vec<PaceLine>,
    /// Who was tried without a certain success and why, most people first.
    pub groups: Vec<Group>,
    /// The dispatches of a campaign that has several; empty for one.
    pub parts: Vec<PartLine>,
    /// Length of a stretch of `answers`, in seconds.
    pub stretch_s: u32,
    /// Answers of the provider in each stretch since the launch.
    pub answers: Vec<u32>,
}

impl Snapshot {
    /// Who was to get it when it was launched.
    pub fn reachable(&self) -> u32 {
        self.audience.saturating_sub(self.skipped.saturating_sub(self.withheld))
    }

    /// Who was left out at the launch.
    pub fn skipped_at_launch(&self) -> u32 {
        self.skipped.saturating_sub(self.withheld)
    }

    /// Whose turn is over, with whatever outcome.
    pub fn handled(&self) -> u32 {
        self.sent + self.failed + self.unknown
    }

    /// Who waits and is not in the air.
    pub fn waiting(&self) -> u32 {
        self.pending.saturating_sub(self.in_the_air)
    }

    /// Whether it leaves from several senders.
    pub fn has_several_senders(&self) -> bool {
        self.parts.windows(2).any(|parts| parts[0].sender != parts[1].sender)
    }

    /// Whether nothing more will be handed over.
    pub fn has_ended(&self) -> bool {
        matches!(self.standing, Standing::Finished | Standing::Cancelled)
    }

    /// Everybody who waits does so for another try.
    pub fn waits_for_retry(&self) -> bool {
        self.standing == Standing::Running && self.pending > 0 && self.pending == self.retrying
    }

    /// Nobody is due: all wait for a moment, or for the judgement on the first messages.
    pub fn everybody_waits(&self) -> bool {
        let waiting: u32 = self.waiting_lines().map(|line| line.people).sum();
        self.standing == Standing::Running && self.in_the_air == 0 && waiting > 0 && waiting >= self.pending
    }

    fn waiting_lines(&self) -> impl Iterator<Item = &PaceLine> {
        self.pace.iter().filter(|line| line.reason.is_some())
    }

    /// Some wait for something that has nothing to do with how fast the sending is.
    fn waits_for_its_time(&self) -> bool {
        let apart = [WaitReason::QuietHours, WaitReason::NotStarted, WaitReason::Canary];
        let is_apart =
            |line: &PaceLine| apart.iter().any(|reason| line.reason.as_deref() == Some(reason.as_str()));
        self.undo_left_s().is_none() && self.waiting_lines().any(is_apart)
    }

    /// Launched, and nobody's turn has come.
    pub fn is_preparing(&self) -> bool {
        self.standing == Standing::Running
            && self.handled() == 0
            && self.in_the_air == 0
            && self.retrying == 0
    }

    /// For how many seconds the launch can still be taken back; `None` when that is over.
    pub fn undo_left_s(&self) -> Option<u32> {
        let left = self.undo_until_s.filter(|_| !self.has_ended() && self.handled() == 0)? - self.as_of_s;
        u32::try_from(left).ok().filter(|left| *left > 0)
    }

    /// Seconds since the launch, until now or the end.
    pub fn running_s(&self) -> u32 {
        let until = self.ended_at_s.unwrap_or(self.as_of_s);
        u32::try_from((until - self.launched_at_s).max(0)).unwrap_or(u32::MAX)
    }

    /// Seconds until the last one is handed over, at the rate of now, or at the sender's most where it is not known yet.
    /// `None` while nothing moves.
    pub fn left_s(&self) -> Option<u32> {
        if self.standing != Standing::Running
            || self.pending == 0
            || self.waits_for_retry()
            || self.waits_for_its_time()
        {
            return None;
        }
        let tenths = if self.rate_tenths == 0 { self.rate_max.saturating_mul(10) } else { self.rate_tenths };
        Some(self.pending.saturating_mul(10).div_ceil(tenths.max(1)))
    }

    /// Whether the parts of the ledger add up to the audience.
    pub fn ledger_sum(&self) -> u32 {
        self.sent + self.failed + self.unknown + self.skipped + self.pending
    }

    /// What clocks of the workspace show at a moment, in seconds since 1970.
    pub fn local_s(&self, at_s: i64) -> i64 {
        at_s + i64::from(self.zone_offset_s)
    }

    /// Whether anything but the moment differs.
    pub fn says_more_than(&self, earlier: &Self) -> bool {
        let mut as_then = self.clone();
        as_then.as_of_s = earlier.as_of_s;
        as_then != *earlier
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A campaign in the middle of its sending, as the mock page shows one.
    pub(crate) fn sending() -> Snapshot {
        Snapshot {
            as_of_s: 1_763_635_240,
            zone_offset_s: 0,
            standing: Standing::Running,
            pause: None,
            launched_at_s: 1_763_634_600,
            undo_until_s: None,
            ended_at_s: None,
            next_try_s: None,
            audience: 10_412,
            pending: 3_498,
            in_the_air: 80,
            retrying: 0,
            sent: 6_240,
            delivered: 5_871,
            read: 3_402,
            replied: 418,
            failed: 131,
            skipped: 539,
            withheld: 0,
            unknown: 4,
            retry_failed: 0,
            resend_unknown: 0,
            rate_tenths: 200,
            rate_max: 20,
            shared_with_app: true,
            pace: Vec::new(),
            groups: Vec::new(),
            parts: Vec::new(),
            stretch_s: 10,
            answers: vec![200; 64],
        }
    }

    #[test]
    fn the_parts_add_up() {
        let snapshot = sending();
        assert_eq!(snapshot.ledger_sum(), snapshot.audience);
        assert_eq!(snapshot.reachable(), 9_873);
        assert_eq!(snapshot.handled(), 6_375);
        assert_eq!(snapshot.waiting(), 3_418);
    }

    #[test]
    fn a_cancelled_campaign_keeps_its_reach() {
        let cancelled = Snapshot {
            standing: Standing::Cancelled,
            pending: 0,
            in_the_air: 0,
            skipped: 539 + 3_498,
            withheld: 3_498,
            ..sending()
        };
        assert_eq!(cancelled.reachable(), 9_873);
        assert_eq!(cancelled.skipped_at_launch(), 539);
        assert_eq!(cancelled.ledger_sum(), cancelled.audience);
    }

    #[test]
    fn time_left_follows_the_rate_and_ends_where_nothing_moves() {
        assert_eq!(sending().left_s(), Some(175));
        assert_eq!(Snapshot { rate_tenths: 0, ..sending() }.left_s(), Some(175));
        assert_eq!(Snapshot { rate_tenths: 0, rate_max: 0, ..sending() }.left_s(), Some(34_980));
        assert_eq!(Snapshot { standing: Standing::Paused, ..sending() }.left_s(), None);
        assert_eq!(Snapshot { pending: 3, retrying: 3, ..sending() }.left_s(), None);
    }

    #[test]
    fn who_waits_for_their_morning_makes_the_time_left_unknown() {
        let night = |people| PaceLine {
            head: String::new(),
            rest: String::new(),
            people,
            reason: Some("quiet_hours".to_owned()),
        };
        let some = Snapshot { pace: vec![night(212)], ..sending() };
        assert_eq!((some.left_s(), some.everybody_waits()), (None, false));
        let all = Snapshot { pace: vec![night(3_498)], in_the_air: 0, ..sending() };
        assert!(all.everybody_waits());
        assert!(!Snapshot { standing: Standing::Paused, ..all }.everybody_waits());
    }

    #[test]
    fn a_launch_can_be_taken_back_until_its_time_is_over() {
        let fresh = Snapshot { sent: 0, failed: 0, unknown: 0, in_the_air: 0, ..sending() };
        let at = |left| Snapshot { undo_until_s: Some(fresh.as_of_s + left), ..fresh.clone() };
        assert_eq!(fresh.undo_left_s(), None);
        assert_eq!(at(7).undo_left_s(), Some(7));
        assert_eq!(at(0).undo_left_s(), None);
        assert_eq!(at(-1).undo_left_s(), None);
        assert_eq!(Snapshot { standing: Standing::Cancelled, ..at(7) }.undo_left_s(), None);
    }

    #[test]
    fn only_the_moment_is_no_news() {
        let earlier = sending();
        let later = Snapshot { as_of_s: earlier.as_of_s + 1, ..earlier.clone() };
        assert!(!later.says_more_than(&earlier));
        assert!(Snapshot { replied: 419, ..later }.says_more_than(&earlier));
    }
}
