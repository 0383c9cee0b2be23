//! What the pages before sign-in, the shell's account menu and the workspace switcher post to.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::ids::{UserId, WorkspaceId};
use http::header::{REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use service::Services;
use service::access::{Read, authorize};
use service::accounts::first_run::{FirstRun, FirstRunError, set_up};
use service::accounts::invitations::{self, AcceptError};
use service::accounts::password::NewPassword;
use service::accounts::sign_in::{SignInError, TooMany, sign_in};
use service::accounts::workspaces;

use super::new_workspace::post_new_workspace;
use super::settings_forms;
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::request::Identity;
use crate::shell::theme::{THEME_COOKIE, THEME_PATH, Theme};
use crate::shell::{NEW_WORKSPACE_PATH, SIGN_OUT_PATH, SWITCH_WORKSPACE_PATH};
use crate::ui::format::{plural, time_left};

pub(super) const LOGIN_PATH: &str = "/login";
pub(super) const SETUP_PATH: &str = "/setup";
/// How long the browser keeps the chosen theme: a year.
const THEME_SECONDS: u32 = 365 * 24 * 3600;

pub(super) fn invitation_path(token: &str) -> String {
    format!("/invitation/{token}")
}

/// The routes of this feature's forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new()
        .post(LOGIN_PATH, post_sign_in)
        .post(SETUP_PATH, post_set_up)
        .post("/invitation/{token}", post_accept)
        .post(SIGN_OUT_PATH, post_sign_out)
        .post(SWITCH_WORKSPACE_PATH, post_switch_workspace)
        .post(NEW_WORKSPACE_PATH, post_new_workspace)
        .post(THEME_PATH, post_theme)
        .merge(settings_forms::routes())
}

/// A path on this server and nothing else: a link to sign-in must not lead elsewhere afterwards.
pub(super) fn local_path(path: &str) -> &str {
    let inside =
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.chars().any(char::is_control);
    if inside { path } else { "/" }
}

pub(super) fn wait(too_many: TooMany) -> String {
    let seconds = too_many.retry_after.as_secs() + 1;
    let wait = if seconds < 60 { plural(seconds, "second", "seconds") } else { time_left(seconds) };
    format!("Too many attempts. Try again in {wait}.")
}

/// Reads a new password. `None` notes what is wrong with it.
pub(super) fn new_password(form: &mut PostedForm, name: &str) -> Option<NewPassword> {
    match NewPassword::parse(form.secret(name)) {
        Ok(password) => Some(password),
        Err(wrong) => {
            let wrong = wrong.to_string();
            let (first, rest) = wrong.split_at(1);
            form.error(name, format!("{}{rest}.", first.to_uppercase()));
            None
        }
    }
}

async fn post_sign_in(mut form: PostedForm) -> Result<Response, AppError> {
    let next = form.text("next");
    let stay = form.ticked("stay");
    let password = form.secret("password");
    let Some(email) = form.parse("email") else { return form.refuse(LOGIN_PATH).await };
    match sign_in(&form.request.services, &email, password, form.request.client()).await {
        Ok(user) => {
            enter(&form, user, stay).await?;
            Ok(form.done(local_path(&next)))
        }
        Err(SignInError::Mismatch { tries_left }) => {
            let tries = match tries_left {
                0 => "That was the last try for now.".to_owned(),
                left => format!("{} left.", plural(left.into(), "try", "tries")),
            };
            form.error("password", format!("Email and password don’t match. {tries}"));
            form.refuse(LOGIN_PATH).await
        }
        Err(SignInError::TooMany(too_many)) => {
            form.error("", wait(too_many));
            form.refuse(LOGIN_PATH).await
        }
        Err(SignInError::Storage(error)) => Err(error.into()),
    }
}

/// Signs a person in, in the first of the workspaces the person belongs to.
async fn enter(form: &PostedForm, user: UserId, stay: bool) -> Result<(), AppError> {
    let workspace = first_workspace(&form.request.services, user).await?;
    form.request.sign_in(Identity { user, workspace, stay }).await
}

async fn first_workspace(services: &Services, user: UserId) -> Result<Option<WorkspaceId>, AppError> {
    let memberships = workspaces::of_user(services, user).await?;
    Ok(memberships.first().map(|membership| membership.workspace))
}

async fn post_set_up(mut form: PostedForm) -> Result<Response, AppError> {
    let setup_token = form.secret("setup_token");
    let name = form.parse("name");
    let email = form.parse("email");
    let password = new_password(&mut form, "password");
    let workspace_name = form.parse("workspace");
    let time_zone = form.parse("time_zone");
    let default_country = form.parse_optional("default_country");
    let (
        Some(name),
        Some(email),
        Some(password),
        Some(workspace_name),
        Some(time_zone),
        Some(default_country),
    ) = (name, email, password, workspace_name, time_zone, default_country)
    else {
        return form.refuse(SETUP_PATH).await;
    };
    let setup_token = Some(setup_token);
    let first = FirstRun { name, email, password, workspace_name, time_zone, default_country, setup_token };
    match set_up(&form.request.services, first, form.request.client()).await {
        Ok((user, workspace)) => {
            form.request.sign_in(Identity { user, workspace: Some(workspace), stay: true }).await?;
            form.done_with("/", "Your workspace is ready").await
        }
        Err(FirstRunError::WrongToken) => {
            form.error("setup_token", "This is not the word in the server’s settings.");
            form.refuse(SETUP_PATH).await
        }
        Err(FirstRunError::TooMany(too_many)) => {
            form.error("", wait(too_many));
            form.refuse(SETUP_PATH).await
        }
        Err(FirstRunError::AlreadyDone) => {
            Err(AppError::conflict("Somebody has set up this installation. Sign in instead."))
        }
        Err(FirstRunError::Storage(error)) => Err(error.into()),
    }
}

async fn post_accept(Path(token): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let page = invitation_path(&token);
    let Some(password) = new_password(&mut form, "password") else { return form.refuse(&page).await };
    match invitations::accept(&form.request.services, &token, password).await {
        Ok(user) => {
            enter(&form, user, true).await?;
            Ok(form.done("/"))
        }
        // The page says that the invitation is void.
        Err(AcceptError::Void) => Ok(form.done(&page)),
        Err(AcceptError::Storage(error)) => Err(error.into()),
    }
}

async fn post_sign_out(form: PostedForm) -> Result<Response, AppError> {
    form.request.sign_out().await?;
    Ok(form.done(LOGIN_PATH))
}

async fn post_switch_workspace(mut form: PostedForm) -> Result<Response, AppError> {
    let section = form.text("section");
    let workspace: WorkspaceId = form.text("workspace").parse().map_err(|_| AppError::not_found())?;
    let user = form.request.user()?;
    authorize::<Read>(&form.request.services, user, workspace).await?;
    form.request.show_workspace(Some(workspace)).await?;
    Ok(form.done(local_path(&section)))
}

async fn post_theme(headers: HeaderMap, mut form: PostedForm) -> Result<Response, AppError> {
    let theme = Theme::parse(&form.text("theme"));
    let origin = form.request.services.settings.public_origin.clone();
    let came_from = headers.get(REFERER).and_then(|referer| referer.to_str().ok()).unwrap_or("/");
    let path = came_from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|slash| &rest[slash..]));
    let secure = if origin.starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{THEME_COOKIE}={}; Path=/; Max-Age={THEME_SECONDS}; SameSite=Lax{secure}", theme.as_str());
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| AppError::internal(&error))?;
    let mut response = form.done(local_path(path.unwrap_or("/"))).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_server() {
        assert_eq!(local_path("/contacts?list=1"), "/contacts?list=1");
        for elsewhere in ["", "https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nb"]
        {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn waiting_is_said_in_words() {
        let wait_of = |seconds| wait(TooMany { retry_after: std::time::Duration::from_secs(seconds) });
        assert_eq!(wait_of(40), "Too many attempts. Try again in 41 seconds.");
        assert_eq!(wait_of(0), "Too many attempts. Try again in 1 second.");
    }
}
