//! How a page is made: load, check, show, in the shell, with the right status.
//!
//! ```ignore
//! #[component]
//! pub fn ListsPage() -> impl IntoView {
//!     signed_in(|request| async move {
//!         let access = request.workspace_access::<Read>().await?;
//!         let lists = service::contacts::lists(&request.services, &access).await?;
//!         Ok(Screen::new(Section::Contacts, "Lists", view! { <ListTable lists/> }))
//!     })
//! }
//! ```
//!
//! Without a session it redirects to sign-in and back; any other [`AppError`] becomes a page with its status. Pages are
//! rendered whole before the first byte leaves (`SsrMode::Async`), so that the status is always right.

use std::future::Future;

use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use service::accounts::workspaces;

use crate::error::{AppError, ErrorKind};
use crate::forms::flash;
use crate::request::RequestContext;
use crate::shell::{AppShell, Crumb, Section, ShellData, SubPage, WorkspaceChoice};
use crate::ui::brand::Brand;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::error_state::ErrorState;
use crate::ui::icon::Icon;
use crate::ui::toast::Toast;
use crate::ui::tone::Tone;

/// A page of the signed-in product: what it shows and where it belongs.
pub struct Screen {
    place: Place,
    view: AnyView,
}

/// Where a page belongs.
struct Place {
    section: Option<Section>,
    title: String,
    sub_pages: Vec<SubPage>,
    crumbs: Vec<Crumb>,
}

impl Screen {
    /// A page of a section.
    pub fn new(section: Section, title: impl Into<String>, view: impl IntoView + 'static) -> Self {
        let title = title.into();
        let crumbs = vec![Crumb::here(title.clone())];
        Self {
            place: Place { section: Some(section), title, sub_pages: Vec::new(), crumbs },
            view: view.into_any(),
        }
    }

    /// The pages of the section, of which this is one.
    #[must_use]
    pub fn with_sub_pages(mut self, sub_pages: Vec<SubPage>) -> Self {
        self.place.sub_pages = sub_pages;
        self
    }

    /// The way to the page, itself included.
    #[must_use]
    pub fn with_crumbs(mut self, crumbs: Vec<Crumb>) -> Self {
        self.place.crumbs = crumbs;
        self
    }
}

/// Shows a page to somebody who is signed in.
pub fn signed_in<L, F>(load: L) -> impl IntoView
where
    L: FnOnce(RequestContext) -> F + Send + 'static,
    F: Future<Output = Result<Screen, AppError>> + Send + 'static,
{
    Suspend::new(async move {
        let shown = async {
            let request = RequestContext::current().await?;
            request.identity()?;
            let Screen { place, view } = load(request.clone()).await?;
            let title = place.title.clone();
            Ok::<_, AppError>((title, shell_data(&request, place).await?, view))
        };
        match shown.await {
            Ok((title, data, view)) => in_shell(title, data, view),
            Err(error) => failed(error).await,
        }
    })
}

/// Shows a page to anybody, without the shell: signing in, setting up.
pub fn public<L, F>(load: L) -> impl IntoView
where
    L: FnOnce(RequestContext) -> F + Send + 'static,
    F: Future<Output = Result<AnyView, AppError>> + Send + 'static,
{
    Suspend::new(async move {
        let shown = async { load(RequestContext::current().await?).await };
        match shown.await {
            Ok(view) => view,
            Err(error) => failed(error).await,
        }
    })
}

fn in_shell(title: String, data: ShellData, view: AnyView) -> AnyView {
    let notice = flash().and_then(|flash| flash.notice);
    let toasts = notice.map(|notice| view! { <Toast>{notice}</Toast> }.into_any());
    view! {
        <Title text=title/>
        <AppShell data=data toasts=toasts>
            {view}
        </AppShell>
    }
    .into_any()
}

async fn shell_data(request: &RequestContext, place: Place) -> Result<ShellData, AppError> {
    let identity = request.identity()?;
    let services = &request.services;
    // An account that is gone while its session lives on: as if signed out.
    let person = workspaces::person(services, identity.user).await?.ok_or_else(AppError::unauthenticated)?;
    let memberships = workspaces::of_user(services, identity.user).await?;
    let on_screen = memberships.iter().find(|membership| Some(membership.workspace) == identity.workspace);
    // Removed from the workspace on screen: the next click is in another one.
    if on_screen.is_none() && identity.workspace != memberships.first().map(|first| first.workspace) {
        request.show_workspace(memberships.first().map(|first| first.workspace)).await?;
    }
    let on_screen = on_screen.or(memberships.first());
    let others = memberships
        .iter()
        .filter(|membership| Some(membership.workspace) != on_screen.map(|shown| shown.workspace))
        .map(|membership| WorkspaceChoice {
            id: membership.workspace.to_string(),
            name: membership.name.to_string(),
        })
        .collect();
    let sending_now = match request.workspace_access::<service::access::Read>().await {
        // On its own page, where the numbers move, it would only repeat those of when the page was made.
        Ok(access) => crate::campaigns::recent::sending_now(services, &access)
            .await?
            .filter(|now| Some(now.href.as_str()) != request.path.split('?').next()),
        Err(_) => None,
    };
    Ok(ShellData {
        workspace_id: on_screen.map(|shown| shown.workspace.to_string()).unwrap_or_default(),
        workspace_name: on_screen.map_or_else(|| "No workspace".to_owned(), |shown| shown.name.to_string()),
        other_workspaces: others,
        may_add_workspace: on_screen.is_some_and(|shown| shown.role.may(Permission::Administer)),
        user_id: person.id.to_string(),
        user_name: person.name.to_string(),
        user_email: person.email.as_str().to_owned(),
        section: place.section,
        sub_pages: place.sub_pages,
        badges: Vec::new(),
        crumbs: place.crumbs,
        sending_now,
        theme: request.theme(),
    })
}

/// What to show in place of a page.
pub async fn failed(error: AppError) -> AnyView {
    if error.kind == ErrorKind::Unauthenticated && is_page_view() {
        return to_sign_in().await;
    }
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(error.kind.status_code());
    }
    let title = title(error.kind).to_owned();
    let database_is_down = error.kind == ErrorKind::Unavailable && error.incident.is_some();
    let data = async {
        if database_is_down {
            return None;
        }
        let request = RequestContext::current().await.ok()?;
        request.identity().ok()?;
        let place = Place { section: None, title: String::new(), sub_pages: Vec::new(), crumbs: Vec::new() };
        shell_data(&request, place).await.ok()
    };
    let data = data.await;
    let view = error_state(&error).into_any();
    match data {
        Some(data) => in_shell(title, data, view),
        // A stranger, or the database is down: the page stands alone.
        None => view! {
            <Title text=title/>
            <main id="main" class="alone" tabindex="-1">
                <Brand href="/" label="Fanfare"/>
                {view}
            </main>
        }
        .into_any(),
    }
}

/// Whether somebody looks at a page, as opposed to sending a form whose content a redirect would lose.
fn is_page_view() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| parts.method == http::Method::GET)
}

async fn to_sign_in() -> AnyView {
    let request = RequestContext::current().await;
    let first_run = match &request {
        Ok(request) => service::accounts::first_run::is_needed(&request.services).await.unwrap_or(false),
        Err(_) => false,
    };
    let path = request.map_or_else(|_| "/".to_owned(), |request| request.path);
    let target = match (first_run, path.as_str()) {
        (true, _) => "/setup".to_owned(),
        (false, "/") => "/login".to_owned(),
        (false, path) => format!("/login?next={}", percent_encode(path)),
    };
    redirect(&target);
    view! { <main id="main"><p><a href=target>"Sign in"</a></p></main> }.into_any()
}

/// Sends the browser to another page instead of the one that is being rendered (303).
pub fn redirect(path: &str) {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(location) = http::HeaderValue::from_str(path)
    {
        response.set_status(http::StatusCode::SEE_OTHER);
        response.insert_header(http::header::LOCATION, location);
    }
}

/// Text as one value of a query.
pub(crate) fn percent_encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(byte.into())
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

const fn title(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "You are signed out",
        ErrorKind::Forbidden => "Your role does not allow this",
        ErrorKind::NotFound => "There is nothing here",
        ErrorKind::Invalid => "This could not be read",
        ErrorKind::Conflict => "This has changed meanwhile",
        ErrorKind::TooLarge => "This is too large",
        ErrorKind::TooManyRequests => "Too many attempts",
        ErrorKind::Unavailable => "Not available at the moment",
        ErrorKind::Internal => "The server could not do this",
    }
}

fn error_state(error: &AppError) -> impl IntoView + use<> {
    let (tone, icon) = match error.kind {
        ErrorKind::NotFound => (Tone::Neutral, Icon::Search),
        ErrorKind::Unauthenticated | ErrorKind::Forbidden => (Tone::Neutral, Icon::Warn),
        ErrorKind::TooManyRequests | ErrorKind::Unavailable => (Tone::Caution, Icon::Clock),
        ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::TooLarge | ErrorKind::Internal => {
            (Tone::Danger, Icon::Warn)
        }
    };
    let (href, label) = match error.kind {
        ErrorKind::Unauthenticated => ("/login", "Sign in"),
        _ => ("/", "Go to the dashboard"),
    };
    let actions = view! { <ButtonLink href=href variant=Variant::Primary>{label}</ButtonLink> }.into_any();
    let text = error.message.clone();
    match error.incident.clone() {
        Some(incident) => view! {
            <ErrorState tone=tone icon=icon title=title(error.kind) text=text incident=incident actions=actions/>
        }
        .into_any(),
        None => {
            view! { <ErrorState tone=tone icon=icon title=title(error.kind) text=text actions=actions/> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_one_query_value() {
        assert_eq!(percent_encode("/contacts?list=a&b=ü"), "/contacts%3Flist%3Da%26b%3D%C3%BC");
    }
}
