//! What an answer of the provider means for the recipient, the dispatch and the sender.

use channels::OutboundMessage;
use domain::delivery::{Accepted, FailureReason, Pacing, PauseReason, ProviderCode, SendError, WaitReason};
use domain::dispatch::Wait;
use domain::ids::DispatchId;
use domain::retry::Decision;
use service::dispatch::Answer;

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

/// Hands one message to the provider and decides what its answer means.
pub async fn of(session: &Session, item: &HandedOver) -> (Answer, Option<Halt>) {
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
            session.reach.found();
            session.pace.accepted(std::time::Instant::now());
            count("accepted");
            let halt = (pacing == Pacing::TemplatePaused).then_some(Halt::Dispatch(
                item.id.dispatch,
                PauseReason::TemplatePaused,
                ProviderCode::new(132_015),
            ));
            let answer = match pacing {
                Pacing::HeldForQuality => Answer::HeldForQuality(provider_message_id),
                Pacing::Normal | Pacing::TemplatePaused => Answer::Accepted(provider_message_id),
            };
            (answer, halt)
        }
        Err(error) => refuse(session, item, &error),
    }
}

fn refuse(session: &Session, item: &HandedOver, error: &SendError) -> (Answer, Option<Halt>) {
    let now = std::time::Instant::now();
    match error {
        SendError::SlowDown { .. } => session.pace.throttled(now),
        SendError::Unreachable => {
            session.reach.lost(now);
            session.pace.throttled(now);
        }
        _ => session.reach.found(),
    }
    let attempts = u16::try_from(item.recipient.attempt).unwrap_or(0).saturating_add(1);
    let holds = u16::try_from(item.recipient.holds).unwrap_or(0);
    match session.retries.decide(attempts, holds, error, rand::random()) {
        Decision::Retry { after, .. } => {
            count("retried");
            (Answer::RetryAfter { wait: Wait { after, reason: WaitReason::Retry }, counted: true }, None)
        }
        Decision::RetrySlower { after } => {
            count(if matches!(error, SendError::Unreachable) { "unreachable" } else { "throttled" });
            (Answer::RetryAfter { wait: Wait { after, reason: WaitReason::Retry }, counted: false }, None)
        }
        Decision::Hold { hold, wait, code } => {
            count("held");
            (Answer::HeldBack { hold, wait, provider_code: code.get() }, None)
        }
        Decision::Fail { reason, code } => {
            count("failed");
            if reason == FailureReason::Country {
                session.closed.close(&item.recipient.address);
            }
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
