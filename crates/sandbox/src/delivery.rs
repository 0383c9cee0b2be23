//! From an accepted message to signed webhooks: what happens when, in what company, and how often it is tried.

mod event;
mod payload;
mod plan;
mod post;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

pub(crate) use event::{Event, InboundBody, InboundEvent, TemplateEvent};
use event::{StatusEvent, StatusKind};
pub(crate) use queue::DeliveryQueue;
use queue::Work;

use crate::behaviour::{Behaviour, Draws, Fate, fnv1a};
use crate::ledger::AcceptedMessage;
use crate::phones::{Bubble, BubbleContent, Mark};
use crate::state::{SandboxState, now_ms};
use crate::world::{Category, Number, World};
use post::Post;

/// An accepted message and what is to become of it.
#[derive(Debug)]
pub(crate) struct Dispatched {
    pub(crate) message: Arc<AcceptedMessage>,
    /// None for free-form messages.
    pub(crate) category: Option<Category>,
    pub(crate) fate: Fate,
    /// Webhooks about it have somewhere to go.
    pub(crate) reachable: bool,
}

/// Where message events of a number go: its own override, its account's, the app's; nowhere without a subscription.
pub(crate) fn target<'w>(world: &'w World, number: &'w Number) -> Option<&'w str> {
    let account = world.accounts.get(&number.account_id).filter(|account| account.subscribed)?;
    number
        .override_callback
        .as_deref()
        .or(account.override_callback.as_deref())
        .or(world.app.callback_url.as_deref())
}

/// Whether anybody listens to a number's events.
pub(crate) fn has_target(world: &World, number: &Number) -> bool {
    target(world, number).is_some()
}

/// Puts everything that will happen to a message into the queue. A `sent` that must come before the HTTP answer is
/// posted here and now.
pub(crate) async fn schedule(state: &Arc<SandboxState>, behaviour: &Behaviour, dispatched: Dispatched) {
    let early = dispatched.fate.before_answer && dispatched.fate.failure.is_none();
    let mut planned = plan::events(&state.wamids, behaviour, &dispatched);
    let first = if early && !planned.is_empty() { Some(planned.remove(0)) } else { None };
    state.deliveries.push_all(planned.into_iter().map(|(due, event)| (due, Work::Event(event))));
    if let Some((_, event)) = first {
        state.deliveries.begin(1);
        for post in group(state, behaviour, vec![event]) {
            let task = Arc::clone(state);
            let behaviour = behaviour.clone();
            // A task of its own, because the client may hang up while this waits and the post must end all the same.
            let posted = state.tasks.spawn(async move {
                task.shutdown.run_until_cancelled(post.send(&task, &behaviour)).await;
            });
            let _ = posted.await;
        }
    }
}

/// Puts one event into the queue, due at once.
pub(crate) fn schedule_event(state: &SandboxState, event: Event) {
    state.deliveries.push_all([(Instant::now(), Work::Event(event))]);
}

/// Posts what is due until the sandbox stops. What is on the wire then is dropped.
pub(crate) async fn run(state: Arc<SandboxState>) {
    let stop = state.shutdown.clone();
    stop.run_until_cancelled(post_due(state)).await;
}

async fn post_due(state: Arc<SandboxState>) {
    let mut posts = JoinSet::new();
    loop {
        tokio::select! {
            () = state.deliveries.something_due() => {}
            Some(_) = posts.join_next() => continue,
        }
        let behaviour = state.behaviour();
        tokio::time::sleep(Duration::from_millis(behaviour.flush_after_ms)).await;
        for post in due_posts(&state, &behaviour) {
            while posts.len() >= behaviour.posts_in_flight_max {
                posts.join_next().await;
            }
            let (state, behaviour) = (Arc::clone(&state), Arc::clone(&behaviour));
            posts.spawn(async move { post.send(&state, &behaviour).await });
        }
    }
}

/// Everything due now as posts: repetitions as they are, events in groups.
fn due_posts(state: &SandboxState, behaviour: &Behaviour) -> Vec<Post> {
    let (mut posts, mut events) = (Vec::new(), Vec::new());
    for work in state.deliveries.take_due() {
        match work {
            Work::Event(event) => events.push(event),
            Work::Repetition(post) => posts.push(post),
        }
    }
    if behaviour.shuffled {
        shuffle(&mut events, Draws::new(behaviour.seed ^ state.next_request()));
    }
    posts.extend(group(state, behaviour, events));
    posts
}

fn shuffle(events: &mut [Event], mut draws: Draws) {
    for position in (1..events.len()).rev() {
        let other = draws.next() % (position as u64 + 1);
        events.swap(position, usize::try_from(other).unwrap_or(position));
    }
}

/// Makes events happen (marks, counts, windows) and puts them into posts by callback address.
fn group(state: &SandboxState, behaviour: &Behaviour, events: Vec<Event>) -> Vec<Post> {
    let mut by_target: Vec<(String, Vec<Event>)> = Vec::new();
    for event in events {
        happen(state, &event);
        let target = {
            let world = state.world();
            match &event {
                Event::Template(_) => world.app.callback_url.clone(),
                _ => world
                    .numbers
                    .get(event.phone_number_id())
                    .and_then(|number| target(&world, number))
                    .map(str::to_owned),
            }
        };
        match target {
            None => {
                state.ledger().webhooks.undeliverable_events += 1;
                state.deliveries.finish(1);
            }
            Some(target) => match by_target.iter_mut().find(|(url, _)| *url == target) {
                Some((_, events)) => events.push(event),
                None => by_target.push((target, vec![event])),
            },
        }
    }
    let world = state.world();
    let mut draws = Draws::new(behaviour.seed ^ state.next_request());
    by_target
        .into_iter()
        .flat_map(|(url, events)| {
            let chunks: Vec<Vec<Event>> = events.chunks(behaviour.batch_max).map(<[Event]>::to_vec).collect();
            chunks.into_iter().map(move |chunk| (url.clone(), chunk))
        })
        .map(|(url, chunk)| {
            let forged = draws.unit() < behaviour.wrong_signature_share;
            Post::new(url, payload::body(&world, &chunk), chunk.len(), forged)
        })
        .collect()
}

/// The effects of an event on the sandbox itself.
fn happen(state: &SandboxState, event: &Event) {
    match event {
        Event::Status(status) if status.repeated => {}
        Event::Status(status) => status_happens(state, status),
        Event::Inbound(inbound) => inbound_happens(state, inbound),
        Event::Template(_) => {}
    }
}

/// What the ledger knows a template by.
pub(crate) fn template_key(message: &AcceptedMessage) -> Option<u64> {
    let (name, language) = (message.template.as_ref()?, message.language.as_ref()?);
    Some(fnv1a(&format!("{name}/{language}")))
}

fn status_happens(state: &SandboxState, status: &StatusEvent) {
    let mark = {
        let mut ledger = state.ledger();
        match status.kind {
            StatusKind::Sent => {
                ledger.reported.sent += 1;
                Mark::Sent
            }
            StatusKind::Delivered => {
                ledger.reported.delivered += 1;
                Mark::Delivered
            }
            StatusKind::Read => {
                ledger.reported.read += 1;
                Mark::Read
            }
            StatusKind::Failed(code) => {
                *ledger.reported.failed.entry(code).or_default() += 1;
                ledger.fail(&status.message, template_key(&status.message));
                Mark::Failed(code)
            }
        }
    };
    state.phones().mark(&status.message.recipient, &status.message.wamid, mark);
}

fn inbound_happens(state: &SandboxState, inbound: &InboundEvent) {
    if inbound.repeated {
        return;
    }
    let now_ms = now_ms();
    {
        let mut ledger = state.ledger();
        ledger.reported.inbound += 1;
        ledger.open_window(&inbound.phone_number_id, &inbound.from, now_ms);
    }
    let bubble = Bubble {
        wamid: inbound.wamid.clone(),
        from_business: false,
        content: BubbleContent::text(inbound.body.text()),
        at_ms: now_ms,
        mark: Mark::Read,
    };
    state.phones().show(&inbound.from, &inbound.phone_number_id, bubble);
}
