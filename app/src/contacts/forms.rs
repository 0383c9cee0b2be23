//! What the pages of contacts post to.

use axum::extract::Path;
use axum::response::Response;
use domain::address::country::CountryCode;
use domain::contact::{ContactName, ListName};
use domain::ids::{ContactId, ListId};
use service::access::{Read, Send, WorkspaceAccess};
use service::accounts::workspaces;
use service::contacts::{self, ContactError, NewContact};
use service::lists::{self, ListError};
use service::suppressions::{self, SuppressionError};

use super::details::{attributes, hidden_address, phone, proof, typed_address};
use super::edit::edit_path;
use super::places::{LISTS_PATH, NEW_PATH, PEOPLE_PATH, SUPPRESSIONS_PATH, contact_path, list_path};
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;

pub(super) const LIFT_PATH: &str = "/contacts/suppressions/lift";

pub(super) fn delete_path(id: ContactId) -> String {
    format!("{}/delete", contact_path(id))
}

pub(super) fn opt_out_path(id: ContactId) -> String {
    format!("{}/opt-out", contact_path(id))
}

pub(super) fn consent_path(id: ContactId) -> String {
    format!("{}/consent", contact_path(id))
}

pub(super) fn add_address_path(id: ContactId) -> String {
    format!("{}/addresses", contact_path(id))
}

pub(super) fn add_to_list_path(id: ContactId) -> String {
    format!("{}/lists", contact_path(id))
}

pub(super) fn take_off_list_path(id: ContactId) -> String {
    format!("{}/lists/remove", contact_path(id))
}

pub(super) fn rename_list_path(id: ListId) -> String {
    format!("{LISTS_PATH}/{id}/rename")
}

pub(super) fn delete_list_path(id: ListId) -> String {
    format!("{LISTS_PATH}/{id}/delete")
}

/// The routes of this feature's forms.
pub fn routes() -> FormRoutes {
    FormRoutes::new()
        .post(NEW_PATH, post_new)
        .post(LISTS_PATH, post_new_list)
        .post("/contacts/lists/{id}/rename", post_rename_list)
        .post("/contacts/lists/{id}/delete", post_delete_list)
        .post(SUPPRESSIONS_PATH, post_suppress)
        .post(LIFT_PATH, post_lift)
        .post("/contacts/{id}/edit", post_edit)
        .post("/contacts/{id}/delete", post_delete)
        .post("/contacts/{id}/opt-out", post_opt_out)
        .post("/contacts/{id}/consent", post_consent)
        .post("/contacts/{id}/addresses", post_address)
        .post("/contacts/{id}/lists", post_add_to_list)
        .post("/contacts/{id}/lists/remove", post_take_off_list)
}

fn contact(id: &str) -> Result<ContactId, AppError> {
    id.parse().map_err(|_| AppError::not_found())
}

fn list(id: &str) -> Result<ListId, AppError> {
    id.parse().map_err(|_| AppError::not_found())
}

/// Whether the person of a page is one of the workspace, for what concerns an address or a list beside them.
async fn check_there(
    form: &PostedForm,
    access: &WorkspaceAccess<Send>,
    id: ContactId,
) -> Result<(), AppError> {
    let found = contacts::get(&form.request.services, &access.require()?, id).await?;
    found.map(|_| ()).ok_or_else(AppError::not_found)
}

async fn default_country(form: &PostedForm) -> Result<Option<CountryCode>, AppError> {
    let access = form.request.workspace_access::<Read>().await?;
    let workspace = workspaces::get(&form.request.services, &access).await?;
    Ok(workspace.and_then(|workspace| workspace.default_country))
}

async fn post_new(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let country = default_country(&form).await?;
    let name = form.parse_optional::<ContactName>("name");
    let phone = phone(&mut form, "phone", country);
    let email = form.parse_optional("email");
    let list = form.parse_optional::<ListId>("list");
    let proof = proof(&mut form);
    let (Some(name), Some(phone), Some(email), Some(list), Some(proof)) = (name, phone, email, list, proof)
    else {
        return form.refuse(NEW_PATH).await;
    };
    let new = NewContact {
        name: name.unwrap_or_default(),
        phone,
        email,
        attributes: Default::default(),
        proof,
        list,
    };
    match contacts::create(&form.request.services, &access, new).await {
        Ok(id) => form.done_with(&contact_path(id), "Added").await,
        Err(error) => refuse(form, NEW_PATH, error).await,
    }
}

async fn post_edit(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let id = contact(&id)?;
    let services = form.request.services.clone();
    let known = contacts::get(&services, &access.require()?, id).await?.ok_or_else(AppError::not_found)?;
    let name = form.parse_optional::<ContactName>("name");
    let keys = known.attributes.into_keys().collect::<Vec<_>>();
    let attributes = attributes(&mut form, &keys);
    let (Some(name), Some(attributes)) = (name, attributes) else {
        return form.refuse(&edit_path(id)).await;
    };
    match contacts::update(&services, &access, id, &name.unwrap_or_default(), &attributes).await {
        Ok(()) => form.done_with(&contact_path(id), "Saved").await,
        Err(error) => refuse(form, &edit_path(id), error).await,
    }
}

async fn post_delete(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    match contacts::delete(&form.request.services, &access, contact(&id)?).await {
        // Twice the same click is one.
        Ok(()) | Err(ContactError::NotFound) => form.done_with(PEOPLE_PATH, "Deleted").await,
        Err(error) => refuse(form, PEOPLE_PATH, error).await,
    }
}

async fn post_opt_out(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let (id, address) = (contact(&id)?, hidden_address(&mut form).ok_or_else(AppError::not_found)?);
    check_there(&form, &access, id).await?;
    suppressions::opt_out(&form.request.services, &access, &address).await?;
    form.done_with(&contact_path(id), "Opted out. Nothing more is sent there").await
}

async fn post_consent(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let (id, address) = (contact(&id)?, hidden_address(&mut form).ok_or_else(AppError::not_found)?);
    let Some(Some(proof)) = proof(&mut form) else {
        return form.refuse(&contact_path(id)).await;
    };
    match contacts::confirm_consent(&form.request.services, &access, id, &address, &proof).await {
        Ok(()) => form.done_with(&contact_path(id), "Consent is recorded").await,
        Err(error) => refuse(form, &contact_path(id), error).await,
    }
}

async fn post_address(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let id = contact(&id)?;
    let country = default_country(&form).await?;
    let Some(address) = typed_address(&mut form, "address", country) else {
        return form.refuse(&contact_path(id)).await;
    };
    match contacts::add_address(&form.request.services, &access, id, address, None).await {
        Ok(()) => form.done_with(&contact_path(id), "Added").await,
        Err(error) => refuse(form, &contact_path(id), error).await,
    }
}

async fn post_add_to_list(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let (id, list) = (contact(&id)?, list(&form.text("list"))?);
    match lists::add_members(&form.request.services, &access, list, &[id]).await {
        Ok(_) => form.done_with(&contact_path(id), "Put on the list").await,
        Err(error) => refuse_list(form, &contact_path(id), error).await,
    }
}

async fn post_take_off_list(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let (id, list) = (contact(&id)?, list(&form.text("list"))?);
    check_there(&form, &access, id).await?;
    match lists::remove_members(&form.request.services, &access, list, &[id]).await {
        Ok(_) => form.done_with(&contact_path(id), "Taken off the list").await,
        Err(error) => refuse_list(form, &contact_path(id), error).await,
    }
}

async fn post_new_list(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let Some(name) = form.parse::<ListName>("name") else {
        return form.refuse(LISTS_PATH).await;
    };
    match lists::create(&form.request.services, &access, &name).await {
        Ok(id) => form.done_with(&list_path(id), format!("{name} is made")).await,
        Err(error) => refuse_list(form, LISTS_PATH, error).await,
    }
}

async fn post_rename_list(Path(id): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let id = list(&id)?;
    let question = format!("{LISTS_PATH}?rename={id}");
    let Some(name) = form.parse::<ListName>("name") else {
        return form.refuse(&question).await;
    };
    match lists::rename(&form.request.services, &access, id, &name).await {
        Ok(()) => form.done_with(LISTS_PATH, format!("Renamed to {name}")).await,
        Err(error) => refuse_list(form, &question, error).await,
    }
}

async fn post_delete_list(Path(id): Path<String>, form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    match lists::delete(&form.request.services, &access, list(&id)?).await {
        // Twice the same click is one.
        Ok(()) | Err(ListError::NotFound) => form.done_with(LISTS_PATH, "The list is deleted").await,
        Err(error) => refuse_list(form, LISTS_PATH, error).await,
    }
}

async fn post_suppress(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let country = default_country(&form).await?;
    let Some(address) = typed_address(&mut form, "address", country) else {
        return form.refuse(SUPPRESSIONS_PATH).await;
    };
    match suppressions::add(&form.request.services, &access, &address).await {
        Ok(()) => form.done_with(SUPPRESSIONS_PATH, "Nothing is sent there any more").await,
        Err(error @ SuppressionError::AlreadySuppressed) => {
            form.error("address", format!("{}.", capital(&error.to_string())));
            form.refuse(SUPPRESSIONS_PATH).await
        }
        Err(error) => refuse_suppression(form, error).await,
    }
}

async fn post_lift(mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let address = hidden_address(&mut form).ok_or_else(AppError::not_found)?;
    match suppressions::lift(&form.request.services, &access, &address).await {
        Ok(()) => form.done_with(SUPPRESSIONS_PATH, "Taken off").await,
        Err(error) => refuse_suppression(form, error).await,
    }
}

async fn refuse(mut form: PostedForm, page: &str, error: ContactError) -> Result<Response, AppError> {
    let field = match &error {
        ContactError::Storage(_) => {
            let ContactError::Storage(error) = error else { return Err(AppError::not_found()) };
            return Err(error.into());
        }
        ContactError::NotFound => return Err(AppError::not_found()),
        ContactError::AddressTaken { address: domain::address::Address::Phone(_), .. }
            if page == NEW_PATH =>
        {
            "phone"
        }
        ContactError::AddressTaken { .. } if page == NEW_PATH => "email",
        ContactError::NoAddress => "phone",
        ContactError::NoSuchList => "list",
        ContactError::AddressTaken { .. } | ContactError::Withdrawn => "",
    };
    form.error(field, format!("{}.", capital(&error.to_string())));
    form.refuse(page).await
}

async fn refuse_list(mut form: PostedForm, page: &str, error: ListError) -> Result<Response, AppError> {
    match error {
        ListError::NameTaken => {
            form.error("name", "Another list has this name. Choose a different one.");
            form.refuse(page).await
        }
        ListError::NotFound | ListError::NoSuchContact => Err(AppError::not_found()),
        ListError::Storage(error) => Err(error.into()),
    }
}

async fn refuse_suppression(mut form: PostedForm, error: SuppressionError) -> Result<Response, AppError> {
    match error {
        SuppressionError::Storage(error) => Err(error.into()),
        SuppressionError::AlreadySuppressed | SuppressionError::NotLiftable => {
            form.error("", format!("{}.", capital(&error.to_string())));
            form.refuse(SUPPRESSIONS_PATH).await
        }
    }
}

/// A reason as the beginning of a sentence.
pub(super) fn capital(reason: &str) -> String {
    let mut characters = reason.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
