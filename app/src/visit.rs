//! What happens to a browser's session before a page, form or server function sees the request.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, Uri};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::error::AppError;
use crate::forms::{FLASH_KEY, Flash};
use crate::request::{IDENTITY_KEY, Identity, expiry};

const SEEN_KEY: &str = "seen";

/// Days since 1970: a session's time runs anew once a day, not with every click, so that reading stays free of writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Day(i64);

/// Server functions are below this path. All of them are for people who are signed in.
const API_PREFIX: &str = "/api/";

/// Sets how long the session lasts, takes what the last POST left for this page, and turns strangers away from server
/// functions before their arguments are read.
///
/// # Errors
///
/// If the database does not answer, a stranger calls a server function, or the address is none.
pub async fn begin(mut request: Request, next: Next) -> Result<Response, AppError> {
    if !can_be_meant(request.uri()) {
        return Err(AppError::not_found());
    }
    let mut signed_in = false;
    if let Some(session) = request.extensions().get::<Session>().cloned()
        && session.id().is_some()
    {
        if let Some(identity) = session.get::<Identity>(IDENTITY_KEY).await.map_err(AppError::session)? {
            signed_in = true;
            session.set_expiry(Some(expiry(identity)));
            let today = Day(service::clock::Clock::System.now().timestamp() / 86_400);
            if session.get::<Day>(SEEN_KEY).await.map_err(AppError::session)? != Some(today) {
                session.insert(SEEN_KEY, today).await.map_err(AppError::session)?;
            }
        }
        if request.method() == Method::GET
            && let Some(flash) = session.get::<Flash>(FLASH_KEY).await.map_err(AppError::session)?
            && flash.is_for(request.uri().path())
        {
            session.remove_value(FLASH_KEY).await.map_err(AppError::session)?;
            request.extensions_mut().insert(flash);
        }
    }
    if !signed_in && request.uri().path().starts_with(API_PREFIX) {
        return Err(AppError::unauthenticated());
    }
    Ok(next.run(request).await)
}

/// Whether an address is one that a link of ours or a person's search can have: a path of text, and nowhere the zero
/// character, which no text in the database has.
fn can_be_meant(uri: &Uri) -> bool {
    let zero = |text: &str| text.contains("%00");
    !zero(uri.path())
        && !zero(uri.query().unwrap_or_default())
        && std::str::from_utf8(&decoded(uri.path())).is_ok()
}

fn decoded(path: &str) -> Vec<u8> {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_text() {
        let meant = |address: &'static str| can_be_meant(&Uri::from_static(address));
        for address in
            ["/", "/contacts?q=%C3%A9", "/contacts/%F0%9F%91%A9", "/contacts?q=%FF", "/100%", "/a%zz?b=%2"]
        {
            assert!(meant(address), "{address}");
        }
        for address in ["/contacts?q=%00", "/contacts/%00", "/contacts/%FF%FE", "/contacts/%ED%A0%80"] {
            assert!(!meant(address), "{address}");
        }
    }
}
