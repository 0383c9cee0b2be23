//! Whole runs: server, worker processes, sandbox and Postgres, with things going wrong.

mod again;
mod ambiguous;
mod canary;
mod chaos;
mod crash;
mod decisions;
mod launch;
mod limits;
mod live;
mod overview;
mod pause;
mod portfolio;
pub mod processes;
mod proof;
mod publishing;
mod quiet;
mod race;
mod refused;
mod restart;
mod schedule;
mod settlement;
mod slices;
mod turns;
mod workers;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use domain::channel::RatePlan;
use runtime::tasks::Tasks;
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use sqlx::{ConnectOptions, PgPool};
use tests::stage::{self, Stage};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A stage with the sandbox as its Graph, and the webhook endpoint listening to it.
pub struct Run {
    pub stage: Stage,
    pub sandbox: RunningSandbox,
    pub database_url: String,
    pub stop: CancellationToken,
    tasks: Tasks,
}

impl Run {
    /// People who deliver and read at once, no limits at the provider, and so many of them.
    pub async fn with_people(pool: &PgPool, people: i64, plan: RatePlan) -> Result<Self> {
        let database_url = pool.connect_options().to_url_lossy().to_string();
        Self::on(database_url, people, plan).await
    }

    pub async fn on(database_url: String, people: i64, plan: RatePlan) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let webhook_url = format!("http://{}/webhooks/whatsapp", listener.local_addr()?);
        let sandbox = Sandbox::start(SandboxConfig::for_tests().with_webhook(webhook_url)).await?;
        sandbox
            .set_template_status(stage::TEMPLATE_NAME, "en", "APPROVED")
            .map_err(|error| anyhow!("{error:?}"))?;
        let services = stage::services(&database_url, sandbox.base_url(), 12).await?;
        let stop = CancellationToken::new();
        let tasks = Tasks::new(stop.clone());
        let webhooks = server::webhooks::routes::<()>(services.clone(), &tasks);
        tasks.spawn(serve(listener, webhooks, stop.clone()));
        let stage = Stage::set(services, sandbox::seed::NUMBER_ID, sandbox::seed::ACCOUNT_ID, plan).await?;
        stage.add_people(351_920_000_000, people).await?;
        Ok(Self { stage, sandbox, database_url, stop, tasks })
    }

    /// Runs a worker in this process until the run ends.
    pub fn start_worker(&self) {
        let services = self.stage.services.clone();
        self.tasks.spawn(worker::run(services, processes::quick(), self.stop.clone()));
    }

    /// Waits until every handover is closed: nothing is on its way to the provider.
    pub async fn until_nothing_is_handed_over(&self) -> Result<()> {
        tokio::time::timeout(Duration::from_secs(30), async {
            let mut looks = tokio::time::interval(Duration::from_millis(50));
            let open = "select exists (select from handovers)";
            while sqlx::query_scalar::<_, bool>(open).fetch_one(&self.stage.services.pool).await? {
                looks.tick().await;
            }
            Ok(())
        })
        .await?
    }

    /// Nobody was accepted twice; returns how many were accepted.
    pub fn accepted_once_each(&self) -> u64 {
        let ledger = self.sandbox.ledger();
        assert_eq!(ledger.repeated_callback_data, 0, "accepted twice: {ledger:?}");
        ledger.accepted
    }

    pub async fn end(self) {
        self.stop.cancel();
        self.tasks.wait(Duration::from_secs(30)).await;
        self.sandbox.shutdown().await;
    }
}

/// Waits until something is so, looking again and again.
pub async fn until(within: Duration, mut is_so: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let started = tokio::time::Instant::now();
    while !is_so().await? {
        if started.elapsed() > within {
            return Err(anyhow!("not so within {within:?}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn serve(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    served.expect("the webhook endpoint serves");
}
