//! Plain forms: POST, then a redirect, with or without script.
//!
//! A feature has a `forms.rs` with a router of handlers. A handler takes a [`PostedForm`], reads every field, calls one
//! use case, and ends in one of three ways: `form.done(path)` or `form.done_with(path, "Saved")` redirects (303);
//! `form.refuse(page)` redirects back to the page with what was typed and what is wrong; an [`AppError`] shows an error
//! page with its status. The page asks `FormState::of(action)` and hands values and errors to its fields.
//!
//! ```ignore
//! async fn rename(mut form: PostedForm) -> Result<Response, AppError> {
//!     let access = form.request.workspace_access::<Administer>().await?;
//!     let Some(name) = form.parse::<WorkspaceName>("name") else { return form.refuse("/settings").await };
//!     service::accounts::workspaces::rename(&form.request.services, &access, name).await?;
//!     form.done_with("/settings", "Saved").await
//! }
//! ```
//!
//! What travels from the POST to the page is kept in the session, never in the address. Passwords, read with
//! [`PostedForm::secret`], are not kept at all.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::request::Parts;
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};
use service::secrets::SecretString;

use crate::error::{AppError, ErrorKind};
use crate::request::RequestContext;
use crate::ui::form_errors::FieldError;

/// Where in a session the flash is kept.
pub(crate) const FLASH_KEY: &str = "flash";
/// The most text of a refused form that is kept for the page; longer fields come back empty.
const KEPT_BYTES_MAX: usize = 32 * 1024;

/// What one POST leaves for the page it redirects to. Shown once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// Digest of the path of the page it is for: a path may hold an invitation.
    page: PathDigest,
    /// Digest of the path the form was posted to, if it was refused.
    action: Option<PathDigest>,
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
    /// What was done.
    pub notice: Option<String>,
    /// Something to be shown once and kept nowhere in the clear.
    revealed: Option<SealedText>,
}

type PathDigest = [u8; 32];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SealedText {
    key_id: String,
    bytes: Vec<u8>,
}

/// What binds a sealed text to a flash, so that nothing else that is sealed can pass for one.
const FLASH_BINDING: &[u8] = b"fanfare flash";

impl Flash {
    fn of(page: &str) -> Self {
        Self { page: path_digest(page), ..Self::default() }
    }

    /// Whether it is for the page at this path.
    pub fn is_for(&self, path: &str) -> bool {
        self.page == path_digest(path)
    }
}

fn path_digest(page: &str) -> PathDigest {
    service::sessions::digest(page.split(['?', '#']).next().unwrap_or(page))
}

/// A form somebody posted.
#[derive(Debug)]
pub struct PostedForm {
    /// Who posted it.
    pub request: RequestContext,
    action: String,
    fields: Vec<(String, String)>,
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl PostedForm {
    /// A form whose fields were read from somewhere else than a plain body: one with a file, for instance.
    pub fn from_fields(request: RequestContext, action: &str, fields: Vec<(String, String)>) -> Self {
        Self { request, action: action.to_owned(), fields, values: BTreeMap::new(), errors: Vec::new() }
    }

    /// What was noted as wrong so far.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// A field as it was typed, without white space around it; empty if it was left out.
    pub fn text(&mut self, name: &str) -> String {
        let text = self.raw(name).trim().to_owned();
        self.values.insert(name.to_owned(), text.clone());
        text
    }

    /// A field that must not come back to the browser, not even after a mistake. Taken as it is.
    pub fn secret(&mut self, name: &str) -> SecretString {
        self.raw(name).to_owned().into()
    }

    /// Every value of a field that may be there several times.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.fields
            .iter()
            .filter(|(field, _)| field == name)
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// Whether a checkbox is ticked.
    pub fn ticked(&mut self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// A field that has to be there, as a type. `None` notes what is wrong.
    pub fn parse<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(name);
        if text.is_empty() {
            self.error(name, "Fill this in.");
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.error(name, sentence(&wrong));
                None
            }
        }
    }

    /// A field that may be left empty, as a type. `None` notes what is wrong; `Some(None)` is an empty field.
    pub fn parse_optional<T>(&mut self, name: &str) -> Option<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        if self.text(name).is_empty() { Some(None) } else { self.parse(name).map(Some) }
    }

    /// Notes what is wrong with a field and what would be right. An empty name means the form as a whole.
    pub fn error(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message));
    }

    /// Redirects to a page.
    pub fn done(self, page: &str) -> Response {
        Redirect::to(page).into_response()
    }

    /// Redirects to a page, which says what was done.
    ///
    /// # Errors
    ///
    /// If the session cannot be kept.
    pub async fn done_with(self, page: &str, notice: impl Into<String>) -> Result<Response, AppError> {
        let flash = Flash { notice: Some(notice.into()), ..Flash::of(page) };
        leave(&self.request, flash).await?;
        Ok(Redirect::to(page).into_response())
    }

    /// Redirects to a page, which shows something secret once: see [`revealed`].
    ///
    /// # Errors
    ///
    /// If the session cannot be kept.
    pub async fn reveal(self, page: &str, secret: &SecretString) -> Result<Response, AppError> {
        let sealed = self.request.services.secrets.seal(secret, FLASH_BINDING);
        let sealed = SealedText { key_id: sealed.key_id, bytes: sealed.bytes };
        let flash = Flash { revealed: Some(sealed), ..Flash::of(page) };
        leave(&self.request, flash).await?;
        Ok(Redirect::to(page).into_response())
    }

    /// Redirects back to the page of the form, which shows what was typed and what is wrong.
    ///
    /// # Errors
    ///
    /// If the session cannot be kept.
    pub async fn refuse(self, page: &str) -> Result<Response, AppError> {
        let mut values = self.values;
        let mut kept = 0;
        values.retain(|_, value| {
            kept += value.len();
            kept <= KEPT_BYTES_MAX
        });
        let flash =
            Flash { action: Some(path_digest(&self.action)), values, errors: self.errors, ..Flash::of(page) };
        leave(&self.request, flash).await?;
        Ok(Redirect::to(page).into_response())
    }

    fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}

async fn leave(request: &RequestContext, flash: Flash) -> Result<(), AppError> {
    request.session().insert(FLASH_KEY, flash).await.map_err(AppError::session)
}

/// The reason of a parser as a sentence: "it has no @" becomes "It has no @."
fn sentence(reason: &impl Display) -> String {
    let reason = reason.to_string();
    let mut chars = reason.chars();
    let start = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let stop = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{start}{}{stop}", chars.as_str())
}

fn unreadable(status: StatusCode) -> AppError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return AppError::new(ErrorKind::TooLarge, "This is more than the server takes at once.");
    }
    AppError::new(ErrorKind::Invalid, "The form could not be read. Reload the page and try again.")
}

impl<S: Send + Sync> FromRequest<S> for PostedForm {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let (mut parts, body) = request.into_parts();
        let context = RequestContext::from_request_parts(&mut parts, state).await?;
        let action = parts.uri.path().to_owned();
        let request = Request::from_parts(parts, body);
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) = form.map_err(|rejected| unreadable(rejected.status()))?;
        // No browser sends a zero character, and no text in the database can hold one.
        if fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(unreadable(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Ok(Self { request: context, action, fields, values: BTreeMap::new(), errors: Vec::new() })
    }
}

/// What a page knows about one of its forms: what was typed and what was wrong, if it was just refused.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    refused: bool,
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl FormState {
    /// The state of the form that is posted to `action`.
    pub fn of(action: &str) -> Self {
        let Some(flash) = flash().filter(|flash| flash.action == Some(path_digest(action))) else {
            return Self::default();
        };
        Self { refused: true, values: flash.values, errors: flash.errors }
    }

    /// With what the address of the page repeats, unless the form was just refused.
    #[must_use]
    pub fn or_repeated(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        if !self.refused {
            self.values.extend(values);
        }
        self
    }

    /// Whether the form was just refused.
    pub const fn refused(&self) -> bool {
        self.refused
    }

    /// What was typed; empty if nothing was.
    pub fn value(&self, name: &str) -> String {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// What was typed, or what the field holds at first.
    pub fn value_or(&self, name: &str, at_first: impl Into<String>) -> String {
        self.values.get(name).cloned().unwrap_or_else(|| at_first.into())
    }

    /// Whether a checkbox was ticked, or is at first.
    pub fn ticked_or(&self, name: &str, at_first: bool) -> bool {
        if self.refused { self.values.get(name).is_some_and(|value| !value.is_empty()) } else { at_first }
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<String> {
        FieldError::of(&self.errors, name)
    }

    /// Everything that is wrong, in the order of the fields, for the summary above the form.
    pub fn errors(&self) -> Vec<FieldError> {
        self.errors.clone()
    }
}

/// What the last POST revealed to this page, once.
pub fn revealed(request: &RequestContext) -> Option<SecretString> {
    let sealed = flash()?.revealed?;
    let sealed = service::secrets::Sealed { key_id: sealed.key_id, bytes: sealed.bytes };
    request.services.secrets.open(&sealed, FLASH_BINDING).ok()
}

/// What the last POST left for this page.
pub(crate) fn flash() -> Option<Flash> {
    use_context::<Parts>()?.extensions.get::<Flash>().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_becomes_a_sentence() {
        assert_eq!(sentence(&"it has no @"), "It has no @.");
        assert_eq!(sentence(&"Already."), "Already.");
        assert_eq!(sentence(&""), ".");
    }

    #[test]
    fn a_page_is_known_without_its_query() {
        let flash = Flash::of("/contacts?list=lst_1#top");
        assert!(flash.is_for("/contacts"));
        assert!(!flash.is_for("/contacts/lists"));
    }
}
