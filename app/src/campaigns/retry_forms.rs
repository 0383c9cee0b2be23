//! The click that tries people of a finished campaign again.

use axum::extract::Path;
use axum::response::Response;
use domain::campaign::IdempotencyKey;
use domain::dispatch::TryAgain;
use domain::ids::CampaignId;
use service::access::Send;
use service::campaigns::{self, Click, TryAgainError};

use super::forms::campaign_id;
use super::retry_page::{retry_href, retry_path};
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::ui::format::{count, people};

pub(super) fn routes() -> FormRoutes {
    FormRoutes::new().post("/campaigns/{id}/retry", post_retry)
}

/// What was clicked. `None` notes that the page did not say.
fn clicked(form: &mut PostedForm) -> Option<Click> {
    let what = form.text("what").parse::<TryAgain>();
    let key = form.text("key").parse::<IdempotencyKey>();
    let expected = form.text("expected").parse::<i64>();
    let twice_is_fine = form.ticked("twice");
    let (Ok(what), Ok(key), Ok(expected)) = (what, key, expected) else {
        form.error("", "The page was too old to send from. Look at the number once more.");
        return None;
    };
    Some(Click { what, key, expected, twice_is_fine })
}

async fn post_retry(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let id = campaign_id(&id)?;
    let access = form.request.workspace_access::<Send>().await?;
    let Some(click) = clicked(&mut form) else { return form.refuse(&retry_path(id)).await };
    match campaigns::try_again(&form.request.services, &access, id, &click).await {
        Ok(tried) if tried.is_new => {
            let number = people(u64::try_from(click.expected).unwrap_or(0));
            form.done_with(&format!("/campaigns/{id}"), format!("It goes out again to {number}.")).await
        }
        Ok(_) => Ok(form.done(&format!("/campaigns/{id}"))),
        Err(error) => retry_refused(form, id, &click, error).await,
    }
}

async fn retry_refused(
    mut form: PostedForm,
    id: CampaignId,
    click: &Click,
    error: TryAgainError,
) -> Result<Response, AppError> {
    match error {
        TryAgainError::NotFound => return Err(AppError::not_found()),
        TryAgainError::Storage(error) => return Err(error.into()),
        TryAgainError::KeyConflict => {
            let words =
                "This was asked for before with another choice. Open the campaign to see what was sent.";
            return Err(AppError::conflict(words));
        }
        // The page says why.
        TryAgainError::Refused(_) => {
            form.error("", "Nothing was sent. What stands in the way is said below.")
        }
        TryAgainError::NotConfirmed => {
            form.error("twice", "Nothing was sent. Tick this if it is what you want.");
        }
        TryAgainError::NumberChanged { expected, actual } => {
            let number = |people: i64| count(u64::try_from(people).unwrap_or(0));
            form.error(
                "",
                format!(
                    "Nothing was sent: it was {} people when you looked, now it is {}. Look again.",
                    number(expected),
                    number(actual)
                ),
            );
        }
    }
    form.refuse(&retry_href(id, click.what)).await
}
