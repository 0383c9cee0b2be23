//! What the binary can be told to do. A new subcommand is a module here, a variant of [`Command`], and a line in
//! [`USAGE`].

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, bail};
use runtime::config::Config;
use runtime::tasks::Tasks;
use runtime::telemetry::{Metrics, start_logging};
use service::database;
use tokio::net::TcpListener;

use crate::demo::{self, DemoOptions};
use crate::serve::{serve, services};

/// How the binary is called.
pub const USAGE: &str = "Usage: server [COMMAND] [--config PATH]

Commands:
  serve     answer browsers (what it does without a command)
  migrate   bring the database's schema up to date
  demo      make a workspace to look at and send a campaign through the sandbox
            [--recipients N] [--sandbox-url URL] [--password WORD]

Settings are read from the file named by --config or FANFARE_CONFIG, and from FANFARE_* in the environment.";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Answer browsers.
    Serve,
    /// Bring the schema up to date.
    Migrate,
    /// Send a campaign through the sandbox.
    Demo,
    /// Say how the binary is called.
    Help,
}

/// What to do, with which settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// What to do.
    pub command: Command,
    /// The file with the settings.
    pub config: Option<PathBuf>,
    /// What stands after the command and is for it.
    pub rest: Vec<String>,
}

impl Arguments {
    /// Reads the arguments, without the name of the binary.
    ///
    /// # Errors
    ///
    /// If a word is not known, or `--config` has no path.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Self> {
        let mut arguments = arguments.into_iter();
        let mut parsed = Self { command: Command::Serve, config: None, rest: Vec::new() };
        let mut named = false;
        while let Some(argument) = arguments.next() {
            let word = argument.to_string_lossy().into_owned();
            match word.as_str() {
                "--config" => parsed.config = Some(arguments.next().context("--config needs a path")?.into()),
                "--help" | "-h" => parsed.command = Command::Help,
                "serve" if !named => named = true,
                "migrate" if !named => (named, parsed.command) = (true, Command::Migrate),
                "demo" if !named => (named, parsed.command) = (true, Command::Demo),
                _ if parsed.command == Command::Demo => parsed.rest.push(word),
                _ => bail!("\"{word}\" is not known\n\n{USAGE}"),
            }
        }
        Ok(parsed)
    }
}

/// Does what the arguments say.
///
/// # Errors
///
/// A sentence for the person who started it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Help => {
            #[expect(clippy::print_stdout, reason = "whoever asks for help reads it in the terminal")]
            {
                println!("{USAGE}");
            }
            Ok(())
        }
        Command::Serve => {
            let config = load(&arguments)?;
            config.require_secrets()?;
            let metrics = Metrics::install()?;
            let tasks = Tasks::new(runtime::shutdown::on_signal()?);
            let services = services(&config).await?;
            let listener = TcpListener::bind(config.server.listen).await.with_context(|| {
                format!("cannot listen on {}; set server.listen to a free address", config.server.listen)
            })?;
            serve(services, &config.server, metrics, listener, &tasks).await?;
            Ok(())
        }
        Command::Demo => {
            let options = DemoOptions::parse(&arguments.rest)?;
            // No log: what it says is for the person at the terminal.
            let config = Config::from_process(arguments.config.as_deref())?;
            config.require_secrets()?;
            demo::run(&config, &options).await
        }
        Command::Migrate => {
            let config = load(&arguments)?;
            let pool = database::connect(&config.database.url, 1).await?;
            database::migrate(&pool).await?;
            tracing::info!("the schema is up to date");
            Ok(())
        }
    }
}

fn load(arguments: &Arguments) -> anyhow::Result<Config> {
    let config = Config::from_process(arguments.config.as_deref())?;
    start_logging(&config.log)?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> anyhow::Result<Arguments> {
        Arguments::parse(words.iter().map(OsString::from))
    }

    #[test]
    fn serving_is_what_it_does_without_a_command() {
        let arguments = parse(&[]).expect("no arguments");
        assert_eq!((arguments.command, arguments.config), (Command::Serve, None));
        let arguments = parse(&["migrate", "--config", "f.toml"]).expect("known words");
        assert_eq!((arguments.command, arguments.config), (Command::Migrate, Some("f.toml".into())));
    }

    #[test]
    fn a_slip_is_answered_with_the_usage() {
        let error = parse(&["migrat"]).expect_err("not a command");
        assert!(error.to_string().contains("Usage:"), "{error}");
        assert!(parse(&["--config"]).is_err());
    }
}
