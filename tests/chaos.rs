//! A campaign while everything around it breaks: workers and server killed at random moments, Postgres stopped like a
//! machine without power, and a provider that refuses, hangs, cuts the line and reports late, twice and out of order.
//!
//! What became of everybody is judged by the ledger of the sandbox, not by our own tables: see [`judge`].

pub mod judge;
pub mod processes;
mod weather;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use domain::ids::CampaignId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::stage::{self, Stage, plan};
use judge::Verdict;
use processes::{Fleet, Place, Programs};
use weather::Weather;

/// How long a question about the progress may take; while Postgres restarts there is no answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// While kills are ahead of the campaign, the next one waits; but not for ever, since a campaign may stand still.
const WAIT_FOR_PROGRESS: Duration = Duration::from_secs(15);
/// How long the provider's reports may take to arrive and to be applied once nothing breaks any more.
const SETTLE_WITHIN: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SAY_EVERY: Duration = Duration::from_secs(5);

/// What is done to a campaign.
#[derive(Debug, Clone)]
pub struct Assault {
    /// Processes killed.
    pub kills: u32,
    /// People in the campaign.
    pub recipients: u32,
    /// Start of every draw: the moments, the victims and the weather.
    pub seed: u64,
    /// The sender's rate, so that the campaign lasts long enough to be killed in the middle.
    pub rate_per_second: u32,
    /// Workers at once.
    pub workers: usize,
    /// How often Postgres is stopped at once and started again.
    pub postgres_restarts: u32,
    /// Milliseconds between two kills.
    pub pause_ms: RangeInclusive<u64>,
    /// How long the campaign may go on after the last kill.
    pub finish_within: Duration,
}

/// Runs a campaign under an assault. One JSON object with what was done and the verdict; `"passed"` says it in a word.
///
/// # Errors
///
/// If something that is not under attack fails, or the campaign does not end in time.
pub async fn run(assault: &Assault, programs: Arc<dyn Programs>) -> Result<Value> {
    let started = Instant::now();
    let mut battle = Battle::begin(assault, programs).await?;
    battle.fight().await?;
    battle.calm_down().await?;
    let verdict = battle.verdict().await?;
    let mut result = battle.account(&verdict);
    result["seconds"] = json!((started.elapsed().as_secs_f64() * 10.0).round() / 10.0);
    battle.end().await;
    Ok(result)
}

/// Everything of one run.
struct Battle<'a> {
    assault: &'a Assault,
    draws: StdRng,
    cluster: Arc<Cluster>,
    sandbox: RunningSandbox,
    stage: Stage,
    campaign: CampaignId,
    fleet: Fleet,
    restarting: Option<JoinHandle<Result<()>>>,
    restarted: u32,
    resumed: u32,
    weathers: u32,
    weather_until: Instant,
    last_said: Instant,
    seen: Progress,
}

/// How far the campaign is, as the database says.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
struct Progress {
    audience: i64,
    pending: i64,
    unknown: i64,
    failed: i64,
    paused: bool,
    open: bool,
}

impl<'a> Battle<'a> {
    async fn begin(assault: &'a Assault, programs: Arc<dyn Programs>) -> Result<Self> {
        let cluster = Arc::new(tokio::task::spawn_blocking(Cluster::start).await??);
        let server_port = processes::free_port()?;
        let behaviour = weather::usual(assault.seed);
        let config = SandboxConfig { behaviour, ..SandboxConfig::for_tests() };
        let config = config.with_webhook(format!("http://127.0.0.1:{server_port}/webhooks/whatsapp"));
        let sandbox = Sandbox::start(config).await?;
        sandbox
            .set_template_status(stage::TEMPLATE_NAME, "en", "APPROVED")
            .map_err(|error| anyhow!("{error}"))?;
        let services = stage::services(&cluster.url(), sandbox.base_url(), 4).await?;
        service::database::migrate(&services.pool).await?;
        let plan = plan(assault.rate_per_second, assault.rate_per_second.clamp(10, 1_000));
        let stage = Stage::set(services, sandbox::seed::NUMBER_ID, sandbox::seed::ACCOUNT_ID, plan).await?;
        stage.add_people(351_920_000_000, i64::from(assault.recipients)).await?;
        let place =
            Place { database_url: cluster.url(), graph_url: sandbox.base_url().to_owned(), server_port };
        let fleet = Fleet::start(programs, place, assault.workers)?;
        let campaign = stage.draft().await?;
        stage.launch(campaign).await?;
        say(&format!("launched to {} people, seed {}", assault.recipients, assault.seed));
        Ok(Self {
            assault,
            draws: StdRng::seed_from_u64(assault.seed),
            cluster,
            sandbox,
            stage,
            campaign,
            fleet,
            restarting: None,
            restarted: 0,
            resumed: 0,
            weathers: 0,
            weather_until: Instant::now(),
            last_said: Instant::now(),
            seen: Progress::default(),
        })
    }

    /// Kills, restarts and bad weather, spread over the campaign.
    async fn fight(&mut self) -> Result<()> {
        while self.fleet.killed() < self.assault.kills {
            let due = Instant::now() + self.pause();
            let at_the_latest = due + WAIT_FOR_PROGRESS;
            while Instant::now() < due || (self.is_ahead() && Instant::now() < at_the_latest) {
                tokio::time::sleep(LOOK_EVERY).await;
                self.keep_going().await?;
                self.change_weather();
            }
            self.restart_postgres_if_due().await?;
            self.fleet.kill_one(&mut self.draws)?;
        }
        Ok(())
    }

    /// Shorter when the campaign runs away from the kills.
    fn pause(&mut self) -> Duration {
        let drawn = Duration::from_millis(self.draws.random_range(self.assault.pause_ms.clone()));
        if self.settled_share() > self.killed_share() { drawn / 4 } else { drawn }
    }

    /// Whether more was killed than the campaign has got on, with a fifth of the kills to spare.
    fn is_ahead(&self) -> bool {
        self.killed_share() > self.settled_share() + 0.2
    }

    fn killed_share(&self) -> f64 {
        f64::from(self.fleet.killed()) / f64::from(self.assault.kills.max(1))
    }

    fn settled_share(&self) -> f64 {
        match self.seen.audience {
            0 => 0.0,
            audience => 1.0 - self.seen.pending as f64 / audience as f64,
        }
    }

    /// What a service manager and a person would do: start again what ended, resume what was paused. And looks.
    async fn keep_going(&mut self) -> Result<()> {
        self.fleet.revive()?;
        if let Some(progress) = self.ask().await {
            self.seen = progress;
            if progress.paused {
                self.resume().await;
            }
        }
        if self.last_said.elapsed() >= SAY_EVERY {
            self.last_said = Instant::now();
            let (seen, ledger) = (self.seen, self.sandbox.ledger());
            say(&format!(
                "{} kills, {} restarts of Postgres; {} of {} wait, {} unknown, {} failed; accepted {}, webhooks on their way {}",
                self.fleet.killed(),
                self.restarted,
                seen.pending,
                seen.audience,
                seen.unknown,
                seen.failed,
                ledger.accepted,
                self.sandbox.webhook_events_outstanding(),
            ));
        }
        Ok(())
    }

    async fn ask(&self) -> Option<Progress> {
        let question = sqlx::query_as(
            "select coalesce(sum(audience), 0)::int8 as audience, coalesce(sum(pending), 0)::int8 as pending,
                    coalesce(sum(unknown), 0)::int8 as unknown, coalesce(sum(failed), 0)::int8 as failed,
                    coalesce(bool_or(state = 'paused'), false) as paused,
                    coalesce(bool_or(state in ('running', 'paused')), true) as open
               from dispatches",
        )
        .fetch_one(&self.stage.services.pool);
        tokio::time::timeout(ANSWER_WITHIN, question).await.ok()?.ok()
    }

    async fn resume(&mut self) {
        let reasons: Vec<(Option<String>, Option<String>)> =
            sqlx::query_as("select pause_kind, pause_detail from dispatches where state = 'paused'")
                .fetch_all(&self.stage.services.pool)
                .await
                .unwrap_or_default();
        say(&format!("paused, and resumed: {reasons:?}"));
        let Ok(access) = self.stage.access().await else { return };
        // The next look tells whether it worked.
        if service::campaigns::resume(&self.stage.services, &access, self.campaign).await.is_ok() {
            self.resumed += 1;
        }
    }

    fn change_weather(&mut self) {
        if Instant::now() < self.weather_until {
            return;
        }
        let weather = Weather::draw(&mut self.draws);
        weather.impose(&self.sandbox, self.assault);
        self.weathers += 1;
        self.weather_until = Instant::now() + Duration::from_millis(self.draws.random_range(1_000..4_000));
    }

    /// Restarts are spread evenly over the kills, and killing goes on meanwhile.
    async fn restart_postgres_if_due(&mut self) -> Result<()> {
        let parts = self.assault.postgres_restarts + 1;
        let due_at = (self.restarted + 1) * self.assault.kills / parts;
        if self.restarted == self.assault.postgres_restarts || self.fleet.killed() < due_at {
            return Ok(());
        }
        self.await_restart().await?;
        let cluster = Arc::clone(&self.cluster);
        self.restarting = Some(tokio::task::spawn_blocking(move || cluster.crash_and_restart()));
        self.restarted += 1;
        Ok(())
    }

    async fn await_restart(&mut self) -> Result<()> {
        match self.restarting.take() {
            Some(restarting) => restarting.await?.context("Postgres did not come back"),
            None => Ok(()),
        }
    }

    /// Nothing breaks any more; waits until everybody is settled and every report has been applied.
    async fn calm_down(&mut self) -> Result<()> {
        self.await_restart().await?;
        Weather::Calm.impose(&self.sandbox, self.assault);
        say("no more faults; waiting for the campaign to end");
        let deadline = Instant::now() + self.assault.finish_within;
        loop {
            self.keep_going().await?;
            if self.seen.audience > 0 && self.seen.pending == 0 && !self.seen.open {
                break;
            }
            ensure!(Instant::now() < deadline, "the campaign does not end: {:?}", self.seen);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let deadline = Instant::now() + SETTLE_WITHIN;
        while self.sandbox.webhook_events_outstanding() > 0 || self.webhooks_waiting().await != Some(0) {
            self.keep_going().await?;
            ensure!(
                Instant::now() < deadline,
                "reports do not arrive: {} on their way, {:?} stored and not applied",
                self.sandbox.webhook_events_outstanding(),
                self.webhooks_waiting().await,
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn webhooks_waiting(&self) -> Option<i64> {
        sqlx::query_scalar("select count(*) from webhook_inbox where state = 'received'")
            .fetch_one(&self.stage.services.pool)
            .await
            .ok()
    }

    /// Judged until nothing is wrong, because a worker may still be recording; after a while as it is.
    async fn verdict(&mut self) -> Result<Verdict> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let verdict =
                judge::judge(&self.stage, self.campaign, &self.sandbox, self.assault.recipients).await?;
            if verdict.is_clean() || Instant::now() >= deadline {
                for line in &verdict.examples {
                    say(line);
                }
                return Ok(verdict);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.keep_going().await?;
        }
    }

    fn account(&self, verdict: &Verdict) -> Value {
        let ledger = self.sandbox.ledger();
        let done =
            self.fleet.killed() == self.assault.kills && self.restarted == self.assault.postgres_restarts;
        let mut result = verdict.as_json();
        result["passed"] = json!(done && verdict.is_clean());
        result["kills"] = json!(self.fleet.killed());
        result["kills_of_the_server"] = json!(self.fleet.killed_servers());
        result["ended_by_themselves"] = json!(self.fleet.revived());
        result["postgres_restarts"] = json!(self.restarted);
        result["resumed"] = json!(self.resumed);
        result["weathers"] = json!(self.weathers);
        result["connections_cut"] = json!(ledger.connections_cut);
        result["refused"] = json!(ledger.refused);
        result["webhook_tries_failed"] = json!(ledger.webhooks.failed_tries);
        result["recipients"] = json!(self.assault.recipients);
        result["seed"] = json!(self.assault.seed);
        result
    }

    async fn end(self) {
        drop(self.fleet);
        self.stage.services.pool.close().await;
        self.sandbox.shutdown().await;
    }
}

#[expect(clippy::print_stderr, reason = "progress for whoever waits; the result goes to standard output")]
fn say(line: &str) {
    eprintln!("  · {line}");
}
