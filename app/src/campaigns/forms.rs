//! What the pages of campaigns post to.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::CampaignId;
use service::access::Send;
use service::campaigns::{self, ControlError, UndoError};

use super::compose_steps::Step;
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::ui::format::{count, people};

/// The routes of this feature's forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new()
        .post("/campaigns/{id}/pause", post_pause)
        .post("/campaigns/{id}/resume", post_resume)
        .post("/campaigns/{id}/cancel", post_cancel)
        .post("/campaigns/{id}/undo", post_undo)
        .merge(super::compose_forms::routes())
        .merge(super::retry_forms::routes())
}

/// The campaign that the path names.
pub(super) fn campaign_id(text: &str) -> Result<CampaignId, AppError> {
    text.parse().map_err(|_| AppError::not_found())
}

fn on_their_way(escaped: i64) -> String {
    match u64::try_from(escaped).unwrap_or(0) {
        0 => "Nobody’s message was on its way.".to_owned(),
        1 => "At most 1 was on its way; the page says whether it went out.".to_owned(),
        escaped => format!("At most {} were on their way; the page says how many went out.", count(escaped)),
    }
}

async fn post_pause(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let page = format!("/campaigns/{id}");
    match campaigns::pause(&form.request.services, &access, id).await {
        Ok(paused) => form.done_with(&page, format!("Paused. {}", on_their_way(paused.escaped))).await,
        Err(error) => control_refused(form, &page, error).await,
    }
}

async fn post_resume(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let page = format!("/campaigns/{id}");
    match campaigns::resume(&form.request.services, &access, id).await {
        Ok(()) => form.done_with(&page, "It goes on.").await,
        Err(error) => control_refused(form, &page, error).await,
    }
}

async fn post_cancel(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let page = format!("/campaigns/{id}");
    match campaigns::cancel(&form.request.services, &access, id).await {
        Ok(cancelled) => {
            let withheld = people(u64::try_from(cancelled.withheld).unwrap_or(0));
            let notice =
                format!("Cancelled. {withheld} will not get it. {}", on_their_way(cancelled.escaped));
            form.done_with(&page, notice).await
        }
        Err(error) => control_refused(form, &page, error).await,
    }
}

async fn post_undo(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    match campaigns::undo(&form.request.services, &access, id).await {
        Ok(()) => {
            let notice = "Taken back. Nobody got it; the campaign is a draft again.";
            form.done_with(&Step::Review.href(id), notice).await
        }
        Err(UndoError::TooLate) => {
            let notice = "Too late to take it back: messages are leaving. You can pause or cancel.";
            form.done_with(&format!("/campaigns/{id}"), notice).await
        }
        Err(UndoError::NotFound) => Err(AppError::not_found()),
        Err(UndoError::Storage(error)) => Err(error.into()),
    }
}

/// Somebody, or the last recipient, was faster: the page shows how it stands, and says so.
pub(super) async fn control_refused(
    form: PostedForm,
    page: &str,
    error: ControlError,
) -> Result<Response, AppError> {
    match error {
        ControlError::NotFound => Err(AppError::not_found()),
        ControlError::Refused(refused) => {
            let notice = format!("Nothing was changed: the campaign is {} already.", refused.state);
            form.done_with(page, notice).await
        }
        ControlError::StillStopped(sentence) => {
            form.done_with(page, format!("Not resumed. {sentence}")).await
        }
        ControlError::Storage(error) => Err(error.into()),
    }
}
