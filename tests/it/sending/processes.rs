//! Workers and servers as processes of their own, so that they can be killed.
//!
//! The process is this test binary again, told by a variable what to be: the same code that the `worker` and `server`
//! binaries run, without having to find those binaries.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::retry::RetryPolicy;
use runtime::tasks::Tasks;
use tests::chaos::processes::{Place, Programs};
use tests::stage;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use worker::WorkerOptions;

const USUAL_LEASES: &str = "FANFARE_IT_WORKER_USUAL_LEASES";
const DATABASE: &str = "FANFARE_IT_WORKER_DATABASE";
const GRAPH: &str = "FANFARE_IT_WORKER_GRAPH";
const SERVER_DATABASE: &str = "FANFARE_IT_SERVER_DATABASE";
const SERVER_PORT: &str = "FANFARE_IT_SERVER_PORT";

/// Options that make a lost worker noticed within a second or two.
pub fn quick() -> WorkerOptions {
    WorkerOptions {
        lease_ttl: Duration::from_millis(1_500),
        poll_every: Duration::from_millis(200),
        retries: RetryPolicy { delay_base: Duration::from_millis(50), ..RetryPolicy::default() },
        ..WorkerOptions::default()
    }
}

/// A worker process; killed when dropped.
pub struct WorkerProcess(Child);

impl WorkerProcess {
    pub fn start(database_url: &str, graph_url: &str) -> Self {
        let mut command = this_binary("sending::processes::be_a_worker");
        let child = command.env(DATABASE, database_url).env(GRAPH, graph_url).spawn();
        Self(child.expect("a worker process starts"))
    }

    /// As [`Self::start`], with the leases of the product: what stands still for a moment is not taken for lost.
    pub fn start_with_usual_leases(database_url: &str, graph_url: &str) -> Self {
        let mut command = this_binary("sending::processes::be_a_worker");
        command.env(DATABASE, database_url).env(GRAPH, graph_url).env(USUAL_LEASES, "");
        Self(command.spawn().expect("a worker process starts"))
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    pub fn kill(mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("reaped");
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This program once more, running one of the functions below.
fn this_binary(function: &str) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    command
        .args(["--exact", function, "--nocapture", "--include-ignored"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    command
}

/// Workers that notice a lost one quickly, and the webhook endpoint as the server.
pub struct ThisBinary;

impl Programs for ThisBinary {
    fn worker(&self, place: &Place, _: usize) -> anyhow::Result<Command> {
        let mut command = this_binary("sending::processes::be_a_worker");
        command.env(DATABASE, &place.database_url).env(GRAPH, &place.graph_url).stderr(Stdio::null());
        Ok(command)
    }

    fn server(&self, place: &Place) -> anyhow::Result<Command> {
        let mut command = this_binary("sending::processes::be_a_server");
        command
            .env(SERVER_DATABASE, &place.database_url)
            .env(SERVER_PORT, place.server_port.to_string())
            .stderr(Stdio::null());
        Ok(command)
    }
}

/// Not a test by itself: what a worker process runs. Without the variable it has nothing to do and passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn be_a_worker() {
    #[expect(clippy::disallowed_methods, reason = "how a test tells its own child process what to be")]
    let (Ok(database), Ok(graph)) = (std::env::var(DATABASE), std::env::var(GRAPH)) else { return };
    let usual_leases = std::env::var_os(USUAL_LEASES).is_some();
    let services = stage::services(&database, &graph, 8).await.expect("a worker connects");
    let lease_ttl = if usual_leases { WorkerOptions::default().lease_ttl } else { quick().lease_ttl };
    worker::run(services, WorkerOptions { lease_ttl, ..quick() }, CancellationToken::new()).await;
}

/// Not a test by itself: what a server process runs. Without the variable it has nothing to do and passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn be_a_server() {
    #[expect(clippy::disallowed_methods, reason = "how a test tells its own child process what to be")]
    let (Ok(database), Ok(port)) = (std::env::var(SERVER_DATABASE), std::env::var(SERVER_PORT)) else {
        return;
    };
    let port = port.parse().expect("a port");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free");
    let services = stage::services(&database, "http://127.0.0.1:9", 8).await.expect("a server connects");
    let webhooks = server::webhooks::routes::<()>(services, &Tasks::new(CancellationToken::new()));
    let service = webhooks.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.expect("the webhook endpoint serves");
}
