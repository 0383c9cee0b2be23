//! What providers send us: the inbox, and the events and messages it turns into.

use domain::Timestamp;
use domain::ids::{ChannelAccountId, DispatchId, WorkspaceId};

use crate::{Connection, StorageError};

/// The channel on which a stored webhook is announced; no payload.
pub const STORED_CHANNEL: &str = "fanfare_webhook_stored";

/// Stores webhooks as they came. Durable when the caller commits.
pub async fn store(
    conn: &mut Connection,
    channel: &str,
    bodies: &[Vec<u8>],
    received_at: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "with stored as (
             insert into webhook_inbox (channel, received_at, body)
             select $1, $2, body from unnest($3::bytea[]) as body
         )
         select pg_notify($4, '')",
        channel,
        received_at,
        bodies,
        STORED_CHANNEL,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// A webhook waiting to be processed.
#[derive(Debug)]
pub struct StoredWebhook {
    /// Its number in the inbox.
    pub id: i64,
    /// When it was received.
    pub received_at: Timestamp,
    /// As it came.
    pub body: Vec<u8>,
}

/// Takes webhooks for processing, oldest first; others skip them until the caller's transaction ends.
pub async fn claim(conn: &mut Connection, rows_max: i64) -> Result<Vec<StoredWebhook>, StorageError> {
    let rows = sqlx::query_as!(
        StoredWebhook,
        "select webhook_id as id, received_at, body from webhook_inbox
          where state = 'received'
          order by webhook_id
          limit $1
            for update skip locked",
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Removes webhooks whose events are stored.
pub async fn remove(conn: &mut Connection, ids: &[i64]) -> Result<(), StorageError> {
    sqlx::query!("delete from webhook_inbox where webhook_id = any ($1)", ids).execute(conn).await?;
    Ok(())
}

/// Sets a webhook aside that cannot be processed, with the reason.
pub async fn set_aside(conn: &mut Connection, id: i64, problem: &str) -> Result<(), StorageError> {
    sqlx::query!(
        "update webhook_inbox set state = 'unreadable', problem = $2 where webhook_id = $1",
        id,
        problem,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A connected number.
#[derive(Debug, Clone)]
pub struct KnownNumber {
    /// Graph's id of the number.
    pub phone_number_id: String,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The sender.
    pub channel_account: ChannelAccountId,
}

/// Which of these numbers are connected, and where.
pub async fn known_numbers(
    conn: &mut Connection,
    phone_number_ids: &[String],
) -> Result<Vec<KnownNumber>, StorageError> {
    let rows = sqlx::query!(
        "select phone_number_id, workspace_id, channel_account_id from whatsapp_numbers where phone_number_id = any ($1)",
        phone_number_ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| KnownNumber {
            phone_number_id: row.phone_number_id,
            workspace: row.workspace_id.into(),
            channel_account: row.channel_account_id.into(),
        })
        .collect())
}

/// The senders of a business account in the whole installation: news of an account names nothing else.
pub async fn senders_of_account(
    conn: &mut Connection,
    waba_id: &str,
) -> Result<Vec<(WorkspaceId, ChannelAccountId)>, StorageError> {
    let rows = sqlx::query!(
        "select workspace_id, channel_account_id from whatsapp_numbers
          where waba_id = $1 order by workspace_id, channel_account_id",
        waba_id,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id.into(), row.channel_account_id.into())).collect())
}

/// A delivery event to keep.
#[derive(Debug, Clone)]
pub struct NewDeliveryEvent {
    /// The sender it is about.
    pub channel_account: ChannelAccountId,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// `sent`, `delivered`, `read`, `failed`, or the provider's own word.
    pub kind: String,
    /// When it happened, by the provider.
    pub occurred_at: Timestamp,
    /// When we heard of it.
    pub received_at: Timestamp,
    /// The recipient; `None` for a message that we did not send, or cannot tell.
    pub recipient: Option<(DispatchId, i32)>,
    /// The provider's code of a failure.
    pub provider_code: Option<i32>,
    /// The event as it came, as JSON.
    pub payload: String,
}

/// Stores delivery events. Returns for each whether it was new; repeats are not stored again.
pub async fn insert_events(
    conn: &mut Connection,
    workspace: WorkspaceId,
    events: &[NewDeliveryEvent],
) -> Result<Vec<bool>, StorageError> {
    let positions: Vec<i32> = (0..).take(events.len()).collect();
    let accounts: Vec<uuid::Uuid> = events.iter().map(|event| event.channel_account.uuid()).collect();
    let ids: Vec<String> = events.iter().map(|event| event.provider_message_id.clone()).collect();
    let kinds: Vec<String> = events.iter().map(|event| event.kind.clone()).collect();
    let occurred: Vec<Timestamp> = events.iter().map(|event| event.occurred_at).collect();
    let received: Vec<Timestamp> = events.iter().map(|event| event.received_at).collect();
    let dispatches: Vec<Option<uuid::Uuid>> =
        events.iter().map(|event| event.recipient.map(|(dispatch, _)| dispatch.uuid())).collect();
    let ordinals: Vec<Option<i32>> =
        events.iter().map(|event| event.recipient.map(|(_, ordinal)| ordinal)).collect();
    let codes: Vec<Option<i32>> = events.iter().map(|event| event.provider_code).collect();
    let payloads: Vec<String> = events.iter().map(|event| event.payload.clone()).collect();
    let new = sqlx::query_scalar!(
        r#"with e as (
               select * from unnest($2::int[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::uuid[],
                                    $9::int[], $10::int[], $11::text[])
                   as e (position, channel_account_id, provider_message_id, kind, occurred_at, received_at, dispatch_id, ordinal,
                         provider_code, payload)
           ),
           firsts as (
               select distinct on (provider_message_id, kind, occurred_at) *
                 from e order by provider_message_id, kind, occurred_at, position
           ),
           stored as (
               insert into delivery_events (workspace_id, channel_account_id, provider_message_id, kind, occurred_at, received_at,
                                            dispatch_id, ordinal, provider_code, payload)
               select $1, channel_account_id, provider_message_id, kind, occurred_at, received_at, dispatch_id, ordinal,
                      provider_code, payload::jsonb
                 from firsts
                   on conflict (workspace_id, provider_message_id, kind, occurred_at) do nothing
            returning provider_message_id, kind, occurred_at
           )
           select f.position as "position!"
             from stored s join firsts f using (provider_message_id, kind, occurred_at)"#,
        workspace.uuid(),
        &positions,
        &accounts,
        &ids,
        &kinds,
        &occurred,
        &received,
        &dispatches as &[Option<uuid::Uuid>],
        &ordinals as &[Option<i32>],
        &codes as &[Option<i32>],
        &payloads,
    )
    .fetch_all(conn)
    .await?;
    Ok(flags(events.len(), &new))
}

/// A message that somebody wrote to us.
#[derive(Debug, Clone)]
pub struct NewInboundMessage {
    /// The sender of ours that it came to.
    pub channel_account: ChannelAccountId,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// Who wrote; a webhook may lack it.
    pub sender_address: Option<String>,
    /// The provider's word for the kind of message.
    pub kind: String,
    /// Its text, or that of the button.
    pub body: String,
    /// When it was written, by the provider.
    pub occurred_at: Timestamp,
    /// When we heard of it.
    pub received_at: Timestamp,
    /// The recipient whom it answers.
    pub recipient: Option<(DispatchId, i32)>,
    /// The message as it came, as JSON.
    pub payload: String,
}

/// Stores inbound messages. Returns for each whether it was new.
pub async fn insert_inbound(
    conn: &mut Connection,
    workspace: WorkspaceId,
    messages: &[NewInboundMessage],
) -> Result<Vec<bool>, StorageError> {
    let positions: Vec<i32> = (0..).take(messages.len()).collect();
    let accounts: Vec<uuid::Uuid> = messages.iter().map(|message| message.channel_account.uuid()).collect();
    let ids: Vec<String> = messages.iter().map(|message| message.provider_message_id.clone()).collect();
    let senders: Vec<Option<String>> =
        messages.iter().map(|message| message.sender_address.clone()).collect();
    let kinds: Vec<String> = messages.iter().map(|message| message.kind.clone()).collect();
    let bodies: Vec<String> = messages.iter().map(|message| message.body.clone()).collect();
    let occurred: Vec<Timestamp> = messages.iter().map(|message| message.occurred_at).collect();
    let received: Vec<Timestamp> = messages.iter().map(|message| message.received_at).collect();
    let dispatches: Vec<Option<uuid::Uuid>> =
        messages.iter().map(|message| message.recipient.map(|(dispatch, _)| dispatch.uuid())).collect();
    let ordinals: Vec<Option<i32>> =
        messages.iter().map(|message| message.recipient.map(|(_, ordinal)| ordinal)).collect();
    let payloads: Vec<String> = messages.iter().map(|message| message.payload.clone()).collect();
    let new = sqlx::query_scalar!(
        r#"with m as (
               select * from unnest($2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
                                    $9::timestamptz[], $10::uuid[], $11::int[], $12::text[])
                   as m (position, channel_account_id, provider_message_id, sender_address, kind, body, occurred_at, received_at,
                         dispatch_id, ordinal, payload)
           ),
           firsts as (
               select distinct on (provider_message_id, occurred_at) * from m order by provider_message_id, occurred_at, position
           ),
           stored as (
               insert into inbound_messages (workspace_id, channel_account_id, provider_message_id, sender_address, kind, body,
                                             occurred_at, received_at, dispatch_id, ordinal, payload)
               select $1, channel_account_id, provider_message_id, sender_address, kind, body, occurred_at, received_at,
                      dispatch_id, ordinal, payload::jsonb
                 from firsts
                   on conflict (workspace_id, provider_message_id, occurred_at) do nothing
            returning provider_message_id, occurred_at
           )
           select f.position as "position!" from stored s join firsts f using (provider_message_id, occurred_at)"#,
        workspace.uuid(),
        &positions,
        &accounts,
        &ids,
        &senders as &[Option<String>],
        &kinds,
        &bodies,
        &occurred,
        &received,
        &dispatches as &[Option<uuid::Uuid>],
        &ordinals as &[Option<i32>],
        &payloads,
    )
    .fetch_all(conn)
    .await?;
    Ok(flags(messages.len(), &new))
}

fn flags(len: usize, set: &[i32]) -> Vec<bool> {
    let mut flags = vec![false; len];
    for position in set {
        if let Some(flag) = usize::try_from(*position).ok().and_then(|position| flags.get_mut(position)) {
            *flag = true;
        }
    }
    flags
}

/// Webhooks waiting, and webhooks set aside.
pub async fn count(conn: &mut Connection) -> Result<(i64, i64), StorageError> {
    let row = sqlx::query!(
        r#"select count(*) filter (where state = 'received') as "received!",
                  count(*) filter (where state = 'unreadable') as "unreadable!"
             from webhook_inbox"#,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.received, row.unreadable))
}
