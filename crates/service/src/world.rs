//! What tests of use cases stand on: a database, two workspaces with people in every role, and Graph on this machine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::Timestamp;
use domain::ids::{UserId, WorkspaceId};
use domain::workspace::Role;
use secrecy::SecretString;
use serde_json::Value;
use storage::workspaces::{self, Workspace};

use crate::Services;
use crate::access::{Grant, WorkspaceAccess};
use crate::clock::Clock;
use crate::secrets::KeyRing;
use crate::settings::{Settings, WhatsAppSettings};

pub(crate) const APP_ID: &str = "1000000000000001";

/// Two workspaces and whoever may act in them.
pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) ours: WorkspaceId,
    pub(crate) theirs: WorkspaceId,
    user: UserId,
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_795_000_000 + second, 0).expect("a valid instant")
}

fn settings(graph: SocketAddr) -> Settings {
    Settings {
        public_origin: "https://fanfare.example".to_owned(),
        setup_token: None,
        settlement: std::time::Duration::from_secs(24 * 3_600),
        whatsapp: WhatsAppSettings {
            graph_url: format!("http://{graph}"),
            graph_version: "v24.0".to_owned(),
            app_id: Some(APP_ID.to_owned()),
            app_secret: Some(SecretString::from("app-secret")),
            webhook_verify_token: None,
        },
        pusher: None,
    }
}

impl World {
    pub(crate) async fn new(pool: storage::Pool, graph: SocketAddr) -> Self {
        let keys = KeyRing::new("k1", [("k1", &[7; 32])]).expect("the key is there");
        #[expect(clippy::disallowed_methods, reason = "a client for this machine")]
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let world = Self {
            services: Services::new(pool, Clock::Fixed(at(0)), keys, http, settings(graph)),
            ours: WorkspaceId::mint(at(0), [1; 10]),
            theirs: WorkspaceId::mint(at(0), [2; 10]),
            user: UserId::mint(at(0), [3; 10]),
        };
        world.seed().await;
        world
    }

    async fn seed(&self) {
        let mut conn = self.services.connection().await.expect("a connection");
        for (id, name) in [(self.ours, "Ours"), (self.theirs, "Theirs")] {
            let name = name.parse().expect("a name");
            let workspace = Workspace { id, name, time_zone: "UTC".to_owned(), default_country: None };
            workspaces::insert(&mut conn, &workspace, at(0)).await.expect("inserted");
        }
        let user = crate::accounts::User {
            id: self.user,
            email: "ana@brasa.example".parse().expect("an address"),
            name: "Ana".parse().expect("a name"),
        };
        storage::users::insert(&mut conn, &user, None, at(0)).await.expect("inserted");
    }

    /// A right to act in our workspace.
    pub(crate) fn access<G: Grant>(&self) -> WorkspaceAccess<G> {
        WorkspaceAccess::check(self.ours, self.user, Role::Owner).expect("an owner may do anything")
    }

    /// A right to act in the other workspace.
    pub(crate) fn access_to_theirs<G: Grant>(&self) -> WorkspaceAccess<G> {
        WorkspaceAccess::check(self.theirs, self.user, Role::Owner).expect("an owner may do anything")
    }

    /// Another Graph answers from now on.
    pub(crate) fn ask(&mut self, graph: &GraphDouble) {
        self.services.settings = Arc::new(settings(graph.address));
    }

    /// Lets time pass.
    pub(crate) fn later(&mut self, seconds: i64) {
        let now = self.services.clock.now();
        self.services.clock = Clock::Fixed(now + TimeDelta::seconds(seconds));
    }
}

/// Graph, answering what a test says; remembers method, path with query, and bearer token.
#[derive(Clone)]
pub(crate) struct GraphDouble {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl GraphDouble {
    pub(crate) async fn answering(
        answer: impl Fn(&str) -> (u16, Value) + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let remembered = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let bearer = request.headers()["authorization"].to_str().expect("text");
            let question = format!("{} {} {bearer}", request.method(), request.uri());
            let (status, body) = answer(&question);
            remembered.lock().expect("no test panicked in here").push(question);
            async move { (StatusCode::from_u16(status).expect("a status"), axum::Json(body)) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        #[expect(clippy::disallowed_methods, reason = "ends with the runtime of the test")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panicked in here").clone()
    }
}
