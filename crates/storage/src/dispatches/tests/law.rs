//! The bulk statements against the law they implement: the same random events through `Recipient::apply` and
//! through SQL must lead to the same states.

use std::collections::BTreeMap;

use domain::delivery::{Hold, SkipReason};
use domain::dispatch::{Receipt, Recipient, RecipientEvent, RecipientState};

use super::*;

/// A small deterministic source of choices; the seed is in the failure message.
pub(super) struct Choices(u64);

impl Choices {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap_or(1)).unwrap_or(0)
    }
}

/// What the test believes: the states by the law, the open claim and handover, and those that sweeps took away from a
/// worker which may only have been slow.
pub(super) struct Model {
    pub(super) people: BTreeMap<i32, Recipient>,
    /// How many messages were made for each person: every try makes another one.
    messages: BTreeMap<i32, u32>,
    open: Option<(HandoverId, Vec<i32>)>,
    lost: Vec<(HandoverId, i32, u32)>,
    batch: Option<ClaimedBatch>,
    sequence: i32,
}

impl Model {
    pub(super) fn of(people: BTreeMap<i32, Recipient>) -> Self {
        let (messages, lost) = (BTreeMap::new(), Vec::new());
        Self { people, messages, open: None, lost, batch: None, sequence: 0 }
    }

    pub(super) fn apply(&mut self, ordinal: i32, event: RecipientEvent) {
        if let Some(person) = self.people.remove(&ordinal) {
            let next = person.clone().apply(event).unwrap_or(person);
            self.people.insert(ordinal, next);
        }
    }

    /// The provider's name for the message that is on its way to a person, or was last; at times for the one before it.
    fn some_message(&self, ordinal: i32, choices: &mut Choices) -> ProviderMessageId {
        let last = self.messages.get(&ordinal).copied().unwrap_or(0);
        wamid(ordinal, if choices.below(4) == 0 { last.saturating_sub(1) } else { last })
    }

    fn pending(&self) -> Vec<i32> {
        let pending =
            self.people.iter().filter(|(_, person)| matches!(person.state, RecipientState::Pending { .. }));
        pending.map(|(ordinal, _)| *ordinal).collect()
    }

    fn waits(&self, ordinal: i32) -> bool {
        matches!(self.people[&ordinal].state, RecipientState::Pending { .. })
    }

    /// A dispatch ends with its last recipient that is not settled.
    fn has_ended(&self) -> bool {
        self.people.values().all(|person| person.state.is_terminal())
    }
}

fn wamid(ordinal: i32, message: u32) -> ProviderMessageId {
    ProviderMessageId::new(format!("wamid.{ordinal}.{message}"))
}

pub(super) async fn hand_over(world: &World, model: &mut Model, lease: SenderLease, choices: &mut Choices) {
    if model.open.is_some() {
        return;
    }
    if model.batch.is_none() {
        let batches = world.claim(worker(1), lease, 1).await;
        model.batch = batches.into_iter().find(|batch| batch.dispatch == world.dispatch);
    }
    let Some(batch) = model.batch else { return };
    let mut who = model.pending();
    who.truncate(1 + choices.below(4));
    if who.is_empty() {
        return;
    }
    model.sequence += 1;
    let handover = world.open(worker(1), &batch, model.sequence, &who).await.expect("the dispatch runs");
    for ordinal in &who {
        model.apply(*ordinal, RecipientEvent::HandedOver);
        *model.messages.entry(*ordinal).or_default() += 1;
    }
    model.open = Some((handover, who));
}

pub(super) async fn answer(world: &World, model: &mut Model, choices: &mut Choices) {
    let Some((handover, mut who)) = model.open.take() else { return };
    let ordinal = who.swap_remove(choices.below(who.len()));
    let (answer, event) = any_answer(wamid(ordinal, model.messages[&ordinal]), choices);
    model.apply(ordinal, event);
    let closed = if who.is_empty() { vec![handover] } else { vec![] };
    let outcomes = vec![Outcome { ordinal, handover, left_at: Some(at()), answer }];
    world.record(worker(1), &Flush { outcomes, closed, ended: vec![] }).await;
    if !who.is_empty() {
        model.open = Some((handover, who));
    }
}

fn any_answer(id: ProviderMessageId, choices: &mut Choices) -> (Answer, RecipientEvent) {
    let held = |hold: Hold| Answer::HeldBack { hold, wait: Wait::NONE, provider_code: 131_056 };
    match choices.below(9) {
        0 => (Answer::RetryAfter { wait: Wait::NONE, counted: true }, RecipientEvent::RetryLater(at())),
        1 => {
            let reason = FailureReason::InvalidValue;
            (Answer::Failed { reason, provider_code: Some(131_009) }, RecipientEvent::Refused(reason))
        }
        2 => (Answer::Unknown, RecipientEvent::NoAnswer),
        3 => (Answer::Released, RecipientEvent::Released),
        4 => (held(Hold::Pair), RecipientEvent::RetryLater(at())),
        5 => (held(Hold::Marketing), RecipientEvent::RetryLater(at())),
        _ => (Answer::Accepted(id.clone()), RecipientEvent::Accepted(id)),
    }
}

/// A worker that was swept turns out to have been slow: it says what it knows about one recipient of a lost handover, at
/// times twice, as after a commit whose answer was lost.
pub(super) async fn answer_late(world: &World, model: &mut Model, choices: &mut Choices) {
    if model.lost.is_empty() {
        return;
    }
    let (handover, ordinal, message) = model.lost.swap_remove(choices.below(model.lost.len()));
    let (answer, event) = any_answer(wamid(ordinal, message), choices);
    // In a dispatch that has ended nobody waits again.
    let frees = matches!(event, RecipientEvent::Released | RecipientEvent::RetryLater(_));
    // Once the provider has spoken and the person was handed over again, the lost handover is past.
    let is_past = model.messages[&ordinal] != message || model.waits(ordinal);
    if !(is_past || frees && model.has_ended()) {
        model.apply(ordinal, event);
    }
    for _ in 0..=choices.below(2) {
        let outcomes = vec![Outcome { ordinal, handover, left_at: Some(at()), answer: answer.clone() }];
        world.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    }
}

async fn crash(world: &World, model: &mut Model) {
    world.expire_leases().await;
    swept(world, model).await;
}

/// A sweep takes back what a worker held whose lease ran out.
pub(super) async fn swept(world: &World, model: &mut Model) {
    world.sweep().await;
    if let Some((handover, who)) = model.open.take() {
        for ordinal in who {
            model.apply(ordinal, RecipientEvent::WorkerLost);
            model.lost.push((handover, ordinal, model.messages[&ordinal]));
        }
    }
    model.batch = None;
    model.sequence = 0;
}

pub(super) async fn report(world: &World, model: &mut Model, choices: &mut Choices) {
    let ordinal = 1 + i32::try_from(choices.below(model.people.len())).unwrap_or(0);
    let id = model.some_message(ordinal, choices);
    let mut report = Report { ordinal, provider_message_id: id.clone().into_string(), ..Report::default() };
    let event = match choices.below(6) {
        0 => {
            report.failed = Some((FailureReason::NotReachable.as_str().to_owned(), Some(131_026)));
            RecipientEvent::ReportedFailed(id, FailureReason::NotReachable)
        }
        4 | 5 => {
            let hold = if choices.below(2) == 0 { Hold::Marketing } else { Hold::Throughput };
            report.failed = Some((hold.failure().as_str().to_owned(), Some(131_049)));
            report.hold = Some(hold);
            RecipientEvent::ReportedDropped(id, hold, at())
        }
        1 => {
            report.arrived = true;
            RecipientEvent::Reported(id, Receipt::Submitted)
        }
        2 => {
            (report.arrived, report.delivered_at) = (true, Some(at()));
            RecipientEvent::Reported(id, Receipt::Delivered)
        }
        _ => {
            (report.arrived, report.delivered_at, report.read_at) = (true, Some(at()), Some(at()));
            RecipientEvent::Reported(id, Receipt::Read)
        }
    };
    model.apply(ordinal, event);
    world.report(&[report]).await;
    // Whoever was held back does not keep this test waiting.
    sqlx::query("update batches set not_before = now() where state = 'ready'")
        .execute(&world.pool)
        .await
        .expect("moved");
}

/// The state of every recipient as the tables tell it.
pub(super) async fn states(world: &World) -> BTreeMap<i32, String> {
    let rows: Vec<(i32, String)> = sqlx::query_as(
        "select r.ordinal,
                case when r.state = 'pending' and exists (
                         select from handovers h
                          where h.dispatch_id = r.dispatch_id and r.ordinal = any (h.recipients)
                            and r.handover_id is distinct from h.handover_id)
                     then 'sending'
                     when r.state = 'sent' then 'sent ' ||
                         case when r.read_at is not null then 'read' when r.delivered_at is not null then 'delivered' else 'submitted' end
                     when r.state in ('failed', 'skipped', 'unknown') then r.state || ' ' || r.reason
                     else r.state end || case when r.superseded_by is null then '' else ', superseded' end
           from recipients r where r.dispatch_id = $1",
    )
    .bind(world.dispatch.uuid())
    .fetch_all(&world.pool)
    .await
    .expect("read");
    rows.into_iter().collect()
}

pub(super) const WAITING: RecipientState = RecipientState::Pending { not_before: None };

/// What the model says, in the words of [`states`].
pub(super) fn expected(model: &Model) -> BTreeMap<i32, String> {
    let superseded = |person: &Recipient| if person.superseded { ", superseded" } else { "" };
    let words = |person: &Recipient| words(&person.state) + superseded(person);
    model.people.iter().map(|(ordinal, person)| (*ordinal, words(person))).collect()
}

fn words(state: &RecipientState) -> String {
    match state {
        RecipientState::Pending { .. } => "pending".into(),
        RecipientState::Sending => "sending".into(),
        RecipientState::Sent { receipt: Receipt::Submitted, .. } => "sent submitted".into(),
        RecipientState::Sent { receipt: Receipt::Delivered, .. } => "sent delivered".into(),
        RecipientState::Sent { receipt: Receipt::Read, .. } => "sent read".into(),
        RecipientState::Failed { reason, .. } => format!("failed {reason}"),
        RecipientState::Skipped { reason } => format!("skipped {reason}"),
        RecipientState::Unknown(doubt) => format!("unknown {}", doubt.as_str()),
    }
}

/// A campaign to eight people, and the model of it.
pub(super) async fn launched(pool: PgPool) -> (World, Model) {
    let people = 8;
    let world = World::launched(pool, people, 20).await;
    sqlx::query("update dispatches set not_after = now() + interval '1 year'")
        .execute(&world.pool)
        .await
        .expect("a window");
    let mut model = Model::of((1..=people).map(|ordinal| (ordinal, Recipient::new(WAITING))).collect());
    let skipped = |reason| Recipient::new(RecipientState::Skipped { reason });
    model.people.insert(people + 1, skipped(SkipReason::NoConsent));
    model.people.insert(people + 2, skipped(SkipReason::Unsubscribed));
    let rows = states(&world).await;
    if rows[&(people + 1)].ends_with("unsubscribed") {
        model.people.insert(people + 1, skipped(SkipReason::Unsubscribed));
        model.people.insert(people + 2, skipped(SkipReason::NoConsent));
    }
    (world, model)
}

async fn run(pool: PgPool, seed: u64) {
    let (world, mut model) = launched(pool).await;
    let mut choices = Choices(seed);
    let mut lease = world.lease(worker(1)).await;
    for step in 0..60 {
        match choices.below(12) {
            0 => {
                crash(&world, &mut model).await;
                let running = world.row().await.state == "running";
                if !running {
                    break;
                }
                lease = world.lease(worker(1)).await;
            }
            1..=3 => report(&world, &mut model, &mut choices).await,
            4..=6 if world.row().await.state == "running" => {
                hand_over(&world, &mut model, lease, &mut choices).await;
            }
            7..=8 => answer_late(&world, &mut model, &mut choices).await,
            _ => answer(&world, &mut model, &mut choices).await,
        }
        assert_eq!(states(&world).await, expected(&model), "seed {seed}, step {step}");
        world.row().await;
    }
}

macro_rules! seeds {
    ($($name:ident $seed:literal)+) => {$(
        #[sqlx::test(migrator = "crate::MIGRATOR")]
        async fn $name(pool: PgPool) {
            run(pool, $seed).await;
        }
    )+};
}

seeds! {
    the_tables_follow_the_law_1 0x9E37_79B9_7F4A_7C15
    the_tables_follow_the_law_2 0xD1B5_4A32_D192_ED03
    the_tables_follow_the_law_3 0x2545_F491_4F6C_DD1D
    the_tables_follow_the_law_4 0x1234_5678_9ABC_DEF1
    the_tables_follow_the_law_5 0xA5A5_A5A5_5A5A_5A5B
    the_tables_follow_the_law_6 0x0F1E_2D3C_4B5A_6978
    the_tables_follow_the_law_7 0x7C15_9E37_79B9_7F4A
    the_tables_follow_the_law_8 0x4F6C_DD1D_2545_F491
}
