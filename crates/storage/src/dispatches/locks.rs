//! Locks over several dispatches, in the one order in which everybody takes them: ascending ids.

use domain::ids::{CampaignId, DispatchId, WorkspaceId};

use super::control::of_campaign;
use super::superseded;
use crate::{Connection, StorageError};

/// Locks dispatches in the one order in which everybody does, for a transaction that is going to bring news about several,
/// with those that try their people again. Nothing may be locked before.
pub async fn lock_all(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<(), StorageError> {
    lock_found(conn, workspace, Wanted::WithLater(dispatches)).await.map(drop)
}

/// Locks all dispatches of a campaign, so that none is added, and returns them. Nothing may be locked before.
pub async fn lock_campaign(
    conn: &mut Connection,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<DispatchId>, StorageError> {
    lock_found(conn, workspace, Wanted::OfCampaign(campaign)).await
}

/// Dispatches that are to be locked.
enum Wanted<'d> {
    /// These, and those that try their people again.
    WithLater(&'d [DispatchId]),
    /// All of a campaign.
    OfCampaign(CampaignId),
}

impl Wanted<'_> {
    async fn find(
        &self,
        conn: &mut Connection,
        workspace: WorkspaceId,
    ) -> Result<Vec<DispatchId>, StorageError> {
        match self {
            Self::WithLater(dispatches) => superseded::with_later(conn, workspace, dispatches).await,
            Self::OfCampaign(campaign) => of_campaign(conn, workspace, *campaign).await,
        }
    }
}

/// Locks the dispatches that are found, in ascending order. Somebody may make more of them in the meantime: then the locks
/// are given back and taken anew, because one taken later would be out of order. It ends when nobody does.
async fn lock_found(
    conn: &mut Connection,
    workspace: WorkspaceId,
    wanted: Wanted<'_>,
) -> Result<Vec<DispatchId>, StorageError> {
    let mut known = wanted.find(conn, workspace).await?;
    loop {
        sqlx::query!("savepoint locks").execute(&mut *conn).await?;
        lock_these(conn, workspace, &known).await?;
        let found = wanted.find(conn, workspace).await?;
        if found == known {
            sqlx::query!("release savepoint locks").execute(&mut *conn).await?;
            return Ok(found);
        }
        sqlx::query!("rollback to savepoint locks").execute(&mut *conn).await?;
        known = found;
    }
}

async fn lock_these(
    conn: &mut Connection,
    workspace: WorkspaceId,
    dispatches: &[DispatchId],
) -> Result<(), StorageError> {
    let ids: Vec<uuid::Uuid> = dispatches.iter().map(|dispatch| dispatch.uuid()).collect();
    sqlx::query!(
        "select from dispatches where workspace_id = $1 and dispatch_id = any ($2) order by dispatch_id for no key update",
        workspace.uuid(),
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}
