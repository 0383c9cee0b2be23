//! What must stand still after what was reported.

use std::collections::BTreeMap;

use domain::delivery::{PauseReach, PauseReason};
use domain::ids::{ChannelAccountId, DispatchId, WorkspaceId};
use storage::dispatches::control;
use storage::{Connection, StorageError};

/// What must stand still after what was reported.
#[derive(Default)]
pub(super) struct Halts {
    dispatches: BTreeMap<DispatchId, PauseReason>,
    senders: BTreeMap<ChannelAccountId, PauseReason>,
}

impl Halts {
    pub(super) fn add(&mut self, reason: PauseReason, account: ChannelAccountId, dispatch: DispatchId) {
        self.stop_dispatch(dispatch, reason);
        if reason.reach() != PauseReach::Dispatch {
            self.stop_sender(account, reason);
        }
    }

    pub(super) fn stop_dispatch(&mut self, dispatch: DispatchId, reason: PauseReason) {
        self.dispatches.entry(dispatch).or_insert(reason);
    }

    pub(super) fn stop_sender(&mut self, account: ChannelAccountId, reason: PauseReason) {
        self.senders.entry(account).or_insert(reason);
    }

    /// Stops the senders among it. Returns every dispatch that is to be paused, with the reason.
    pub(super) async fn carry_out_on_senders(
        mut self,
        conn: &mut Connection,
        workspace: WorkspaceId,
    ) -> Result<BTreeMap<DispatchId, PauseReason>, StorageError> {
        for (account, reason) in self.senders {
            let running = control::stop_senders(conn, workspace, account, reason, reason.sentence()).await?;
            for dispatch in running {
                self.dispatches.entry(dispatch).or_insert(reason);
            }
        }
        Ok(self.dispatches)
    }
}
