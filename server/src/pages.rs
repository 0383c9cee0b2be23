//! Pages, forms and server functions: what `app` has, as routes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use app::app::{App, form_routes, upload_routes};
use app::document::document;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use http::request::Parts;
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};

use crate::site_files::SiteFiles;

type Rendered = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Renders whatever is at a request's path, with something more in the context.
#[derive(Clone)]
pub(crate) struct Renderer {
    render: Arc<dyn Fn(Request, Option<app::app::Instead>) -> Rendered + Send + Sync>,
}

impl Renderer {
    pub(crate) fn new(files: &SiteFiles) -> Self {
        let files = files.clone();
        Self {
            render: Arc::new(move |request, instead| {
                let (context_files, files) = (files.clone(), files.clone());
                let context = move || {
                    page_context(&context_files);
                    if let Some(instead) = instead.clone() {
                        provide_context(instead);
                    }
                };
                render_app_async_with_context(context, move || document(files.options()))(request)
            }),
        }
    }

    /// The page at the request's path: "there is nothing here" for a path without one.
    pub(crate) async fn page(&self, request: Request) -> Response {
        (self.render)(request, None).await
    }

    /// An error page.
    pub(crate) async fn error(&self, parts: Parts, error: app::AppError) -> Response {
        (self.render)(Request::from_parts(parts, Body::empty()), Some(app::app::Instead(error))).await
    }
}

/// What every component and server function may ask for.
fn page_context(files: &SiteFiles) {
    provide_context(files.site());
    // The nonce of this answer's headers in place of the one that Leptos drew.
    let nonce = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Nonce>().cloned());
    if let Some(nonce) = nonce {
        provide_context(nonce);
    }
}

/// The routes of `app`. A path or method without one goes to the renderer, which says so.
pub(crate) fn routes(files: &SiteFiles, renderer: Renderer) -> Router {
    let listing = generate_route_list(App);
    let (context_files, document_files) = (files.clone(), files.clone());
    let nothing_here = move |request: Request| {
        let renderer = renderer.clone();
        async move { renderer.page(request).await }
    };
    let options = files.options();
    Router::new()
        .merge(form_routes().into_router())
        .leptos_routes_with_context(
            &options,
            listing,
            move || page_context(&context_files),
            move || document(document_files.options()),
        )
        .fallback(nothing_here.clone())
        .method_not_allowed_fallback(nothing_here)
        .with_state(options)
}

/// Where files are posted to. These come without the limits of pages and forms.
pub(crate) fn uploads(renderer: Renderer) -> Router {
    upload_routes().into_router().method_not_allowed_fallback(move |request: Request| {
        let renderer = renderer.clone();
        async move { renderer.page(request).await }
    })
}

/// Paths of all server functions.
pub fn server_functions() -> Vec<&'static str> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect()
}

/// Every page, form, file and server function, as method and pattern of the path: what a test that walks over every one
/// of them walks over. Inside a Tokio runtime, as Leptos finds its pages by rendering.
pub fn endpoints() -> Vec<(Method, String)> {
    let pages = generate_route_list(App).into_iter().map(|page| (Method::GET, page.path().to_owned()));
    let functions =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (method, path.to_owned()));
    let forms = form_routes().merge(upload_routes());
    let forms = forms.listing().iter().map(|form| (form.method.clone(), form.path.to_owned()));
    pages.chain(functions).chain(forms).collect()
}
