//! What every measurement begins with.

use std::time::Duration;

use anyhow::Result;
use domain::channel::RatePlan;
use tests::stage::{self, Stage, plan};

use crate::options::Options;

/// Where nobody listens: for measurements in which nothing is sent.
pub const NO_GRAPH: &str = "http://127.0.0.1:9";
/// The number that the stage's sender has.
pub const PHONE_NUMBER_ID: &str = "300000000000001";
/// How long a measured campaign may take before something is wrong.
pub const FINISH_WITHIN: Duration = Duration::from_secs(600);

/// A sender without a limit of its own: more than a machine can send.
pub fn unlimited() -> RatePlan {
    plan(1_000_000, 1_000)
}

/// A workspace with a sender and so many people, in the empty database that was given.
pub async fn stage(options: &Options, graph_url: &str, plan: RatePlan, people: i64) -> Result<Stage> {
    let services = stage::services(options.required("--database-url")?, graph_url, 4).await?;
    service::database::migrate(&services.pool).await?;
    let stage = Stage::set(services, PHONE_NUMBER_ID, "200000000000001", plan).await?;
    stage.add_people(351_920_000_000, people).await?;
    Ok(stage)
}
