//! Workers as processes of their own, so that they can be killed.
//!
//! The process is this test binary again, told by a variable to be a worker: the same code that the `worker` binary
//! runs, without having to find that binary.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::retry::RetryPolicy;
use tests::stage;
use tokio_util::sync::CancellationToken;
use worker::WorkerOptions;

const DATABASE: &str = "FANFARE_IT_WORKER_DATABASE";
const GRAPH: &str = "FANFARE_IT_WORKER_GRAPH";

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
        let program = std::env::current_exe().expect("this program has a path");
        let child = Command::new(program)
            .args(["--exact", "sending::processes::be_a_worker", "--nocapture", "--include-ignored"])
            .env(DATABASE, database_url)
            .env(GRAPH, graph_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("a worker process starts");
        Self(child)
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

/// Not a test by itself: what a worker process runs. Without the variable it has nothing to do and passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn be_a_worker() {
    #[expect(clippy::disallowed_methods, reason = "how a test tells its own child process what to be")]
    let (Ok(database), Ok(graph)) = (std::env::var(DATABASE), std::env::var(GRAPH)) else { return };
    let services = stage::services(&database, &graph, 8).await.expect("a worker connects");
    worker::run(services, quick(), CancellationToken::new()).await;
}
