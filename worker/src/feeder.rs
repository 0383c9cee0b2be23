//! Claims batches, opens handovers, and lets what was handed over flow to the pump.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use channels::PreparedMessage;
use domain::delivery::WaitReason;
use domain::dispatch::Wait;
use domain::ids::{CampaignId, DispatchId, RecipientId};
use service::dispatch::{self, ClaimedBatch, HandoverId, Opened, Turns, WaitingRecipient};
use tokio::sync::mpsc;

use crate::books::Entry;
use crate::sender::Session;

/// The most recipients in one handover: what a crash may leave unknown, and what pause cannot call back.
const HANDOVER_RECIPIENTS_MAX: u32 = 500;
/// Handovers that wait for the pump: while one is sent the next is opened, so that the pump never waits for a commit.
const HANDOVERS_WAITING: usize = 2;
/// Places in the way to the pump. A slow sender uses few of them.
pub const OUTBOX_MAX: usize = HANDOVER_RECIPIENTS_MAX as usize * HANDOVERS_WAITING;
/// Batches claimed at once.
const BATCHES_MAX: u32 = 32;
/// A sender with nothing due is kept this long before it is given back.
const IDLE_MAX: Duration = Duration::from_secs(2);
/// Wait between two tries to reach the database.
const RETRY_EVERY: Duration = Duration::from_millis(100);

/// A recipient named by a committed handover, on its way to the pump.
pub struct HandedOver {
    /// Who.
    pub id: RecipientId,
    /// The handover that names it.
    pub handover: HandoverId,
    /// Address, variables and attempts so far.
    pub recipient: WaitingRecipient,
    /// What is sent.
    pub message: Arc<PreparedMessage>,
}

/// Why feeding ended.
enum End {
    /// Nothing is due soon, the session stops, or its leases are in doubt.
    Session,
}

/// Feeds until there is nothing to send for a while or the session stops.
pub struct Feeder {
    session: Arc<Session>,
    entries: mpsc::Sender<Entry>,
    outbox: mpsc::Sender<HandedOver>,
    messages: HashMap<DispatchId, Arc<PreparedMessage>>,
    last_turn: Option<CampaignId>,
    /// Recipients in a batch, as of the last claim.
    batch_size: u32,
}

impl Feeder {
    /// A feeder of this session.
    pub fn new(
        session: Arc<Session>,
        entries: mpsc::Sender<Entry>,
        outbox: mpsc::Sender<HandedOver>,
    ) -> Self {
        let batch_size = session.batch_size.get();
        Self { session, entries, outbox, messages: HashMap::new(), last_turn: None, batch_size }
    }

    /// How many recipients one handover names: an eighth of a second of sending. Two wait at most, so that what a crash
    /// leaves unknown is a quarter of a second, and pause bites within one.
    fn handover_size(rate_per_second: u32) -> usize {
        usize::try_from((rate_per_second / 8).clamp(1, HANDOVER_RECIPIENTS_MAX)).unwrap_or(1)
    }

    /// Runs to the end of the session.
    pub async fn run(mut self) {
        let mut idle_since = None;
        loop {
            if self.session.halt.is_cancelled() {
                return;
            }
            let Some(batches) = self.claim().await else { return };
            if batches.is_empty() {
                let since = *idle_since.get_or_insert_with(tokio::time::Instant::now);
                if since.elapsed() >= IDLE_MAX || !self.wait_for_work().await {
                    return;
                }
                continue;
            }
            idle_since = None;
            if self.feed_all(&batches).await.is_err() {
                return;
            }
        }
    }

    /// One batch after the other. While one is fed the next is read, so that the pump waits for none of them and no more than
    /// two are held.
    async fn feed_all(&mut self, batches: &[ClaimedBatch]) -> Result<(), End> {
        let session = Arc::clone(&self.session);
        let mut next = match batches.first() {
            Some(first) => load(&session, first).await,
            None => None,
        };
        for (place, batch) in batches.iter().enumerate() {
            let recipients = next.take();
            let following = async {
                match batches.get(place + 1) {
                    Some(following) => load(&session, following).await,
                    None => None,
                }
            };
            let (fed, loaded) = tokio::join!(self.feed(*batch, recipients), following);
            fed?;
            next = loaded;
        }
        Ok(())
    }

    /// `None` when the claim's fate is unknown: then the session must end, so that its leases run out and a sweep finds
    /// whatever was claimed.
    ///
    /// About a second of sending is claimed, so that a campaign that was just launched has its turn within seconds.
    async fn claim(&mut self) -> Option<Vec<ClaimedBatch>> {
        let session = &self.session;
        let rate = session.pace.rate().get();
        let batches_max = i64::from((rate / self.batch_size).clamp(1, BATCHES_MAX));
        let turns = Turns { batches_max, after: self.last_turn };
        match dispatch::claim(&session.services, session.id, session.lease, session.lease_ttl, turns).await {
            Ok(claimed) => {
                self.last_turn = claimed.last;
                // What was cut under another plan has another size.
                if let Some(size) = claimed.batches.iter().map(ClaimedBatch::recipients).max() {
                    self.batch_size = size;
                }
                Some(claimed.batches)
            }
            Err(error) => {
                tracing::warn!(error = %runtime::telemetry::chain(&error), "claim failed; the session ends");
                session.halt.cancel();
                None
            }
        }
    }

    /// Waits for the next due batch or a wake-up. `false` when nothing is due soon.
    async fn wait_for_work(&self) -> bool {
        let mut wake = self.session.wake.clone();
        wake.mark_unchanged();
        let due = dispatch::next_batch_due(&self.session.services, self.session.lease).await.ok().flatten();
        let wait = due.unwrap_or(IDLE_MAX).clamp(Duration::from_millis(20), IDLE_MAX);
        tokio::select! {
            () = self.session.halt.cancelled() => false,
            _ = wake.changed() => true,
            () = tokio::time::sleep(wait) => true,
        }
    }

    /// `None` for the recipients when they were not read: nobody is sent to, and the batch goes back as it was.
    async fn feed(
        &mut self,
        batch: ClaimedBatch,
        recipients: Option<Vec<WaitingRecipient>>,
    ) -> Result<(), End> {
        let Some(recipients) = recipients else {
            return self.enter(Entry::Started { batch, due: 0, next_wait: Some(Wait::NONE) }).await;
        };
        let (due, later): (Vec<_>, Vec<_>) =
            recipients.into_iter().partition(|recipient| recipient.wait.after.is_zero());
        let next_wait = later.iter().map(|recipient| recipient.wait).min_by_key(|wait| wait.after);
        self.enter(Entry::Started { batch, due: due.len(), next_wait }).await?;
        if due.is_empty() {
            return Ok(());
        }
        let Some(message) = self.message(&batch).await else {
            let recipients = due.len();
            return self.enter(Entry::Withheld { batch, recipients, wait: Wait::NONE }).await;
        };
        let size = Self::handover_size(self.session.pace.rate().get());
        let mut left = due.len();
        let mut due = due.into_iter();
        let mut sequence = 0;
        while left > 0 {
            let group: Vec<WaitingRecipient> = due.by_ref().take(size).collect();
            sequence += 1;
            if !self.hand_over(&batch, sequence, group, &message).await? {
                return self.enter(Entry::Withheld { batch, recipients: left, wait: Wait::NONE }).await;
            }
            left = due.len();
        }
        Ok(())
    }

    /// Opens a handover as soon as the pump has room for it, and passes it on. `false` when it may not be sent.
    async fn hand_over(
        &self,
        batch: &ClaimedBatch,
        sequence: i32,
        group: Vec<WaitingRecipient>,
        message: &Arc<PreparedMessage>,
    ) -> Result<bool, End> {
        let waiting_max = HANDOVERS_WAITING * Self::handover_size(self.session.pace.rate().get());
        // Places beyond those of two handovers are held too until this one is on its way, so that the wait is for the rest.
        let places = (OUTBOX_MAX.saturating_sub(waiting_max) + group.len()).min(OUTBOX_MAX);
        let room = tokio::select! {
            () = self.session.halt.cancelled() => return Ok(false),
            room = self.outbox.reserve_many(places) => room.map_err(|_| End::Session)?,
        };
        let Some(opened) = self.open(batch, sequence, &group).await else {
            return Ok(false);
        };
        let recipients = opened.recipients.len();
        if let Some(after) = opened.wait {
            let wait = Wait { after, reason: WaitReason::PortfolioLimit };
            self.enter(Entry::Withheld { batch: *batch, recipients: group.len() - recipients, wait }).await?;
        }
        let Some(handover) = opened.handover else { return Ok(true) };
        self.enter(Entry::Opened { batch: *batch, handover, recipients }).await?;
        let named =
            group.into_iter().filter(|recipient| opened.recipients.binary_search(&recipient.ordinal).is_ok());
        for (slot, recipient) in room.zip(named) {
            let id = RecipientId { dispatch: batch.dispatch, ordinal: recipient.ordinal };
            slot.send(HandedOver { id, handover, recipient, message: Arc::clone(message) });
        }
        Ok(true)
    }

    /// Tries until the answer is known: a handover that may have been committed must not be forgotten.
    async fn open(&self, batch: &ClaimedBatch, sequence: i32, group: &[WaitingRecipient]) -> Option<Opened> {
        let session = &self.session;
        let ordinals: Vec<i32> = group.iter().map(|recipient| recipient.ordinal).collect();
        loop {
            match dispatch::open_handover(&session.services, session.id, batch, sequence, &ordinals).await {
                Ok(opened) => return opened,
                Err(error) => {
                    tracing::warn!(dispatch.id = %batch.dispatch, error = %runtime::telemetry::chain(&error), "handover not opened yet");
                }
            }
            tokio::select! {
                () = session.abandon.cancelled() => return None,
                () = tokio::time::sleep(RETRY_EVERY) => {}
            }
        }
    }

    /// What the dispatch sends. `None` when it cannot be read or sent; the dispatch is then paused with the reason.
    async fn message(&mut self, batch: &ClaimedBatch) -> Option<Arc<PreparedMessage>> {
        if let Some(message) = self.messages.get(&batch.dispatch) {
            return Some(Arc::clone(message));
        }
        let message = self.session.prepare(batch.dispatch).await?;
        self.messages.insert(batch.dispatch, Arc::clone(&message));
        Some(message)
    }

    async fn enter(&self, entry: Entry) -> Result<(), End> {
        self.entries.send(entry).await.map_err(|_| End::Session)
    }
}

/// Reads the recipients of a claimed batch. `None` when the session stops, or because they cannot be read; then it does.
async fn load(session: &Session, batch: &ClaimedBatch) -> Option<Vec<WaitingRecipient>> {
    if session.halt.is_cancelled() {
        return None;
    }
    match dispatch::load(&session.services, batch).await {
        Ok(recipients) => Some(recipients),
        Err(error) => {
            tracing::warn!(dispatch.id = %batch.dispatch, error = %runtime::telemetry::chain(&error), "batch not read; the session ends");
            session.halt.cancel();
            None
        }
    }
}
