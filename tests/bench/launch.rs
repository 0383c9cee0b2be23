//! Resolving and freezing an audience, as the person who pressed the button waits for it.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tests::stage::Stage;

use crate::options::Options;
use crate::{rounded, setup};

/// 50,000 people, and then `--large` of them, each in a campaign of its own that nobody sends.
pub async fn measure(options: &Options) -> Result<Value> {
    let small: i64 = options.number("--small", 50_000)?;
    let large: i64 = options.number("--large", 1_000_000)?;
    let stage = setup::stage(options, setup::NO_GRAPH, setup::unlimited(), small).await?;
    let seconds_small = launch(&stage, small).await?;
    let mut result = json!({ "seconds_50k": rounded(seconds_small), "small": small });
    if large > small {
        stage.add_people(351_920_000_000 + small, large - small).await?;
        result["seconds_1m"] = json!(rounded(launch(&stage, large).await?));
        result["large"] = json!(large);
    }
    Ok(result)
}

async fn launch(stage: &Stage, people: i64) -> Result<f64> {
    let campaign = stage.draft().await?;
    // What making these people left to be written is not part of the launch.
    sqlx::raw_sql("checkpoint").execute(&stage.services.pool).await?;
    let started = Instant::now();
    stage.launch_reviewed(campaign, Some(people)).await?;
    let seconds = started.elapsed().as_secs_f64();
    let waiting: Option<i64> =
        sqlx::query_scalar("select sum(pending) from dispatches where campaign_id = $1")
            .bind(campaign.uuid())
            .fetch_one(&stage.services.pool)
            .await?;
    ensure!(waiting == Some(people), "not everybody is in it: {waiting:?}");
    Ok(seconds)
}
