//! Receiving files: 200 MB are no argument of a server function.

use axum::Router;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, Path};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use domain::import::FILE_BYTES_MAX;
use http::HeaderMap;
use http::header::ACCEPT;
use service::access::Send;
use service::imports::{self, ImportError};

use super::page::upload_path;
use super::{IMPORT_PATH, UPLOAD_PATH, fields, forms};
use crate::contacts::places::IMPORTS_PATH;
use crate::error::{AppError, ErrorKind};
use crate::forms::PostedForm;
use crate::request::RequestContext;

/// Room for the fields around the file.
const FORM_BYTES_MAX: u64 = 1024 * 1024;
/// Most bytes of one field that is not the file.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// The routes that take files, and those that import files which were taken: neither fits into the limits of a form.
pub fn routes<S: Clone + std::marker::Send + Sync + 'static>() -> Router<S> {
    let bytes_max = usize::try_from(FILE_BYTES_MAX + FORM_BYTES_MAX).unwrap_or(usize::MAX);
    Router::new()
        .route(UPLOAD_PATH, post(post_upload))
        .route("/contacts/import/{upload}/run", post(forms::post_run))
        .layer(DefaultBodyLimit::max(bytes_max))
}

/// Takes a file. With a mapping before it, it is imported as it arrives; without, it is kept until it is mapped.
async fn post_upload(
    request: RequestContext,
    headers: HeaderMap,
    mut multipart: Multipart,
) -> Result<Response, AppError> {
    let access = request.workspace_access::<Send>().await?;
    let wants_json = headers.get(ACCEPT).is_some_and(|accept| accept == "application/json");
    let mut texts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            texts.push((name, text(field).await?));
            continue;
        }
        let file_name = field.file_name().unwrap_or_default().to_owned();
        let mut form = PostedForm::from_fields(request.clone(), UPLOAD_PATH, texts);
        if form.all("target-0").is_empty() {
            let kept = imports::keep_upload(&request.services, &access, &file_name, Box::pin(field)).await;
            return match kept {
                Ok(id) => Ok(Redirect::to(&upload_path(id)).into_response()),
                Err(error) => refuse(form, error, wants_json).await,
            };
        }
        let Some(import) = fields::request(&mut form, &file_name) else {
            return refuse_fields(form, wants_json).await;
        };
        return match imports::import_csv(&request.services, &access, import, Box::pin(field)).await {
            Ok(import) => Ok(answer(&format!("{IMPORTS_PATH}/{}", import.id), wants_json)),
            Err(error) => refuse(form, error, wants_json).await,
        };
    }
    let mut form = PostedForm::from_fields(request, UPLOAD_PATH, texts);
    form.error("file", "Choose a file.");
    refuse_fields(form, wants_json).await
}

/// Imports a file that was kept.
pub(super) async fn run(Path(upload): Path<String>, mut form: PostedForm) -> Result<Response, AppError> {
    let access = form.request.workspace_access::<Send>().await?;
    let id = upload.parse().map_err(|_| AppError::not_found())?;
    let page = upload_path(id);
    let file_name = form.text("file_name");
    let Some(import) = fields::request(&mut form, &file_name) else {
        return form.refuse(&page).await;
    };
    match imports::import_upload(&form.request.services, &access, id, import).await {
        Ok(import) => Ok(form.done(&format!("{IMPORTS_PATH}/{}", import.id))),
        Err(error) => {
            let error = forms::app_error(error);
            if error.kind != ErrorKind::Invalid {
                return Err(error);
            }
            form.error("", error.message);
            form.refuse(&page).await
        }
    }
}

fn answer(path: &str, wants_json: bool) -> Response {
    if wants_json {
        axum::Json(serde_json::json!({ "location": path })).into_response()
    } else {
        Redirect::to(path).into_response()
    }
}

async fn refuse(mut form: PostedForm, error: ImportError, wants_json: bool) -> Result<Response, AppError> {
    let error = forms::app_error(error);
    if wants_json || error.kind != ErrorKind::Invalid {
        return Err(error);
    }
    form.error("file", error.message);
    form.refuse(IMPORT_PATH).await
}

async fn refuse_fields(form: PostedForm, wants_json: bool) -> Result<Response, AppError> {
    if !wants_json {
        return form.refuse(IMPORT_PATH).await;
    }
    let reasons = form.errors().iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
    Err(AppError::invalid(reasons))
}

/// A field that is not the file.
async fn text(mut field: Field<'_>) -> Result<String, AppError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(AppError::new(ErrorKind::TooLarge, "A field of the form is too long."));
        }
    }
    String::from_utf8(bytes).map_err(|_| AppError::invalid("A field of the form is not text."))
}

fn unreadable(error: axum::extract::multipart::MultipartError) -> AppError {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        return AppError::new(
            ErrorKind::TooLarge,
            "The file is larger than 256 MB. Split it and import the parts.",
        );
    }
    AppError::invalid("The upload broke off before the end of the file. Nothing was imported; try again.")
}
