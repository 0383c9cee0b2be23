//! When what happens to a message, given its fate.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Dispatched;
use super::event::{Event, InboundBody, InboundEvent, StatusEvent, StatusKind};
use crate::behaviour::{Behaviour, Draws, Reply, fnv1a};
use crate::ledger::AcceptedMessage;
use crate::wamid::{Direction, WamidGenerator};
use crate::world::Category;

/// Everything that will be told of a message and when, `sent` (or `failed`) first.
pub(super) fn events(
    wamids: &WamidGenerator,
    behaviour: &Behaviour,
    dispatched: &Dispatched,
) -> Vec<(Instant, Event)> {
    let mut draws = Draws::new(fnv1a(&dispatched.message.wamid));
    let mut planned = statuses(behaviour, dispatched, &mut draws);
    if let Some(reply) = &dispatched.fate.reply {
        let after_ms = planned.iter().map(|(due_ms, _)| *due_ms).max().unwrap_or(0);
        let due_ms = after_ms + draws.within(behaviour.reply_after_ms);
        planned.push((due_ms, Event::Inbound(reply_event(wamids, &dispatched.message, reply, due_ms))));
    }
    if dispatched.fate.duplicated {
        let again: Vec<_> = planned
            .iter()
            .map(|(due_ms, event)| (due_ms + draws.within(behaviour.sent_after_ms), repeat(event)))
            .collect();
        planned.extend(again);
    }
    let now = Instant::now();
    planned.into_iter().map(|(due_ms, event)| (now + Duration::from_millis(due_ms), event)).collect()
}

/// The statuses with the milliseconds after which each is told.
fn statuses(behaviour: &Behaviour, dispatched: &Dispatched, draws: &mut Draws) -> Vec<(u64, Event)> {
    let (message, fate) = (&dispatched.message, &dispatched.fate);
    let sent_ms = draws.within(behaviour.sent_after_ms);
    let delivered_ms = sent_ms + draws.within(behaviour.delivered_after_ms);
    let read_ms = delivered_ms + draws.within(behaviour.read_after_ms);
    let status = |kind, happened_ms: u64, priced: bool| {
        let pricing = priced.then(|| pricing_category(dispatched.category));
        let at_s = (message.accepted_at_ms + happened_ms) / 1_000;
        Event::Status(StatusEvent { message: Arc::clone(message), kind, pricing, at_s, repeated: false })
    };
    if let Some(code) = fate.failure {
        return vec![(sent_ms, status(StatusKind::Failed(code), sent_ms, false))];
    }
    let mut planned = vec![(sent_ms, status(StatusKind::Sent, sent_ms, true))];
    let (tell_delivered_ms, tell_read_ms) =
        if fate.swapped { (read_ms, delivered_ms) } else { (delivered_ms, read_ms) };
    if fate.delivered && !fate.skips_delivered {
        planned.push((tell_delivered_ms, status(StatusKind::Delivered, delivered_ms, true)));
    }
    if fate.read {
        planned.push((tell_read_ms, status(StatusKind::Read, read_ms, fate.skips_delivered)));
    }
    planned
}

fn pricing_category(category: Option<Category>) -> &'static str {
    match category {
        Some(Category::Marketing) => "marketing",
        Some(Category::Utility) => "utility",
        None => "service",
    }
}

fn reply_event(
    wamids: &WamidGenerator,
    message: &AcceptedMessage,
    reply: &Reply,
    due_ms: u64,
) -> InboundEvent {
    let pressed = reply.button.and_then(|choice| {
        let count = u64::try_from(message.quick_replies.len()).ok().filter(|count| *count > 0)?;
        message.quick_replies.get(usize::try_from(choice % count).ok()?)
    });
    let body = match pressed {
        Some(button) => InboundBody::Button { text: button.text.clone(), payload: button.payload.clone() },
        None => InboundBody::Text(reply.text.clone()),
    };
    // A pressed button always quotes its message; words do so only when the person takes the trouble.
    let context = matches!(body, InboundBody::Button { .. }).then(|| message.wamid.clone());
    InboundEvent {
        phone_number_id: message.phone_number_id.clone(),
        from: message.recipient.clone(),
        wamid: wamids.next(Direction::Inbound, &message.recipient),
        body,
        context,
        at_s: (message.accepted_at_ms + due_ms) / 1_000,
        repeated: false,
    }
}

fn repeat(event: &Event) -> Event {
    match event {
        Event::Status(status) => Event::Status(StatusEvent { repeated: true, ..status.clone() }),
        Event::Inbound(inbound) => Event::Inbound(InboundEvent { repeated: true, ..inbound.clone() }),
        Event::Template(template) => Event::Template(template.clone()),
    }
}
