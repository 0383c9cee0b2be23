//! `server demo`: a workspace to look at, and a real campaign through the sandbox.
//!
//! Does what a new user would, through the same use cases: sets up the first account, connects a number, imports a
//! file, launches. Server, worker and sandbox must be running. Everything it says goes to standard error, but for the
//! last line: one JSON object with the result on standard output.

mod campaigns;
mod people;
mod result;
mod workspace;

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use runtime::config::Config;
use service::Services;

use crate::serve::services;

pub use people::csv;
pub use result::DemoResult;

/// How long the whole campaign may take before something is wrong.
const CAMPAIGN_WITHIN: Duration = Duration::from_secs(300);

/// What the demonstration is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// People in the campaign.
    pub recipients: u32,
    /// Where the sandbox answers.
    pub sandbox_url: String,
    /// The owner's password.
    pub password: String,
}

impl DemoOptions {
    /// Reads what stands after `demo`.
    ///
    /// # Errors
    ///
    /// If a word is not known or has no value.
    pub fn parse(words: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            recipients: 5_000,
            sandbox_url: "http://127.0.0.1:9090".to_owned(),
            password: "winter harvest demo".to_owned(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--recipients" => {
                    options.recipients = value()?.parse().context("--recipients needs a number")?
                }
                "--sandbox-url" => options.sandbox_url = value()?.trim_end_matches('/').to_owned(),
                "--password" => options.password.clone_from(value()?),
                // Said by `cargo xtask demo`, which stops the processes afterwards; nothing here stays up anyway.
                "--once" => {}
                other => bail!("\"{other}\" is not known to demo"),
            }
        }
        ensure!((1..=50_000).contains(&options.recipients), "--recipients is a number from 1 to 50000");
        Ok(options)
    }
}

/// Runs the demonstration.
///
/// # Errors
///
/// What stood in the way, or that the numbers do not add up.
pub async fn run(config: &Config, options: &DemoOptions) -> anyhow::Result<()> {
    let services = services(config).await?;
    if let Err(reason) = service::database::ready(&services).await {
        bail!("{reason}");
    }
    let home = workspace::prepare(&services, options).await?;
    campaigns::past(&services, &home).await?;
    let result =
        tokio::time::timeout(CAMPAIGN_WITHIN, campaigns::main(&services, &home, options))
            .await
            .with_context(|| format!("the campaign did not end within {} s", CAMPAIGN_WITHIN.as_secs()))??;
    say(&result.summary());
    say(&format!(
        "Sign in at {} as {} with the password \"{}\".",
        config.server.public_url.origin(),
        workspace::EMAIL,
        options.password
    ));
    #[expect(clippy::print_stdout, reason = "the machine-readable result is what this command is for")]
    {
        println!("{}", result.json());
    }
    result.check()
}

/// Tells the person at the terminal what is going on.
fn say(text: &str) {
    #[expect(clippy::print_stderr, reason = "a command for people at a terminal")]
    {
        eprintln!("{text}");
    }
}

/// Reads JSON from the sandbox's own interface.
async fn sandbox(services: &Services, url: &str, path: &str) -> anyhow::Result<serde_json::Value> {
    let answer = services.http.get(format!("{url}/_sandbox/{path}")).send().await.with_context(|| {
        format!("the sandbox does not answer at {url}; start it, or name it with --sandbox-url")
    })?;
    Ok(answer.error_for_status()?.json().await?)
}
