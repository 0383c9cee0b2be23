//! The built files: style, script, fonts.

use std::path::{Path, PathBuf};

use app::document::Site;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use leptos::config::{Env, LeptosOptions};
use tower_http::services::{ServeDir, ServeFile};

/// A name with a hash in it never means anything else.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A name without one is asked for again, and answered with 304 if nothing changed.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("public, no-cache");
/// The fewest characters of a hash in a name.
const HASH_LENGTH_MIN: usize = 8;

/// The folder of the built files.
///
/// It is read anew for each page, because a new build may take the place of the old one while the process runs; the
/// file has three lines.
#[derive(Debug, Clone)]
pub(crate) struct SiteFiles {
    root: PathBuf,
}

impl SiteFiles {
    /// Names the folder, and says in the log if nothing was built there.
    pub(crate) fn at(root: &Path) -> Self {
        let files = Self { root: root.to_owned() };
        if !files.hash_file().exists() {
            tracing::warn!(
                "no built site in server.site_root: pages have no style and no script; run `cargo xtask build`"
            );
        }
        files
    }

    fn hash_file(&self) -> PathBuf {
        absolute(&self.root.join("hash.txt"))
    }

    /// What is built at the moment.
    pub(crate) fn site(&self) -> Site {
        Site::parse(&std::fs::read_to_string(self.hash_file()).unwrap_or_default())
    }

    /// The same for Leptos.
    pub(crate) fn options(&self) -> LeptosOptions {
        let hash_file = self.hash_file();
        LeptosOptions::builder()
            .output_name("fanfare")
            .site_root(self.root.to_string_lossy().as_ref())
            .site_pkg_dir("pkg")
            .env(Env::PROD)
            .hash_files(hash_file.exists())
            .hash_file(hash_file.to_string_lossy().as_ref().into())
            .build()
    }
}

/// Leptos looks for a relative hash file beside the executable.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The routes of the built files, compressed beforehand where the browser takes it.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(site_root: &Path) -> Router<S> {
    let package =
        ServeDir::new(site_root.join("pkg")).precompressed_br().append_index_html_on_directories(false);
    Router::new()
        .nest_service("/pkg", package)
        .route_service("/favicon.svg", ServeFile::new(site_root.join("favicon.svg")))
        .layer(from_fn(cache))
}

async fn cache(request: Request, next: Next) -> Response {
    let hashed = has_hash(request.uri().path());
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == http::StatusCode::NOT_MODIFIED;
    let rule = if hashed && found { FOR_EVER } else { ASK_AGAIN };
    response.headers_mut().insert(CACHE_CONTROL, rule);
    response
}

/// Whether a file's name has a hash between name and extension: `fanfare.0123456789abcdef.css`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let parts: Vec<&str> = name.split('.').collect();
    let is_hash =
        |part: &&str| part.len() >= HASH_LENGTH_MIN && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.len() >= 3 && parts[1..parts.len() - 1].iter().any(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(has_hash("/pkg/fanfare.8da67b2230c7482c.js"));
        assert!(has_hash("/pkg/fonts/inter-latin.K4XQ2ABC.woff2"));
        assert!(!has_hash("/pkg/fanfare.js"));
        assert!(!has_hash("/pkg/snippets/inline0.js"));
        assert!(!has_hash("/pkg/fanfare.min.js"));
    }
}
