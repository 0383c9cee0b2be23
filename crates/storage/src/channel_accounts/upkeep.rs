//! What timers do to senders. These questions go through the whole installation; each answer names its workspace.

use std::time::Duration;

use domain::ids::{ChannelAccountId, WorkspaceId};

use super::SealedCredential;
use crate::{Connection, StorageError};

/// Takes upon the caller to ask the provider about one connected sender that nobody has asked about for so long. `None` if
/// there is none. Among any number of callers each sender goes to one.
///
/// The period of a sender lies between nine and eleven tenths of `every`, by its id, so that senders connected together do
/// not stay together.
pub async fn claim_refresh(
    conn: &mut Connection,
    every: Duration,
) -> Result<Option<(WorkspaceId, ChannelAccountId)>, StorageError> {
    let claimed = sqlx::query!(
        "with due as (
             select workspace_id, channel_account_id from channel_accounts
              where channel = 'whatsapp' and state = 'connected'
                and refresh_claimed_at
                    <= now() - make_interval(secs => $1)
                        * (0.9 + 0.2 * get_byte(uuid_send(channel_account_id), 15) / 255.0)
              order by refresh_claimed_at
              limit 1
                for update skip locked
         )
         update channel_accounts a set refresh_claimed_at = now()
           from due
          where a.workspace_id = due.workspace_id and a.channel_account_id = due.channel_account_id
      returning a.workspace_id, a.channel_account_id",
        every.as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(claimed.map(|row| (row.workspace_id.into(), row.channel_account_id.into())))
}

/// Makes a sender due again after `soon` rather than after `every`: the provider did not answer about it. Its own period is
/// counted, as [`claim_refresh`] counts it, or it would be due at once.
pub async fn refresh_again(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    every: Duration,
    soon: Duration,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update channel_accounts
            set refresh_claimed_at = now() + make_interval(secs => $4) - make_interval(secs => $3)
                * (0.9 + 0.2 * get_byte(uuid_send(channel_account_id), 15) / 255.0)
          where workspace_id = $1 and channel_account_id = $2",
        workspace.uuid(),
        id.uuid(),
        every.as_secs_f64(),
        soon.min(every).as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets the next worker that looks ask the provider about these senders, whenever it was asked last.
pub async fn make_refresh_due(
    conn: &mut Connection,
    workspace: WorkspaceId,
    ids: &[ChannelAccountId],
) -> Result<(), StorageError> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update channel_accounts set refresh_claimed_at = to_timestamp(0)
          where workspace_id = $1 and channel_account_id = any ($2)",
        workspace.uuid(),
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A credential that another key than the active one sealed.
#[derive(Debug, Clone)]
pub struct StaleCredential {
    /// The workspace of the sender.
    pub workspace: WorkspaceId,
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// As it is stored.
    pub sealed: SealedCredential,
}

/// Credentials sealed with another key than this one, in the order of their keys, after the given sender.
pub async fn stale_credentials(
    conn: &mut Connection,
    active_key: &str,
    after: Option<(WorkspaceId, ChannelAccountId)>,
    rows_max: i64,
) -> Result<Vec<StaleCredential>, StorageError> {
    let rows = sqlx::query!(
        r#"select workspace_id, channel_account_id, credential as "credential!", credential_key_id as "credential_key_id!"
             from channel_accounts
            where credential is not null and credential_key_id <> $1
              and ($2::uuid is null or (workspace_id, channel_account_id) > ($2, $3::uuid))
            order by workspace_id, channel_account_id
            limit $4"#,
        active_key,
        after.map(|(workspace, _)| workspace.uuid()),
        after.map(|(_, account)| account.uuid()),
        rows_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StaleCredential {
            workspace: row.workspace_id.into(),
            channel_account: row.channel_account_id.into(),
            sealed: SealedCredential { key_id: row.credential_key_id, bytes: row.credential },
        })
        .collect())
}

/// A credential before and after it was sealed anew.
#[derive(Debug, Clone)]
pub struct ResealedCredential {
    /// As it was read.
    pub stale: StaleCredential,
    /// The same, sealed with another key.
    pub fresh: SealedCredential,
}

/// Replaces credentials by what they were sealed to anew, unless they were replaced meanwhile: then the newer one stays.
/// Returns how many were replaced.
pub async fn reseal(conn: &mut Connection, credentials: &[ResealedCredential]) -> Result<u64, StorageError> {
    let workspaces: Vec<uuid::Uuid> = credentials.iter().map(|one| one.stale.workspace.uuid()).collect();
    let accounts: Vec<uuid::Uuid> = credentials.iter().map(|one| one.stale.channel_account.uuid()).collect();
    let stale: Vec<Vec<u8>> = credentials.iter().map(|one| one.stale.sealed.bytes.clone()).collect();
    let fresh: Vec<Vec<u8>> = credentials.iter().map(|one| one.fresh.bytes.clone()).collect();
    let keys: Vec<String> = credentials.iter().map(|one| one.fresh.key_id.clone()).collect();
    // Rows are locked in one order, so that two workers at once wait for each other instead of killing each other.
    let replaced = sqlx::query!(
        "with n as (
             select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::text[])
                 as n (workspace_id, channel_account_id, stale, fresh, key_id)
         ),
         unchanged as (
             select a.workspace_id, a.channel_account_id
               from channel_accounts a join n using (workspace_id, channel_account_id)
              where a.credential = n.stale
              order by a.workspace_id, a.channel_account_id
                for update of a
         )
         update channel_accounts a set credential = n.fresh, credential_key_id = n.key_id
           from n join unchanged using (workspace_id, channel_account_id)
          where a.workspace_id = n.workspace_id and a.channel_account_id = n.channel_account_id and a.credential = n.stale",
        &workspaces,
        &accounts,
        &stale,
        &fresh,
        &keys,
    )
    .execute(conn)
    .await?;
    Ok(replaced.rows_affected())
}
