//! From stored bodies to delivery events, replies, opt-outs and states.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use channels::whatsapp::webhook::{
    AccountEvent, InboundEvent, PreferenceEvent, StatusEvent, StatusKind, Webhook, WebhookEvent,
};
use domain::Timestamp;
use domain::address::AddressKind;
use domain::delivery::{DeliveryKind, Hold, PauseReason};
use domain::ids::{ChannelAccountId, DispatchId, RecipientId, WorkspaceId};
use storage::dispatches::control::{self, PauseCause};
use storage::dispatches::locks;
use storage::dispatches::reports::{self, Report};
use storage::webhooks::{self, NewDeliveryEvent, NewInboundMessage, StoredWebhook};
use storage::{Connection, StorageError, suppressions};

use super::Processed;
use super::accounts::{self, News};
use super::halts::Halts;

/// What the webhooks of one round say about one workspace.
#[derive(Default)]
struct Gathered {
    events: Vec<NewDeliveryEvent>,
    /// Beside each event: what it says about its recipient.
    statements: Vec<Statement>,
    messages: Vec<NewInboundMessage>,
    stop_words: Vec<bool>,
    /// Addresses that stopped marketing through the provider's own button.
    preferences: Vec<(String, Timestamp)>,
    /// About whole business accounts.
    news: Vec<News>,
}

struct Statement {
    kind: Option<DeliveryKind>,
    failure: Option<(String, Option<i32>)>,
    hold: Option<Hold>,
    stops: Option<PauseReason>,
}

/// Applies webhooks and removes them from the inbox; those that are no webhooks at all are set aside.
pub(super) async fn apply(
    conn: &mut Connection,
    stored: &[StoredWebhook],
    processed: &mut Processed,
) -> Result<(), StorageError> {
    let texts: Vec<Webhook<'_>> = stored.iter().map(|webhook| Webhook::new(&webhook.body)).collect();
    let mut read = Vec::with_capacity(stored.len());
    let mut done = Vec::with_capacity(stored.len());
    for (webhook, text) in stored.iter().zip(&texts) {
        match text.events() {
            Ok(events) => {
                read.extend(events.into_iter().map(|event| (webhook.received_at, event)));
                done.push(webhook.id);
            }
            Err(problem) => {
                webhooks::set_aside(conn, webhook.id, &problem.to_string()).await?;
                processed.unreadable += 1;
            }
        }
    }
    processed.webhooks += stored.len();
    for (workspace, gathered) in gather(conn, read).await? {
        apply_to(conn, workspace, gathered, processed).await?;
    }
    webhooks::remove(conn, &done).await
}

/// Sorts events by the workspace whose number they are about; those about numbers nobody connected are dropped.
async fn gather(
    conn: &mut Connection,
    read: Vec<(Timestamp, WebhookEvent<'_>)>,
) -> Result<BTreeMap<WorkspaceId, Gathered>, StorageError> {
    let numbers: BTreeSet<String> =
        read.iter().filter_map(|(_, event)| number_of(event)).map(Cow::into_owned).collect();
    let known = webhooks::known_numbers(conn, &numbers.into_iter().collect::<Vec<_>>()).await?;
    let homes: HashMap<String, (WorkspaceId, ChannelAccountId)> = known
        .into_iter()
        .map(|number| (number.phone_number_id, (number.workspace, number.channel_account)))
        .collect();
    let mut gathered: BTreeMap<WorkspaceId, Gathered> = BTreeMap::new();
    for (received_at, event) in read {
        if let WebhookEvent::Account(event) = event {
            gather_news(conn, &mut gathered, event, received_at).await?;
            continue;
        }
        let home = number_of(&event).and_then(|number| homes.get(number.as_ref()));
        let Some((workspace, account)) = home else {
            metrics::counter!("fanfare_webhook_events_total", "kind" => "foreign").increment(1);
            continue;
        };
        let into = gathered.entry(*workspace).or_default();
        match event {
            WebhookEvent::Status(status) => into.status(*account, received_at, &status),
            WebhookEvent::Inbound(message) => into.message(*account, received_at, message),
            WebhookEvent::Preference(preference) => into.preference(received_at, preference),
            WebhookEvent::Account(_) | WebhookEvent::Other { .. } | WebhookEvent::Unreadable { .. } => {}
        }
    }
    Ok(gathered)
}

/// Whatever is new about a business account concerns each workspace that has a number of it.
async fn gather_news(
    conn: &mut Connection,
    gathered: &mut BTreeMap<WorkspaceId, Gathered>,
    event: AccountEvent,
    received_at: Timestamp,
) -> Result<(), StorageError> {
    let mut homes: BTreeMap<WorkspaceId, Vec<ChannelAccountId>> = BTreeMap::new();
    for (workspace, sender) in webhooks::senders_of_account(conn, &event.waba_id).await? {
        homes.entry(workspace).or_default().push(sender);
    }
    for (workspace, senders) in homes {
        let event = event.clone();
        gathered.entry(workspace).or_default().news.push(News { event, received_at, senders });
    }
    Ok(())
}

fn number_of<'e>(event: &'e WebhookEvent<'_>) -> Option<Cow<'e, str>> {
    let number = match event {
        WebhookEvent::Status(status) => &status.phone_number_id,
        WebhookEvent::Inbound(message) => &message.phone_number_id,
        WebhookEvent::Preference(preference) => &preference.phone_number_id,
        WebhookEvent::Account(_) | WebhookEvent::Other { .. } | WebhookEvent::Unreadable { .. } => {
            return None;
        }
    };
    Some(Cow::Borrowed(number.as_ref()))
}

impl Gathered {
    fn status(&mut self, account: ChannelAccountId, received_at: Timestamp, status: &StatusEvent<'_>) {
        let kind = match status.kind {
            StatusKind::Known(kind) => Some(kind),
            StatusKind::Other(_) => None,
        };
        let code =
            status.error.as_ref().and_then(|error| error.code).map(domain::delivery::ProviderCode::get);
        self.events.push(NewDeliveryEvent {
            channel_account: account,
            provider_message_id: status.provider_message_id.as_str().to_owned(),
            kind: status.kind.as_str().to_owned(),
            occurred_at: status.occurred_at.unwrap_or(received_at),
            received_at,
            recipient: status.recipient.map(|RecipientId { dispatch, ordinal }| (dispatch, ordinal)),
            provider_code: code,
            payload: status.raw.to_owned(),
        });
        let reason = status.error.as_ref().map_or("provider_trouble", |error| error.reason.as_str());
        self.statements.push(Statement {
            kind,
            failure: (kind == Some(DeliveryKind::Failed)).then(|| (reason.to_owned(), code)),
            hold: status.error.as_ref().and_then(|error| error.hold),
            stops: status.error.as_ref().and_then(|error| error.stops),
        });
    }

    fn message(&mut self, account: ChannelAccountId, received_at: Timestamp, message: InboundEvent<'_>) {
        let body = message.text.unwrap_or_default().into_owned();
        self.stop_words.push(domain::contact::is_stop_word(&body));
        self.messages.push(NewInboundMessage {
            channel_account: account,
            provider_message_id: message.provider_message_id.into_string(),
            sender_address: message.from,
            kind: message.kind.into_owned(),
            body,
            occurred_at: message.occurred_at.unwrap_or(received_at),
            received_at,
            recipient: None,
            payload: message.raw.to_owned(),
        });
    }

    /// Only a stop is acted on: an opt-in needs its wording kept as proof, which this event does not carry.
    fn preference(&mut self, received_at: Timestamp, preference: PreferenceEvent<'_>) {
        if let (Some(false), Some(from)) = (preference.wants_marketing, preference.from) {
            self.preferences.push((from, preference.occurred_at.unwrap_or(received_at)));
        }
    }
}

async fn apply_to(
    conn: &mut Connection,
    workspace: WorkspaceId,
    mut gathered: Gathered,
    processed: &mut Processed,
) -> Result<(), StorageError> {
    park_unknown(conn, workspace, &mut gathered.events).await?;
    let new = webhooks::insert_events(conn, workspace, &gathered.events).await?;
    let mut changes: BTreeMap<DispatchId, Changes> = BTreeMap::new();
    let mut halts = Halts::default();
    for ((event, statement), _) in
        gathered.events.iter().zip(&gathered.statements).zip(&new).filter(|(_, is_new)| **is_new)
    {
        processed.events += 1;
        let Some((dispatch, ordinal)) = event.recipient else { continue };
        let change = changes.entry(dispatch).or_default();
        change.state(ordinal, event, statement);
        if let Some(reason) = statement.stops {
            halts.add(reason, event.channel_account, dispatch);
        }
    }
    let mut opted_out = gathered.preferences;
    answer_messages(
        conn,
        workspace,
        gathered.messages,
        &gathered.stop_words,
        &mut changes,
        &mut opted_out,
        processed,
    )
    .await?;
    accounts::take(conn, workspace, &gathered.news, &mut halts).await?;
    let mut halts = halts.carry_out_on_senders(conn, workspace).await?;
    for dispatch in halts.keys() {
        changes.entry(*dispatch).or_default();
    }
    // All dispatches are locked before any campaign: the last report of one may end it, and its campaign with it.
    let touched: Vec<DispatchId> = changes.keys().copied().collect();
    locks::lock_all(conn, workspace, &touched).await?;
    let mut paused = Vec::new();
    for (dispatch, change) in changes {
        change.write(conn, workspace, dispatch).await?;
        if let Some(reason) = halts.remove(&dispatch) {
            let cause = PauseCause::provider(reason, reason.label());
            paused.extend(control::pause(conn, workspace, dispatch, &cause).await?.map(|_| dispatch));
        }
    }
    for dispatch in paused {
        storage::campaigns::follow_dispatch(conn, workspace, dispatch).await?;
    }
    opt_out(conn, workspace, &opted_out).await
}

async fn opt_out(
    conn: &mut Connection,
    workspace: WorkspaceId,
    opted_out: &[(String, Timestamp)],
) -> Result<(), StorageError> {
    let Some(at) = opted_out.iter().map(|(_, at)| *at).min() else {
        return Ok(());
    };
    let addresses: Vec<&str> = opted_out.iter().map(|(address, _)| address.as_str()).collect();
    suppressions::opt_out(conn, workspace, AddressKind::Phone, &addresses, "inbound message", at).await?;
    Ok(())
}

/// An event that names a recipient we do not have is kept without it.
async fn park_unknown(
    conn: &mut Connection,
    workspace: WorkspaceId,
    events: &mut [NewDeliveryEvent],
) -> Result<(), StorageError> {
    let named: BTreeSet<(DispatchId, i32)> = events.iter().filter_map(|event| event.recipient).collect();
    let named: Vec<(DispatchId, i32)> = named.into_iter().collect();
    let existing: HashSet<(DispatchId, i32)> =
        reports::existing(conn, workspace, &named).await?.into_iter().collect();
    for event in events {
        event.recipient = event.recipient.filter(|recipient| existing.contains(recipient));
    }
    Ok(())
}

/// What the new events of one round change about one dispatch.
#[derive(Default)]
struct Changes {
    /// One for each message to a person: whoever was held back has several.
    reports: BTreeMap<(i32, String), Report>,
    replies: Vec<(i32, Timestamp)>,
}

impl Changes {
    fn state(&mut self, ordinal: i32, event: &NewDeliveryEvent, statement: &Statement) {
        let Some(kind) = statement.kind else { return };
        let message = (ordinal, event.provider_message_id.clone());
        let report = self.reports.entry(message).or_insert_with(|| Report {
            ordinal,
            provider_message_id: event.provider_message_id.clone(),
            ..Report::default()
        });
        let earliest =
            |known: Option<Timestamp>| Some(known.map_or(event.occurred_at, |at| at.min(event.occurred_at)));
        match kind {
            DeliveryKind::Sent => report.arrived = true,
            DeliveryKind::Delivered => {
                report.arrived = true;
                report.delivered_at = earliest(report.delivered_at);
            }
            DeliveryKind::Read => {
                report.arrived = true;
                // Reading proves delivery, and a phone that reads at once may report nothing else.
                report.delivered_at = earliest(report.delivered_at);
                report.read_at = earliest(report.read_at);
            }
            DeliveryKind::Failed => {
                report.failed.clone_from(&statement.failure);
                report.hold = statement.hold;
            }
        }
    }

    async fn write(
        self,
        conn: &mut Connection,
        workspace: WorkspaceId,
        dispatch: DispatchId,
    ) -> Result<(), StorageError> {
        for reports in in_turns(self.reports) {
            reports::apply(conn, workspace, dispatch, &reports).await?;
        }
        if !self.replies.is_empty() {
            let (ordinals, at): (Vec<i32>, Vec<Timestamp>) = self.replies.into_iter().unzip();
            reports::replied(conn, workspace, dispatch, &ordinals, &at).await?;
        }
        Ok(())
    }
}

/// Reports in groups with at most one for each person.
fn in_turns(reports: BTreeMap<(i32, String), Report>) -> Vec<Vec<Report>> {
    let mut turns: Vec<Vec<Report>> = Vec::new();
    let (mut person, mut turn) = (0, 0);
    for report in reports.into_values() {
        turn = if report.ordinal == person { turn + 1 } else { 0 };
        person = report.ordinal;
        match turns.get_mut(turn) {
            Some(group) => group.push(report),
            None => turns.push(vec![report]),
        }
    }
    turns
}

/// Finds whom each new message answers, stores it, and notes replies and opt-outs.
async fn answer_messages(
    conn: &mut Connection,
    workspace: WorkspaceId,
    mut messages: Vec<NewInboundMessage>,
    stop_words: &[bool],
    changes: &mut BTreeMap<DispatchId, Changes>,
    opted_out: &mut Vec<(String, Timestamp)>,
    processed: &mut Processed,
) -> Result<(), StorageError> {
    if messages.is_empty() {
        return Ok(());
    }
    let addresses: Vec<String> =
        messages.iter().map(|message| message.sender_address.clone().unwrap_or_default()).collect();
    let written: Vec<Timestamp> = messages.iter().map(|message| message.occurred_at).collect();
    let answered = reports::latest_sends(conn, workspace, &addresses, &written).await?;
    for (message, recipient) in messages.iter_mut().zip(answered) {
        message.recipient = recipient;
    }
    let new = webhooks::insert_inbound(conn, workspace, &messages).await?;
    for ((message, is_stop), _) in messages.iter().zip(stop_words).zip(&new).filter(|(_, is_new)| **is_new) {
        processed.messages += 1;
        if let Some((dispatch, ordinal)) = message.recipient {
            changes.entry(dispatch).or_default().replies.push((ordinal, message.occurred_at));
        }
        if let (true, Some(address)) = (*is_stop, &message.sender_address) {
            opted_out.push((address.clone(), message.occurred_at));
        }
    }
    Ok(())
}
