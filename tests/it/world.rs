//! A web process in the test's own process, and browsers that visit it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::workspace::Role;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::multipart::Form;
use reqwest::{Body, Method, StatusCode, redirect};
use runtime::config::Config;
use runtime::tasks::Tasks;
use runtime::telemetry::Metrics;
use service::Services;
use sqlx::{ConnectOptions, PgPool};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What every person of a world signs in with.
pub const PASSWORD: &str = "winter harvest 2026";
/// The person who sets a world up.
pub const OWNER: &str = "ines@brasa.example";
/// Base64 of 32 bytes.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A running web process on a database of its own.
pub struct World {
    /// Scheme, host and port.
    pub origin: String,
    /// What the process answers with.
    pub services: Services,
    stop: CancellationToken,
}

impl World {
    /// Starts a web process with default settings on a migrated database.
    pub async fn start(pool: &PgPool) -> Self {
        Self::start_with(pool, &[]).await
    }

    /// Starts a web process with these settings, as FANFARE_* would set them.
    pub async fn start_with(pool: &PgPool, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("a bound socket"));
        let database = pool.connect_options().to_url_lossy().to_string();
        let environment: BTreeMap<String, String> = [
            ("FANFARE_DATABASE__URL", database.as_str()),
            ("FANFARE_DATABASE__MAX_CONNECTIONS", "6"),
            ("FANFARE_SERVER__PUBLIC_URL", &origin),
            ("FANFARE_SERVER__SITE_ROOT", "no-site"),
            ("FANFARE_SECRETS__KEYS__K1", KEY),
        ]
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        let config = Config::load(None, environment).expect("the settings of a test are right");
        let services = server::services(&config).await.expect("the test's database is there");
        let stop = CancellationToken::new();
        let tasks = Tasks::new(stop.clone());
        // A process has one recorder, and may have many servers.
        static METRICS: OnceLock<Metrics> = OnceLock::new();
        let metrics = METRICS.get_or_init(|| Metrics::install().expect("a recorder")).clone();
        let served = services.clone();
        // Not one of the tasks that the server waits for when it stops.
        Tasks::new(stop.clone()).spawn(async move {
            server::serve(served, &config.server, metrics, listener, &tasks)
                .await
                .expect("the server serves");
        });
        Self { origin, services, stop }
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        #[expect(clippy::disallowed_methods, reason = "a browser, not a caller of providers")]
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
        Browser { client, origin: self.origin.clone() }
    }

    /// Does the first run. The owner's browser, signed in.
    pub async fn set_up(&self) -> Browser {
        let browser = self.browser();
        let answer = browser.post("/setup", &first_run()).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.body);
        browser
    }

    /// Adds a person to the owner's workspace and follows the invitation. The person's browser, signed in.
    pub async fn join(&self, owner: &Browser, email: &str, role: Role) -> Browser {
        let link = self.invite(owner, email, role).await;
        let browser = self.browser();
        let answer = browser.post(&link, &[("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.body);
        browser
    }

    /// Adds a person to the owner's workspace. The path of the invitation.
    pub async fn invite(&self, owner: &Browser, email: &str, role: Role) -> String {
        let person = [("name", "Tom Reis"), ("email", email), ("role", role.as_str())];
        let page = owner.post("/settings/team/add", &person).await;
        assert_eq!(page.location(), "/settings/team", "{}", page.body);
        let page = owner.get("/settings/team").await;
        let link =
            page.between(&format!("{}/invitation/", self.origin), "\"").expect("the link is shown once");
        format!("/invitation/{link}")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What a first run posts.
pub fn first_run() -> [(&'static str, &'static str); 6] {
    [
        ("name", "Inês Duarte"),
        ("email", OWNER),
        ("password", PASSWORD),
        ("workspace", "Brasa Coffee"),
        ("time_zone", "Europe/Lisbon"),
        ("default_country", "PT"),
    ]
}

/// A browser: keeps cookies, says where its forms come from, and shows redirects instead of following them.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    origin: String,
}

impl Browser {
    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], &[]).await
    }

    /// Opens a page with more headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, &[]).await
    }

    /// Sends a form from one of our own pages.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, &[("origin", &self.origin.clone())], fields).await
    }

    /// Sends a form with these headers and no others.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, headers, fields).await
    }

    /// Calls a server function as an island does, with arguments in JSON.
    pub async fn call(&self, path: &str, arguments: &str) -> Answer {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header("origin", &self.origin)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(arguments.to_owned());
        answer(request).await
    }

    /// Posts a body as it is, from one of our own pages.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header("origin", &self.origin)
            .header("accept", "text/html")
            .header("content-type", content_type)
            .body(body);
        answer(request).await
    }

    /// Sends a form with a file from one of our own pages, and asks for an answer of this type.
    pub async fn post_file(&self, path: &str, accept: &str, form: Form) -> Answer {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header("origin", &self.origin)
            .header("accept", accept)
            .multipart(form);
        answer(request).await
    }

    /// Asks for a WebSocket, as a page of ours does.
    pub async fn ask_for_socket(&self, path: &str) -> reqwest::Response {
        let request = self
            .client
            .get(format!("{}{path}", self.origin))
            .header("origin", &self.origin)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "c2l4dGVlbiBieXRlcyAhIQ==");
        request.send().await.expect("the server answers")
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/login", &[("email", email), ("password", password), ("stay", "on")]).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let posts = method == Method::POST;
        let mut request =
            self.client.request(method, format!("{}{path}", self.origin)).header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if posts {
            request = request.form(fields);
        }
        answer(request).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.text().await.expect("a body") }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The page.
    pub body: String,
}

impl Answer {
    /// Where it redirects to; empty if it does not.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// A header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether the page says this.
    pub fn says(&self, words: &str) -> bool {
        self.body.contains(words)
    }

    /// What the page has between two texts.
    pub fn between(&self, start: &str, end: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(start)?;
        rest.split_once(end).map(|(found, _)| found)
    }

    /// The value of the cookie that this answer sets.
    pub fn cookie(&self) -> Option<&str> {
        let prefix = format!("{}=", server::router::SESSION_COOKIE);
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        cookies.filter_map(|cookie| cookie.strip_prefix(&prefix)).find_map(|rest| rest.split(';').next())
    }
}
