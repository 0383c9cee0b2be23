//! Who asks, and what they may do: the first line of every page, form and server function.
//!
//! ```ignore
//! let request = RequestContext::current().await?;
//! let access = request.workspace_access::<service::access::Send>().await?;
//! ```

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use domain::ids::{UserId, WorkspaceId};
use http::request::Parts;
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};
use service::Services;
use service::access::{Grant, WorkspaceAccess, authorize};
use service::sessions::SessionDigest;
use tower_sessions::{Expiry, Session};

use crate::error::AppError;
use crate::shell::theme::{THEME_COOKIE, Theme};

/// Where in a session the person is kept. The server's session store reads it, to know whose a session is.
pub const IDENTITY_KEY: &str = "identity";
/// How long a session lasts without a visit.
const SIGNED_IN_FOR: tower_sessions::cookie::time::Duration =
    tower_sessions::cookie::time::Duration::days(30);

/// The network address a request came from, as the server found it.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// Who is signed in, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The person.
    pub user: UserId,
    /// The workspace on screen; `None` for somebody who belongs to none.
    pub workspace: Option<WorkspaceId>,
    /// Stays signed in when the browser is closed.
    pub stay: bool,
}

/// One request: its session, and the services that answer it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// What use cases need.
    pub services: Services,
    /// The path that was asked for, with its query.
    pub path: String,
    session: Session,
    identity: Option<Identity>,
    client: IpAddr,
    theme: Theme,
}

impl RequestContext {
    /// The request that is being answered. Inside components and server functions.
    ///
    /// # Errors
    ///
    /// If the database does not answer, or outside a request.
    pub async fn current() -> Result<Self, AppError> {
        let parts = use_context::<Parts>().ok_or_else(|| outside("there is no request"))?;
        Self::of(&parts).await
    }

    /// The request with these parts.
    ///
    /// # Errors
    ///
    /// If the database does not answer, or the server's layers are missing.
    pub async fn of(parts: &Parts) -> Result<Self, AppError> {
        let extensions = &parts.extensions;
        let services = extensions.get::<Services>().ok_or_else(|| outside("there are no services"))?;
        let session = extensions.get::<Session>().ok_or_else(|| outside("there is no session"))?;
        let identity = session.get::<Identity>(IDENTITY_KEY).await.map_err(AppError::session)?;
        let client =
            extensions.get::<ClientAddress>().map_or(Ipv4Addr::UNSPECIFIED.into(), |client| client.0);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            services: services.clone(),
            path,
            session: session.clone(),
            identity,
            client,
            theme: theme(parts),
        })
    }

    /// Who is signed in.
    ///
    /// # Errors
    ///
    /// [`AppError::unauthenticated`] if nobody is.
    pub fn identity(&self) -> Result<Identity, AppError> {
        self.identity.ok_or_else(AppError::unauthenticated)
    }

    /// The person who is signed in.
    ///
    /// # Errors
    ///
    /// [`AppError::unauthenticated`] if nobody is.
    pub fn user(&self) -> Result<UserId, AppError> {
        Ok(self.identity()?.user)
    }

    /// What the person may do in the workspace on screen, by the membership as it is now.
    ///
    /// # Errors
    ///
    /// Unauthenticated without a session, not found without a membership, forbidden if the role does not allow it.
    pub async fn workspace_access<G: Grant>(&self) -> Result<WorkspaceAccess<G>, AppError> {
        let identity = self.identity()?;
        let workspace = identity.workspace.ok_or_else(AppError::not_found)?;
        Ok(authorize(&self.services, identity.user, workspace).await?)
    }

    /// The network address the request came from.
    pub const fn client(&self) -> IpAddr {
        self.client
    }

    /// The look the person chose.
    pub const fn theme(&self) -> Theme {
        self.theme
    }

    /// The session, for what belongs to one browser.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Under what the session is kept, if it is kept already.
    pub fn session_digest(&self) -> Option<SessionDigest> {
        self.session.id().map(|id| service::sessions::digest(&id.to_string()))
    }

    /// Signs a person in, under a new session id: one that was planted in the browser before is worth nothing.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn sign_in(&self, identity: Identity) -> Result<(), AppError> {
        self.session.cycle_id().await.map_err(AppError::session)?;
        self.session.clear().await;
        remember(&self.session, identity).await
    }

    /// Shows another workspace from now on. The caller has checked that the person belongs to it.
    ///
    /// # Errors
    ///
    /// If nobody is signed in, or the database does not answer.
    pub async fn show_workspace(&self, workspace: Option<WorkspaceId>) -> Result<(), AppError> {
        remember(&self.session, Identity { workspace, ..self.identity()? }).await
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn sign_out(&self) -> Result<(), AppError> {
        self.session.flush().await.map_err(AppError::session)
    }
}

async fn remember(session: &Session, identity: Identity) -> Result<(), AppError> {
    session.set_expiry(Some(expiry(identity)));
    session.insert(IDENTITY_KEY, identity).await.map_err(AppError::session)
}

/// How long the session of a person who is signed in lasts.
pub(crate) fn expiry(identity: Identity) -> Expiry {
    if identity.stay { Expiry::OnInactivity(SIGNED_IN_FOR) } else { Expiry::OnSessionEnd }
}

fn outside(what: &str) -> AppError {
    AppError::internal(&std::io::Error::other(what.to_owned()))
}

/// The look the person chose, out of the cookie.
pub(crate) fn theme(parts: &Parts) -> Theme {
    parts
        .headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == THEME_COOKIE)
        .map_or(Theme::default(), |(_, value)| Theme::parse(value))
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, AppError> {
        Self::of(parts).await
    }
}
