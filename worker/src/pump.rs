//! Sends what was handed over, at the sender's pace.

use std::sync::Arc;

use channels::OutboundMessage;
use domain::delivery::{Accepted, Pacing, PauseReason, ProviderCode, SendError};
use domain::ids::DispatchId;
use domain::retry::Decision;
use service::dispatch::{Answer, Outcome};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::TaskTracker;

use crate::books::Entry;
use crate::feeder::HandedOver;
use crate::sender::Session;

/// Something the provider said that concerns more than one recipient.
#[derive(Debug, Clone, Copy)]
pub enum Halt {
    /// The dispatch cannot go on.
    Dispatch(DispatchId, PauseReason, ProviderCode),
    /// The sender cannot go on.
    Sender(PauseReason, ProviderCode),
}

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
            let (answer, halt) = send(&session, &item).await;
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

async fn send(session: &Session, item: &HandedOver) -> (Answer, Option<Halt>) {
    let message = OutboundMessage {
        recipient: item.id,
        address: &item.recipient.address,
        variables: &item.recipient.variables,
        prepared: &item.message,
    };
    let now = tokio::time::Instant::now();
    let result = session.transport.send(&message).await;
    metrics::histogram!("fanfare_send_seconds").record(now.elapsed());
    match result {
        Ok(Accepted { provider_message_id, pacing }) => {
            session.pace.accepted(std::time::Instant::now());
            count("accepted");
            let halt = (pacing == Pacing::TemplatePaused).then_some(Halt::Dispatch(
                item.id.dispatch,
                PauseReason::TemplatePaused,
                ProviderCode::new(132_015),
            ));
            (Answer::Accepted(provider_message_id), halt)
        }
        Err(error) => refuse(session, item, &error),
    }
}

fn refuse(session: &Session, item: &HandedOver, error: &SendError) -> (Answer, Option<Halt>) {
    if matches!(error, SendError::SlowDown { .. }) {
        session.pace.throttled(std::time::Instant::now());
    }
    let attempts = u16::try_from(item.recipient.attempt).unwrap_or(0).saturating_add(1);
    match session.retries.decide(attempts, error, rand::random()) {
        Decision::Retry { after, .. } => {
            count("retried");
            (Answer::RetryAfter { after, counted: true }, None)
        }
        Decision::RetrySlower { after, .. } => {
            count("throttled");
            (Answer::RetryAfter { after, counted: false }, None)
        }
        Decision::Fail { reason, code } => {
            count("failed");
            (Answer::Failed { reason, provider_code: code.map(ProviderCode::get) }, None)
        }
        Decision::PauseDispatch { reason, code } => {
            session.stop_dispatch(item.id.dispatch);
            count("paused");
            (Answer::Released, Some(Halt::Dispatch(item.id.dispatch, reason, code)))
        }
        Decision::PauseSender { reason, code } => {
            session.halt.cancel();
            count("paused");
            (Answer::Released, Some(Halt::Sender(reason, code)))
        }
        Decision::Unknown => {
            count("unanswered");
            (Answer::Unknown, None)
        }
    }
}

fn count(result: &'static str) {
    metrics::counter!("fanfare_sends_total", "result" => result).increment(1);
}
