//! The measured side of `cargo xtask bench`: `bench NAME --OPTION VALUE …`. xtask provides the database, the programs and
//! what stands in for Graph; see `docs/benchmarks.md` for what each measures.
//!
//! Prints one JSON object, the last line on standard output. A new measurement is a module and a line in [`measure`].

mod claim;
mod dispatch;
mod launch;
mod load;
mod options;
mod paced;
mod peer;
mod processes;
mod responder;
mod setup;
mod webhooks;

use anyhow::{Context, Result, bail};
use options::Options;
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let name = words.next().context("name a measurement")?;
    let result = measure(&name, &Options::read(words)?).await?;
    #[expect(clippy::print_stdout, reason = "the result is what this program is for")]
    {
        println!("{result}");
    }
    Ok(())
}

async fn measure(name: &str, options: &Options) -> Result<Value> {
    match name {
        "dispatch" => dispatch::measure(options).await,
        "paced" => paced::measure(options).await,
        "launch" => launch::measure(options).await,
        "claim" => claim::measure(options).await,
        "webhooks" => webhooks::measure(options).await,
        other => bail!("there is no measurement \"{other}\""),
    }
}

/// Rounded to three places: more would be noise.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
