//! What the settings post to.

use axum::response::Response;
use domain::ids::UserId;
use domain::workspace::Role;
use service::access::Administer;
use service::accounts::invitations::Invitation;
use service::accounts::members::{self, MemberError, NewMember};
use service::accounts::password::{self, ChangeError};
use service::accounts::workspaces;

use super::forms::{invitation_path, new_password, wait};
use super::settings::Tab;
use crate::error::{AppError, ErrorKind};
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;

pub(super) const PASSWORD_PATH: &str = "/settings/password";
pub(super) const WORKSPACE_PATH: &str = "/settings/workspace";
pub(super) const ADD_MEMBER_PATH: &str = "/settings/team/add";
pub(super) const SET_ROLE_PATH: &str = "/settings/team/role";
pub(super) const NEW_LINK_PATH: &str = "/settings/team/link";
pub(super) const REMOVE_MEMBER_PATH: &str = "/settings/team/remove";

/// The routes of the settings' forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new()
        .post(PASSWORD_PATH, post_password)
        .post(WORKSPACE_PATH, post_workspace)
        .post(ADD_MEMBER_PATH, post_add_member)
        .post(SET_ROLE_PATH, post_set_role)
        .post(NEW_LINK_PATH, post_new_link)
        .post(REMOVE_MEMBER_PATH, post_remove_member)
}

async fn post_password(mut form: PostedForm) -> Result<Response, AppError> {
    let page = Tab::Account.path();
    let user = form.request.user()?;
    let session = form.request.session_digest().ok_or_else(AppError::unauthenticated)?;
    let present = form.secret("present");
    let Some(new) = new_password(&mut form, "password") else { return form.refuse(page).await };
    match password::change(&form.request.services, user, &session, present, new).await {
        Ok(_) => form.done_with(page, "Password changed. You are signed out everywhere else").await,
        Err(ChangeError::Mismatch) => {
            form.error("present", "This is not your present password.");
            form.refuse(page).await
        }
        Err(ChangeError::TooMany(too_many)) => {
            form.error("", wait(too_many));
            form.refuse(page).await
        }
        Err(ChangeError::Storage(error)) => Err(error.into()),
    }
}

async fn post_workspace(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let name = form.parse("name");
    let time_zone = form.parse("time_zone");
    let country = form.parse_optional("default_country");
    let (Some(name), Some(time_zone), Some(country)) = (name, time_zone, country) else {
        return form.refuse(WORKSPACE_PATH).await;
    };
    workspaces::update(&form.request.services, &access, name, time_zone, country).await?;
    form.done_with(WORKSPACE_PATH, "Workspace saved").await
}

async fn post_add_member(mut form: PostedForm) -> Result<Response, AppError> {
    let page = Tab::Team.path();
    let access = form.request.workspace_access::<Administer>().await?;
    let name = form.parse("name");
    let email = form.parse("email");
    let role = form.parse::<Role>("role");
    let (Some(name), Some(email), Some(role)) = (name, email, role) else { return form.refuse(page).await };
    match members::add(&form.request.services, &access, NewMember { name, email, role }).await {
        Ok(Some(invitation)) => show_link(form, &invitation).await,
        Ok(None) => form.done_with(page, "Added. This person signs in with the password they have").await,
        Err(MemberError::AlreadyMember) => {
            form.error("email", "A person with this email belongs to the workspace already.");
            form.refuse(page).await
        }
        Err(error) => refuse(form, error).await,
    }
}

async fn post_set_role(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let user = member(&mut form)?;
    let role: Role = form.text("role").parse().map_err(|_| AppError::invalid("There is no such role."))?;
    match members::set_role(&form.request.services, &access, user, role).await {
        Ok(()) => form.done_with(Tab::Team.path(), "Role changed").await,
        Err(error) => refuse(form, error).await,
    }
}

async fn post_new_link(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let user = member(&mut form)?;
    match members::renew_invitation(&form.request.services, &access, user).await {
        Ok(invitation) => show_link(form, &invitation).await,
        Err(error) => refuse(form, error).await,
    }
}

async fn post_remove_member(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Administer>().await?;
    let user = member(&mut form)?;
    match members::remove(&form.request.services, &access, user).await {
        Ok(()) if user == access.user() => Ok(form.done("/")),
        Ok(()) => form.done_with(Tab::Team.path(), "Removed from the workspace").await,
        Err(error) => refuse(form, error).await,
    }
}

fn member(form: &mut PostedForm) -> Result<UserId, AppError> {
    form.text("user").parse().map_err(|_| AppError::not_found())
}

/// The link leaves the server once; the table holds only its digest.
async fn show_link(form: PostedForm, invitation: &Invitation) -> Result<Response, AppError> {
    let origin = &form.request.services.settings.public_origin;
    let link = format!("{origin}{}", invitation_path(&invitation.token)).into();
    form.reveal(Tab::Team.path(), &link).await
}

async fn refuse(mut form: PostedForm, error: MemberError) -> Result<Response, AppError> {
    let sentence = match error {
        MemberError::NotMember => return Err(AppError::not_found()),
        MemberError::OwnersOnly => {
            return Err(AppError::new(
                ErrorKind::Forbidden,
                "Only an owner may do this. Ask an owner of the workspace.",
            ));
        }
        MemberError::Storage(error) => return Err(error.into()),
        MemberError::LastOwner => "This is the last owner. Make somebody else an owner first.",
        MemberError::AlreadyJoined => "This person has a password already and needs no link.",
        MemberError::AlreadyMember => "This person belongs to the workspace already.",
    };
    form.error("", sentence);
    form.refuse(Tab::Team.path()).await
}
