//! What webhooks say about whole business accounts: templates that may or may not be sent, bans, limits.

use channels::whatsapp::webhook::{AccountEvent, AccountNews, TemplateNews};
use domain::Timestamp;
use domain::delivery::PauseReason;
use domain::ids::{ChannelAccountId, WorkspaceId};
use domain::template::TemplateState;
use storage::dispatches::control;
use storage::templates::{self, ReportedState};
use storage::{Connection, StorageError, channel_accounts};

use super::halts::Halts;

/// News of a business account, with the workspace's senders of it.
pub(super) struct News {
    pub(super) event: AccountEvent,
    pub(super) received_at: Timestamp,
    pub(super) senders: Vec<ChannelAccountId>,
}

/// Writes down what is new, and adds to `halts` what must stand still because of it.
pub(super) async fn take(
    conn: &mut Connection,
    workspace: WorkspaceId,
    news: &[News],
    halts: &mut Halts,
) -> Result<(), StorageError> {
    for News { event, received_at, senders } in news {
        match &event.news {
            AccountNews::Template(template) => {
                let at = event.occurred_at.unwrap_or(*received_at);
                template_changed(conn, workspace, &event.waba_id, template, at, halts).await?;
            }
            AccountNews::Stopped(reason) => {
                for sender in senders {
                    halts.stop_sender(*sender, *reason);
                }
            }
            AccountNews::Changed => channel_accounts::make_refresh_due(conn, workspace, senders).await?,
        }
    }
    Ok(())
}

async fn template_changed(
    conn: &mut Connection,
    workspace: WorkspaceId,
    waba_id: &str,
    news: &TemplateNews,
    at: Timestamp,
    halts: &mut Halts,
) -> Result<(), StorageError> {
    let reported = ReportedState {
        waba_id,
        provider_template_id: &news.provider_template_id,
        name: &news.name,
        language: &news.language,
        state: &news.state,
        rejected_reason: news.rejected_reason.as_deref(),
        at,
    };
    for template in templates::report_state(conn, workspace, &reported).await? {
        tracing::info!(template.id = %template, state = news.state, "WhatsApp changed the state of a template");
        let running = control::using_template(conn, workspace, template).await?;
        if let Some(reason) = why_not(&news.state) {
            for dispatch in running {
                halts.stop_dispatch(dispatch, reason);
            }
        }
    }
    Ok(())
}

/// Why a template in this state cannot be sent; `None` if it can.
fn why_not(state: &str) -> Option<PauseReason> {
    match TemplateState::from(state) {
        TemplateState::Approved => None,
        TemplateState::Paused => Some(PauseReason::TemplatePaused),
        TemplateState::Disabled => Some(PauseReason::TemplateDisabled),
        _ => Some(PauseReason::TemplateMissing),
    }
}
