//! Sends what was handed over, at the sender's pace.

use std::sync::Arc;
use std::time::Instant;

use domain::delivery::FailureReason;
use service::dispatch::{Answer, Outcome};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::answer::{self, Halt};
use crate::books::Entry;
use crate::feeder::HandedOver;
use crate::sender::Session;

/// A place in the window of a session, given back when dropped, even by a send that panicked.
struct UnderWay(Arc<Session>);

impl UnderWay {
    async fn enter(session: &Arc<Session>) -> Self {
        session.window.enter(|| session.pace.rate()).await;
        Self(Arc::clone(session))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.window.leave();
    }
}

/// Sends until the feeder is gone and every answer is in.
pub async fn run(
    session: Arc<Session>,
    mut inbox: mpsc::Receiver<HandedOver>,
    entries: mpsc::Sender<Entry>,
    halts: mpsc::Sender<Halt>,
) {
    let sends = TaskTracker::new();
    while let Some(item) = inbox.recv().await {
        let room = UnderWay::enter(&session).await;
        let is_closed = || session.closed.contain(&item.recipient.address);
        if !is_closed() && !session.is_stopped(item.id.dispatch) {
            session.pace.until_ready().await;
        }
        // Looked at last: what is stopped from here on was stopped too late for this one.
        let without_asking = if session.is_stopped(item.id.dispatch) {
            Some(Answer::Released)
        } else {
            is_closed().then_some(Answer::Failed { reason: FailureReason::Country, provider_code: None })
        };
        if let Some(answer) = without_asking {
            let outcome =
                Outcome { ordinal: item.id.ordinal, handover: item.handover, left_at: None, answer };
            if entries.send(Entry::Settled(outcome)).await.is_err() {
                break;
            }
            continue;
        }
        let (entries, halts) = (entries.clone(), halts.clone());
        let left_at = Some(session.services.clock.now());
        sends.spawn(async move {
            let left = Instant::now();
            let (answer, halt) = answer::of(&room.0, &item).await;
            if !matches!(answer, Answer::Unknown) {
                let now = Instant::now();
                room.0.window.answered(now.duration_since(left), now);
            }
            if let Some(halt) = halt {
                // Before the answer is recorded, so that the recipient is not claimed again by a running dispatch.
                let _ = halts.send(halt).await;
            }
            let outcome = Outcome { ordinal: item.id.ordinal, handover: item.handover, left_at, answer };
            let _ = entries.send(Entry::Settled(outcome)).await;
        });
    }
    sends.close();
    sends.wait().await;
}
