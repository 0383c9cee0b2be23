//! The routes beside the pages: what forms and files are posted to, and files that are downloaded.
//!
//! A router of axum does not say what is in it. This one does, so that a test can walk over every route there is and
//! none is without a line that says who may use it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};
use http::Method;

/// A method and a path, as axum writes paths: `/contacts/{id}/edit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRoute {
    /// The method.
    pub method: Method,
    /// The pattern of the path.
    pub path: &'static str,
}

/// Routes that can be listed.
#[derive(Debug, Default)]
pub struct FormRoutes {
    router: Router,
    listing: Vec<FormRoute>,
}

impl FormRoutes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With what a form at this path is posted to.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.with(Method::POST, path, post(handler))
    }

    /// With a file that is downloaded from this path.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.with(Method::GET, path, get(handler))
    }

    fn with(mut self, method: Method, path: &'static str, handler: MethodRouter) -> Self {
        self.router = self.router.route(path, handler);
        self.listing.push(FormRoute { method, path });
        self
    }

    /// With the routes of another part.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.listing.extend(other.listing);
        self
    }

    /// With a limit of its own, in bytes, on the body of each request.
    #[must_use]
    pub fn with_body_bytes_max(mut self, bytes_max: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(bytes_max));
        self
    }

    /// Every route.
    pub fn listing(&self) -> &[FormRoute] {
        &self.listing
    }

    /// As a part of a larger router.
    pub fn into_router<S>(self) -> Router<S> {
        self.router.with_state(())
    }
}
