//! `sandbox`: the stand-in as a program.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use sandbox::{Behaviour, RateLimit, Sandbox, SandboxConfig};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

const HELP: &str = "\
A stand-in for WhatsApp's Graph API. Nothing sent to it reaches anybody.

Usage: sandbox [options]

  --listen ADDRESS        where to listen (default 127.0.0.1:9090; port 0 takes a free one)
  --webhook-url URL       where webhooks go
  --rate unlimited|N      messages a second per number (default: as documented, 80, 1,000 or 20)
  --fast                  statuses and replies within milliseconds instead of seconds
  --flawless              everybody gets and reads everything, nobody answers
  --seed N                start of every draw; the same seed gives the same people
  --unsubscribed          accounts must subscribe the app before webhooks come
  --help                  this text

Its page is at /, its control API below /_sandbox/.
";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One sentence with its causes. A backtrace would not help whoever mistyped an option.
            let _ = writeln!(io::stderr(), "sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let Some(config) = read_arguments(std::env::args().skip(1))? else {
        say(HELP);
        return Ok(());
    };
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let sandbox = Sandbox::start(config).await?;
    say(&format!("sandbox listening on {}\n", sandbox.base_url()));
    tokio::select! {
        _ = terminate.recv() => info!("SIGTERM, stopping"),
        _ = interrupt.recv() => info!("SIGINT, stopping"),
    }
    sandbox.shutdown().await;
    Ok(())
}

/// The configuration the arguments ask for; none when they ask for help.
fn read_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Option<SandboxConfig>> {
    let mut config =
        SandboxConfig { listen: SocketAddr::from(([127, 0, 0, 1], 9090)), ..SandboxConfig::default() };
    let (mut fast, mut flawless, mut seed) = (false, false, config.behaviour.seed);
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value =
            || inline.clone().or_else(|| arguments.next()).with_context(|| format!("{name} needs a value"));
        match name.as_str() {
            "--listen" => {
                config.listen =
                    value()?.parse().context("--listen needs an address such as 127.0.0.1:9090")?
            }
            "--webhook-url" => config.world.app.callback_url = Some(value()?),
            "--rate" => config.rate = rate(&value()?)?,
            "--seed" => seed = value()?.parse().context("--seed needs a number")?,
            "--fast" => fast = true,
            "--flawless" => flawless = true,
            "--unsubscribed" => {
                config.world.accounts.values_mut().for_each(|account| account.subscribed = false)
            }
            "--help" | "-h" => return Ok(None),
            _ => bail!("unknown option {name}; see sandbox --help"),
        }
    }
    if flawless {
        config.behaviour = Behaviour::flawless().at_pace_of(&config.behaviour);
    }
    if fast {
        config.behaviour = config.behaviour.fast();
    }
    config.behaviour.seed = seed;
    // A run without a rate is a load test, in which one person may get many messages.
    config.pair_limit = config.rate != RateLimit::Unlimited;
    Ok(Some(config))
}

fn rate(text: &str) -> anyhow::Result<RateLimit> {
    match text {
        "unlimited" => Ok(RateLimit::Unlimited),
        "documented" => Ok(RateLimit::Documented),
        number => match number.parse() {
            Ok(per_second) if per_second > 0 => Ok(RateLimit::PerSecond(per_second)),
            _ => bail!("--rate needs `unlimited` or a number of messages a second"),
        },
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the address and the help are the program's output; logs go to stderr"
)]
fn say(text: &str) {
    print!("{text}");
    // A closed pipe means nobody wants to know.
    let _ = io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use sandbox::RateLimit;

    use super::read_arguments;

    fn read(arguments: &[&str]) -> anyhow::Result<Option<sandbox::SandboxConfig>> {
        read_arguments(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn arguments_set_what_they_say() -> anyhow::Result<()> {
        let config = read(&[
            "--listen",
            "127.0.0.1:0",
            "--webhook-url=http://127.0.0.1:1/hook",
            "--rate",
            "250",
            "--fast",
        ])?;
        let config = config.expect("no help was asked for");
        assert_eq!(config.listen.port(), 0);
        assert_eq!(config.world.app.callback_url.as_deref(), Some("http://127.0.0.1:1/hook"));
        assert_eq!(config.rate, RateLimit::PerSecond(250));
        assert!(config.pair_limit && config.behaviour.read_after_ms.1 < 1_000);
        assert!(!read(&["--rate", "unlimited"])?.expect("no help was asked for").pair_limit);
        Ok(())
    }

    #[test]
    fn wrong_arguments_are_named() {
        for wrong in [&["--listen", "nowhere"][..], &["--rate", "0"], &["--seed"], &["--fasst"]] {
            let error = read(wrong).expect_err("a wrong argument");
            assert!(format!("{error:#}").contains(wrong[0]), "{error:#}");
        }
        assert!(read(&["--help"]).is_ok_and(|config| config.is_none()));
    }
}
