//! What the pages of senders post to.

use axum::extract::Path;
use axum::response::Response;
use domain::account::SenderName;
use domain::ids::ChannelAccountId;
use service::access::{Administer, Send};
use service::channel_accounts::{self, ConnectError, ConnectField, ConnectProblem, ConnectWhatsApp, GraphId};

use super::account::account_path;
use super::connect::CONNECT_PATH;
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::shell::Section;

pub(super) fn token_path(id: ChannelAccountId) -> String {
    format!("/channels/{id}/token")
}

pub(super) fn check_path(id: ChannelAccountId) -> String {
    format!("/channels/{id}/check")
}

pub(super) fn disconnect_path(id: ChannelAccountId) -> String {
    format!("/channels/{id}/disconnect")
}

/// The routes of this feature's forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new()
        .post(CONNECT_PATH, post_connect)
        .post("/channels/{id}/token", post_token)
        .post("/channels/{id}/check", post_check)
        .post("/channels/{id}/disconnect", post_disconnect)
}

async fn post_connect(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let name = form.parse::<SenderName>("name");
    let phone_number_id = form.parse::<GraphId>("phone_number_id");
    let waba_id = form.parse::<GraphId>("waba_id");
    let token = form.secret("token");
    let (Some(name), Some(phone_number_id), Some(waba_id)) = (name, phone_number_id, waba_id) else {
        return form.refuse(CONNECT_PATH).await;
    };
    let new = ConnectWhatsApp { name, token, phone_number_id, waba_id };
    match channel_accounts::connect_whatsapp(&form.request.services, &access, new).await {
        Ok(account) => {
            let notice = format!("{} is connected, and its templates were read", account.name);
            form.done_with(Section::Channels.path(), notice).await
        }
        Err(error) => refuse(form, CONNECT_PATH, error).await,
    }
}

async fn post_token(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let id = parse(&id)?;
    let token = form.secret("token");
    match channel_accounts::replace_token(&form.request.services, &access, id, &token).await {
        Ok(account) => form.done_with(&account_path(id), format!("{} has a new token", account.name)).await,
        // The form has no other field; what is wrong with the number is said about the form as a whole.
        Err(ConnectError::Refused(problem)) if problem.field() != Some(ConnectField::Token) => {
            form.error("", problem.to_string());
            form.refuse(&account_path(id)).await
        }
        Err(error) => refuse(form, &account_path(id), error).await,
    }
}

async fn post_check(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let id = parse(&id)?;
    let page =
        if form.text("from") == "account" { account_path(id) } else { Section::Channels.path().to_owned() };
    match channel_accounts::refresh(&form.request.services, &access, id).await {
        Ok(account) => {
            let notice = format!("{} was checked with Meta and can send", account.name);
            form.done_with(&page, notice).await
        }
        Err(ConnectError::Refused(problem)) => {
            form.error("", problem.to_string());
            form.refuse(&page).await
        }
        Err(error) => refuse(form, &page, error).await,
    }
}

async fn post_disconnect(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let id = parse(&id)?;
    if channel_accounts::disconnect(&form.request.services, &access, id).await? {
        return form.done_with(Section::Channels.path(), "Disconnected. Its token is erased").await;
    }
    let access = access.require()?;
    match channel_accounts::get(&form.request.services, &access, id).await? {
        // Twice the same click is one.
        Some(_) => Ok(form.done(Section::Channels.path())),
        None => Err(AppError::not_found()),
    }
}

fn parse(id: &str) -> Result<ChannelAccountId, AppError> {
    id.parse().map_err(|_| AppError::not_found())
}

async fn refuse(mut form: PostedForm, page: &str, error: ConnectError) -> Result<Response, AppError> {
    match error {
        ConnectError::Refused(problem) => {
            form.error(field(&problem), problem.to_string());
            form.refuse(page).await
        }
        ConnectError::NotFound => Err(AppError::not_found()),
        ConnectError::Storage(error) => Err(error.into()),
    }
}

const fn field(problem: &ConnectProblem) -> &'static str {
    match problem.field() {
        Some(ConnectField::Token) => "token",
        Some(ConnectField::PhoneNumberId) => "phone_number_id",
        Some(ConnectField::WabaId) => "waba_id",
        None => "",
    }
}
