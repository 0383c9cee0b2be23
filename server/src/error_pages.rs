//! Puts a page in the place of a plain error where a browser shows it to a person.

use app::AppError;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

use crate::pages::Renderer;

/// Answers with a page what would have been a line of text.
pub(crate) async fn show(State(renderer): State<Renderer>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let shown_to_a_person = accepts_html(&parts.headers);
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let error = response.extensions().get::<AppError>().cloned().or_else(|| of_layer(&response));
    match error {
        Some(error) if shown_to_a_person => renderer.error(kept, error).await,
        Some(error) => axum::response::IntoResponse::into_response(error),
        None => response,
    }
}

/// What the limits of the server answer, in words.
fn of_layer(response: &Response<Body>) -> Option<AppError> {
    use app::error::ErrorKind;
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Some(AppError::new(ErrorKind::TooLarge, "This is more than the server takes at once."))
        }
        StatusCode::REQUEST_TIMEOUT => {
            Some(AppError::new(ErrorKind::Unavailable, "The server took too long. Try again in a moment."))
        }
        _ => None,
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
