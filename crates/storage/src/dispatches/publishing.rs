//! Which dispatches changed since the world was told.
//!
//! A trigger notes each change in the transaction that makes it (`dispatches.unpublished`), so whatever was committed is
//! published, whoever dies in between.

use domain::ids::{CampaignId, DispatchId, WorkspaceId};

use crate::{Connection, StorageError};

/// Any number that no other advisory lock of this schema has.
const PUBLISHER_LOCK: i64 = 0x6661_6e66_6172_6501;

/// A dispatch as it stands unpublished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpublished {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// The dispatch.
    pub dispatch: DispatchId,
    /// The version that was read.
    pub version: i64,
}

/// Takes the lock that one publisher of all processes holds for as long as its connection lives. `false` when another has
/// it.
pub async fn try_lead(conn: &mut Connection) -> Result<bool, StorageError> {
    let leads = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "leads!""#, PUBLISHER_LOCK)
        .fetch_one(conn)
        .await?;
    Ok(leads)
}

/// Gives the lock back.
pub async fn stop_leading(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!(r#"select pg_advisory_unlock($1) as "held!""#, PUBLISHER_LOCK).fetch_one(conn).await?;
    Ok(())
}

/// Dispatches that changed since they were published, without those of `except`.
pub async fn unpublished(
    conn: &mut Connection,
    except: &[CampaignId],
    dispatches_max: i64,
) -> Result<Vec<Unpublished>, StorageError> {
    let except: Vec<uuid::Uuid> = except.iter().map(|campaign| campaign.uuid()).collect();
    let rows = sqlx::query!(
        "select workspace_id, campaign_id, dispatch_id, version from dispatches
          where unpublished and campaign_id <> all ($1)
          order by workspace_id, campaign_id
          limit $2",
        &except,
        dispatches_max,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Unpublished {
            workspace: row.workspace_id.into(),
            campaign: row.campaign_id.into(),
            dispatch: row.dispatch_id.into(),
            version: row.version,
        })
        .collect())
}

/// Notes that these were published. One that changed meanwhile stays unpublished.
pub async fn mark_published(conn: &mut Connection, published: &[Unpublished]) -> Result<(), StorageError> {
    let workspaces: Vec<uuid::Uuid> = published.iter().map(|row| row.workspace.uuid()).collect();
    let dispatches: Vec<uuid::Uuid> = published.iter().map(|row| row.dispatch.uuid()).collect();
    let versions: Vec<i64> = published.iter().map(|row| row.version).collect();
    sqlx::query!(
        "update dispatches d set unpublished = false
           from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as p (workspace_id, dispatch_id, version)
          where d.workspace_id = p.workspace_id and d.dispatch_id = p.dispatch_id and d.version = p.version and d.unpublished",
        &workspaces,
        &dispatches,
        &versions,
    )
    .execute(conn)
    .await?;
    Ok(())
}
