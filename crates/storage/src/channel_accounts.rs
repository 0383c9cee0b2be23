//! Connected senders, their sealed credentials, and what Graph says about WhatsApp numbers.

mod numbers;
#[cfg(test)]
mod tests;
mod upkeep;

use std::num::NonZeroU32;

use domain::Timestamp;
use domain::channel::{AccountState, Channel, RatePlan};
use domain::ids::{ChannelAccountId, UserId, WorkspaceId};

pub use self::numbers::{
    ConnectedNumber, WhatsAppNumber, find_by_phone_number_id, put_number, release_number,
};
pub use self::upkeep::{
    ResealedCredential, StaleCredential, claim_refresh, make_refresh_due, refresh_again, reseal,
    stale_credentials,
};
use crate::{Connection, StorageError};

/// A sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its id.
    pub id: ChannelAccountId,
    /// How it sends.
    pub channel: Channel,
    /// What the workspace calls it.
    pub name: String,
    /// Whether it can send.
    pub state: AccountState,
    /// How fast it may.
    pub plan: RatePlan,
    /// When its credential ends; `None` for never or not known.
    pub credential_expires_at: Option<Timestamp>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// What Graph says about it, for a WhatsApp number.
    pub whatsapp: Option<WhatsAppNumber>,
}

/// A sealed credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCredential {
    /// Which key sealed it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for SealedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedCredential({})", self.key_id)
    }
}

/// What connecting a sender writes, for a new one and for one that is connected again.
#[derive(Debug, Clone)]
pub struct Connected<'a> {
    /// The sender.
    pub id: ChannelAccountId,
    /// How it sends.
    pub channel: Channel,
    /// What it is called.
    pub name: &'a str,
    /// What it signs in with.
    pub credential: SealedCredential,
    /// When that ends.
    pub credential_expires_at: Option<Timestamp>,
    /// How fast it may send.
    pub plan: RatePlan,
    /// Who connected it.
    pub connected_by: UserId,
    /// When.
    pub at: Timestamp,
}

fn unreadable(column: &'static str) -> StorageError {
    StorageError::Unreadable { table: "channel_accounts", column }
}

fn plan_columns(plan: RatePlan) -> (i32, i32) {
    let column = |value: NonZeroU32| i32::try_from(value.get()).unwrap_or(i32::MAX);
    (column(plan.rate_per_second), column(plan.batch_size))
}

fn plan(rate_per_second: i32, batch_size: i32) -> Result<RatePlan, StorageError> {
    let read = |value: i32, column| {
        u32::try_from(value).ok().and_then(NonZeroU32::new).ok_or_else(|| unreadable(column))
    };
    Ok(RatePlan {
        rate_per_second: read(rate_per_second, "rate_per_second")?,
        batch_size: read(batch_size, "batch_size")?,
    })
}

/// Adds a connected sender.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    new: &Connected<'_>,
) -> Result<(), StorageError> {
    let (rate_per_second, batch_size) = plan_columns(new.plan);
    sqlx::query!(
        "insert into channel_accounts (workspace_id, channel_account_id, channel, name, state, credential,
                                       credential_key_id, credential_expires_at, rate_per_second, batch_size,
                                       connected_by, created_at, updated_at)
         values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, $10, $11, $11)",
        workspace.uuid(),
        new.id.uuid(),
        new.channel.as_str(),
        new.name,
        new.credential.bytes,
        new.credential.key_id,
        new.credential_expires_at,
        rate_per_second,
        batch_size,
        new.connected_by.uuid(),
        new.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a sender that is there a new credential and plan; it is connected afterwards, whatever it was. `false` if there
/// is no such sender.
pub async fn reconnect(
    conn: &mut Connection,
    workspace: WorkspaceId,
    renewed: &Connected<'_>,
) -> Result<bool, StorageError> {
    let (rate_per_second, batch_size) = plan_columns(renewed.plan);
    let changed = sqlx::query!(
        "update channel_accounts
            set state = 'connected', pause_kind = null, state_reason = null, name = $4, credential = $5, credential_key_id = $6,
                credential_expires_at = $7, rate_per_second = $8, batch_size = $9, connected_by = $10, updated_at = $11
          where workspace_id = $1 and channel_account_id = $2 and channel = $3",
        workspace.uuid(),
        renewed.id.uuid(),
        renewed.channel.as_str(),
        renewed.name,
        renewed.credential.bytes,
        renewed.credential.key_id,
        renewed.credential_expires_at,
        rate_per_second,
        batch_size,
        renewed.connected_by.uuid(),
        renewed.at,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Erases the credential of a sender that is not disconnected yet. `false` if there was nothing to disconnect.
pub async fn disconnect(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let changed = sqlx::query!(
        "update channel_accounts
            set state = 'disconnected', pause_kind = null, state_reason = null, credential = null, credential_key_id = null,
                credential_expires_at = null, updated_at = $3
          where workspace_id = $1 and channel_account_id = $2 and state <> 'disconnected'",
        workspace.uuid(),
        id.uuid(),
        at,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Changes what a sender may do per second, after its provider changed its mind. `false` if there is no such sender.
pub async fn set_plan(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    plan: RatePlan,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let (rate_per_second, batch_size) = plan_columns(plan);
    let changed = sqlx::query!(
        "update channel_accounts set rate_per_second = $3, batch_size = $4, updated_at = $5
          where workspace_id = $1 and channel_account_id = $2",
        workspace.uuid(),
        id.uuid(),
        rate_per_second,
        batch_size,
        at,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Lets a paused sender send again. `false` if it was not paused.
pub async fn resume(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<bool, StorageError> {
    let changed = sqlx::query!(
        "update channel_accounts set state = 'connected', pause_kind = null, state_reason = null, updated_at = now()
          where workspace_id = $1 and channel_account_id = $2 and state = 'paused'",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The credential of a sender; `None` if there is no such sender or it is disconnected.
pub async fn credential(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<SealedCredential>, StorageError> {
    let row = sqlx::query!(
        "select credential, credential_key_id from channel_accounts
          where workspace_id = $1 and channel_account_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| Some(SealedCredential { key_id: row.credential_key_id?, bytes: row.credential? })))
}

struct AccountRow {
    channel_account_id: uuid::Uuid,
    channel: String,
    name: String,
    state: String,
    pause_kind: Option<String>,
    state_reason: Option<String>,
    rate_per_second: i32,
    batch_size: i32,
    credential_expires_at: Option<Timestamp>,
    created_at: Timestamp,
    phone_number_id: Option<String>,
    waba_id: Option<String>,
    display_phone_number: Option<String>,
    verified_name: Option<String>,
    quality_rating: Option<String>,
    throughput_level: Option<String>,
    on_business_app: Option<bool>,
    messaging_limit: Option<String>,
    checked_at: Option<Timestamp>,
}

impl TryFrom<AccountRow> for ChannelAccount {
    type Error = StorageError;

    fn try_from(mut row: AccountRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.channel_account_id.into(),
            channel: row.channel.parse().map_err(|_| unreadable("channel"))?,
            state: AccountState::from_words(&row.state, row.pause_kind.as_deref(), row.state_reason.take())
                .ok_or_else(|| unreadable("state"))?,
            plan: plan(row.rate_per_second, row.batch_size)?,
            credential_expires_at: row.credential_expires_at,
            created_at: row.created_at,
            whatsapp: row.number(),
            name: row.name,
        })
    }
}

impl AccountRow {
    /// The joined row is there as a whole or not at all.
    fn number(&mut self) -> Option<WhatsAppNumber> {
        Some(WhatsAppNumber {
            phone_number_id: self.phone_number_id.take()?,
            waba_id: self.waba_id.take()?,
            display_phone_number: self.display_phone_number.take()?,
            verified_name: self.verified_name.take()?,
            quality_rating: self.quality_rating.take()?,
            throughput_level: self.throughput_level.take()?,
            on_business_app: self.on_business_app?,
            messaging_limit: self.messaging_limit.take(),
            checked_at: self.checked_at?,
        })
    }
}

/// A sender by id.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
) -> Result<Option<ChannelAccount>, StorageError> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"select a.channel_account_id, a.channel, a.name, a.state, a.pause_kind, a.state_reason, a.rate_per_second, a.batch_size,
                  a.credential_expires_at, a.created_at,
                  n.phone_number_id as "phone_number_id?", n.waba_id as "waba_id?",
                  n.display_phone_number as "display_phone_number?", n.verified_name as "verified_name?",
                  n.quality_rating as "quality_rating?", n.throughput_level as "throughput_level?",
                  n.on_business_app as "on_business_app?", n.messaging_limit, n.checked_at as "checked_at?"
             from channel_accounts a
             left join whatsapp_numbers n using (workspace_id, channel_account_id)
            where a.workspace_id = $1 and a.channel_account_id = $2"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(ChannelAccount::try_from).transpose()
}

/// The senders of a workspace: those that can send first, then by name.
pub async fn list(
    conn: &mut Connection,
    workspace: WorkspaceId,
) -> Result<Vec<ChannelAccount>, StorageError> {
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select a.channel_account_id, a.channel, a.name, a.state, a.pause_kind, a.state_reason, a.rate_per_second, a.batch_size,
                  a.credential_expires_at, a.created_at,
                  n.phone_number_id as "phone_number_id?", n.waba_id as "waba_id?",
                  n.display_phone_number as "display_phone_number?", n.verified_name as "verified_name?",
                  n.quality_rating as "quality_rating?", n.throughput_level as "throughput_level?",
                  n.on_business_app as "on_business_app?", n.messaging_limit, n.checked_at as "checked_at?"
             from channel_accounts a
             left join whatsapp_numbers n using (workspace_id, channel_account_id)
            where a.workspace_id = $1
            order by a.state = 'disconnected', lower(a.name), a.channel_account_id"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(ChannelAccount::try_from).collect()
}

/// Messages that a sender handed over since a moment, whatever became of them. Reads the seconds of its dispatches, not
/// their recipients.
pub async fn handed_over_since(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    since: Timestamp,
) -> Result<i64, StorageError> {
    let handed_over = sqlx::query_scalar!(
        r#"select coalesce(sum(s.handed_over), 0) as "handed_over!"
             from dispatches d join dispatch_seconds s using (workspace_id, dispatch_id)
            where d.workspace_id = $1 and d.channel_account_id = $2 and s.second >= $3
              and (d.ended_at is null or d.ended_at >= $3)"#,
        workspace.uuid(),
        id.uuid(),
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok(handed_over)
}
