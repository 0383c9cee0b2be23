//! What is due where quiet hours have begun.

use domain::ids::DispatchId;
use storage::StorageError;
use storage::dispatches::quiet;

use crate::Services;

/// Puts off what is due where it has become quiet, one transaction per dispatch. Until then nothing of such a dispatch is
/// claimed. Returns the dispatches.
pub async fn look_through_nights(
    services: &Services,
    dispatches_max: i64,
) -> Result<Vec<DispatchId>, StorageError> {
    let begun = {
        let mut conn = services.connection().await?;
        quiet::begun(&mut conn, dispatches_max).await?
    };
    let mut looked_through = Vec::with_capacity(begun.len());
    for (workspace, dispatch) in begun {
        let mut tx = services.begin().await?;
        quiet::look_through(&mut tx, workspace, dispatch).await?;
        tx.commit().await?;
        looked_through.push(dispatch);
    }
    Ok(looked_through)
}
