//! What has to be done every now and then: partitions ahead, what Meta says about senders, keys that were changed.

use std::time::Duration;

use runtime::telemetry::chain;
use service::Services;
use service::campaigns::{self, Started};
use service::channel_accounts::{self, Refreshed};
use service::dispatch::{self, Judged};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often partitions ahead are looked after.
const PARTITIONS_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// How often to look for credentials that are sealed with an older key.
const RESEAL_EVERY: Duration = Duration::from_secs(3_600);
/// How often people are forgotten who count towards no limit any more.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// How often at most to look for senders that are due; more often only if each is due more often.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How often to look for campaigns whose time has come.
const START_EVERY: Duration = Duration::from_secs(1);

/// How often to look for campaigns whose window is over, and how many of them in one round.
const WINDOWS_EVERY: Duration = Duration::from_secs(2);
const WINDOWS_MAX: i64 = 100;

/// How often to look where quiet hours have begun, and for first messages to judge; how many dispatches in one round. Nothing
/// of a dispatch is claimed between the beginning of quiet hours and this look.
const WAITS_EVERY: Duration = Duration::from_secs(1);
const WAITS_MAX: i64 = 100;

/// Looks after everything until stopped. Each sender is refreshed once in `refresh_every` by one of all the workers.
pub async fn run(services: Services, refresh_every: Duration, stop: CancellationToken) {
    let parts = async {
        tokio::join!(
            add_partitions(&services),
            forget_people(&services),
            refresh_senders(&services, refresh_every),
            reseal_credentials(&services),
            start_campaigns(&services),
            close_windows(&services),
            look_through_nights(&services),
            judge_canaries(&services)
        )
    };
    // Whatever is cut off here is a transaction that did not happen, or a sender that waits for its next turn.
    stop.run_until_cancelled(Box::pin(parts)).await;
}

fn every(period: Duration) -> Interval {
    let mut rounds = interval(period);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

async fn add_partitions(services: &Services) {
    let mut rounds = every(PARTITIONS_EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = service::database::add_partitions(services).await {
            tracing::warn!(error = %chain(&error), "partitions of the coming months not added");
        }
    }
}

async fn forget_people(services: &Services) {
    let mut rounds = every(FORGET_EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = dispatch::forget_people(services).await {
            tracing::warn!(error = %chain(&error), "people of the day before not forgotten");
        }
    }
}

async fn refresh_senders(services: &Services, refresh_every: Duration) {
    let mut rounds = every(LOOK_EVERY.min(refresh_every / 4));
    loop {
        rounds.tick().await;
        loop {
            match channel_accounts::refresh_next(services, refresh_every).await {
                Ok(None) => break,
                Ok(Some(Refreshed { channel_account, problem })) => {
                    let result = if problem.is_none() { "refreshed" } else { "refused" };
                    metrics::counter!("fanfare_sender_refreshes_total", "result" => result).increment(1);
                    if let Some(problem) = problem {
                        tracing::warn!(channel_account.id = %channel_account, problem, "sender not refreshed");
                    }
                }
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "senders not refreshed");
                    break;
                }
            }
        }
    }
}

async fn start_campaigns(services: &Services) {
    let mut rounds = every(START_EVERY);
    loop {
        rounds.tick().await;
        loop {
            match campaigns::start_due(services).await {
                Ok(None) => break,
                Ok(Some(Started { campaign, problem: None })) => {
                    metrics::counter!("fanfare_scheduled_starts_total", "result" => "started").increment(1);
                    tracing::info!(campaign.id = %campaign, "scheduled campaign started");
                }
                Ok(Some(Started { campaign, problem: Some(problem) })) => {
                    metrics::counter!("fanfare_scheduled_starts_total", "result" => "refused").increment(1);
                    tracing::warn!(campaign.id = %campaign, problem, "scheduled campaign not started");
                }
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "scheduled campaigns not started");
                    break;
                }
            }
        }
    }
}

async fn close_windows(services: &Services) {
    let mut rounds = every(WINDOWS_EVERY);
    loop {
        rounds.tick().await;
        match dispatch::close_windows(services, WINDOWS_MAX).await {
            Ok(closed) => {
                for (dispatch, withheld) in closed.into_iter().filter(|(_, withheld)| *withheld > 0) {
                    tracing::info!(dispatch.id = %dispatch, withheld, "window over; who waited was left out");
                }
            }
            Err(error) => tracing::warn!(error = %chain(&error), "windows not closed"),
        }
    }
}

async fn look_through_nights(services: &Services) {
    let mut rounds = every(WAITS_EVERY);
    loop {
        rounds.tick().await;
        match dispatch::look_through_nights(services, WAITS_MAX).await {
            Ok(dispatches) => {
                for dispatch in dispatches {
                    tracing::info!(dispatch.id = %dispatch, "quiet hours have begun for some of its people");
                }
            }
            Err(error) => tracing::warn!(error = %chain(&error), "quiet hours not looked through"),
        }
    }
}

async fn judge_canaries(services: &Services) {
    let mut rounds = every(WAITS_EVERY);
    loop {
        rounds.tick().await;
        match dispatch::judge_canaries(services, WAITS_MAX).await {
            Ok(judged) => {
                for Judged { campaign, passed, standing } in judged {
                    let (tried, failed) = (standing.tried, standing.failed);
                    tracing::info!(campaign.id = %campaign, passed, tried, failed, "first messages judged");
                }
            }
            Err(error) => tracing::warn!(error = %chain(&error), "first messages not judged"),
        }
    }
}

async fn reseal_credentials(services: &Services) {
    let mut rounds = every(RESEAL_EVERY);
    loop {
        rounds.tick().await;
        match channel_accounts::reseal_credentials(services).await {
            Ok(done) if done.resealed > 0 => {
                tracing::info!(resealed = done.resealed, "credentials sealed with the active key");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %chain(&error), "credentials not sealed anew"),
        }
    }
}
