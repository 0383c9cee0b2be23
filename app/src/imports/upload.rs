//! Receiving files: 200 MB are no argument of a server function.

use axum::extract::Path;
use axum::extract::multipart::{Field, Multipart};
use axum::response::{IntoResponse, Redirect, Response};
use domain::import::FILE_BYTES_MAX;
use http::HeaderMap;
use http::header::ACCEPT;
use service::access::Send;
use service::imports::{self, ImportError};

use super::page::upload_path;
use super::{IMPORT_PATH, UPLOAD_PATH, fields, forms};
use crate::contacts::places::IMPORTS_PATH;
use crate::error::{AppError, ErrorKind};
use crate::form_routes::FormRoutes;
use crate::forms::PostedForm;
use crate::request::RequestContext;

/// Most bytes of the fields around a file, and of a form that comes without one.
const FORM_BYTES_MAX: u64 = 1024 * 1024;
/// Most bytes of one field that is not the file.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// The routes that take files, and those that import files which were taken: neither fits into the limits of a form.
pub fn routes() -> FormRoutes {
    let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let with_file = FormRoutes::new().post(UPLOAD_PATH, post_upload);
    // A form is read into memory before anybody asks whose it is.
    let without = FormRoutes::new().post("/contacts/import/{upload}/run", forms::post_run);
    with_file
        .with_body_bytes_max(bytes(FILE_BYTES_MAX + FORM_BYTES_MAX))
        .merge(without.with_body_bytes_max(bytes(FORM_BYTES_MAX)))
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
    let page = format!("{}?{}", upload_path(id), fields::repeated(&form));
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
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| AppError::invalid("A field of the form is not text."))
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
