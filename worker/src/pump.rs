//! Sends what was handed over, at the sender's pace.

use std::sync::Arc;

use service::dispatch::{Answer, Outcome};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::TaskTracker;

use crate::answer::{self, Halt};
use crate::books::Entry;
use crate::feeder::HandedOver;
use crate::sender::Session;

/// Sends until the feeder is gone and every answer is in.
pub async fn run(
    session: Arc<Session>,
    mut inbox: mpsc::Receiver<HandedOver>,
    entries: mpsc::Sender<Entry>,
    halts: mpsc::Sender<Halt>,
) {
    let in_flight = Arc::new(Semaphore::new(session.in_flight_max));
    let sends = TaskTracker::new();
    while let Some(item) = inbox.recv().await {
        let Ok(permit) = Arc::clone(&in_flight).acquire_owned().await else { break };
        if !session.is_stopped(item.id.dispatch) {
            session.pace.until_ready().await;
        }
        // Looked at last: what is stopped from here on was stopped too late for this one.
        if session.is_stopped(item.id.dispatch) {
            let released = Outcome {
                ordinal: item.id.ordinal,
                handover: item.handover,
                left_at: None,
                answer: Answer::Released,
            };
            if entries.send(Entry::Settled(released)).await.is_err() {
                break;
            }
            continue;
        }
        let (session, entries, halts) = (Arc::clone(&session), entries.clone(), halts.clone());
        let left_at = Some(session.services.clock.now());
        sends.spawn(async move {
            let (answer, halt) = answer::of(&session, &item).await;
            if let Some(halt) = halt {
                // Before the answer is recorded, so that the recipient is not claimed again by a running dispatch.
                let _ = halts.send(halt).await;
            }
            let outcome = Outcome { ordinal: item.id.ordinal, handover: item.handover, left_at, answer };
            let _ = entries.send(Entry::Settled(outcome)).await;
            drop(permit);
        });
    }
    sends.close();
    sends.wait().await;
}
