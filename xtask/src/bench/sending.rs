//! Launching, claiming, dispatching and receiving webhooks, measured on the release build with a durable Postgres.
//!
//! In Graph's place stands nginx with one fixed answer, or a responder of the measuring program that waits before each
//! answer: what is measured is us, not a stand-in. `--profile dev` is for trying a measurement out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::build::Profile;
use crate::build::native;
use crate::cluster::Purpose;
use crate::command;
use crate::database::Databases;
use crate::ports;
use crate::process::Process;
use crate::progress;
use crate::tools::node::{self, Node};
use crate::tools::{apt, find_program};
use crate::workspace::Workspace;

/// What the measuring program is called with, and which of ours it drives.
struct Measurement {
    name: &'static str,
    programs: &'static [&'static str],
    options: Vec<String>,
    profile: Profile,
}

impl Measurement {
    /// Takes out of the arguments what every measurement understands, and these numbers.
    fn new(name: &'static str, arguments: &mut Arguments, numbers: &[&str]) -> Result<Self> {
        let mut options = Vec::new();
        for number in numbers {
            if let Some(value) = arguments.number(number)? {
                options.extend([(*number).to_owned(), value.to_string()]);
            }
        }
        let profile = Profile::from_arguments(arguments, Profile::Release)?;
        Ok(Self { name, programs: &[], options, profile })
    }

    fn driving(mut self, programs: &'static [&'static str]) -> Self {
        self.programs = programs;
        self
    }

    fn option(&mut self, name: &str, value: impl Into<String>) {
        self.options.extend([name.to_owned(), value.into()]);
    }
}

/// From the launch to the last recipient settled.
pub fn dispatch(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let with_peers = arguments.flag("--peer");
    let waits = arguments.number("--latency-ms")?.filter(|latency| *latency > 0);
    let mut measurement =
        Measurement::new("dispatch", &mut arguments, &["--recipients"])?.driving(&["worker"]);
    arguments.finish()?;
    if with_peers {
        measurement.option("--peers", peers(workspace)?);
    }
    if let Some(latency) = waits {
        measurement.option("--latency-ms", latency.to_string());
        return measure(workspace, &measurement);
    }
    let port = ports::free()?;
    let mut graph = nginx(workspace, port)?;
    measurement.option("--graph-url", format!("http://127.0.0.1:{port}"));
    let result = measure(workspace, &measurement);
    graph.stop()?;
    result
}

/// A campaign at a limit.
pub fn paced(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let numbers = ["--recipients", "--rate", "--latency-ms"];
    let measurement = Measurement::new("paced", &mut arguments, &numbers)?.driving(&["worker"]);
    arguments.finish()?;
    measure(workspace, &measurement)
}

/// Resolving and freezing audiences.
pub fn launch(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let measurement = Measurement::new("launch", &mut arguments, &["--small", "--large"])?;
    arguments.finish()?;
    measure(workspace, &measurement)
}

/// Taking batches with much history.
pub fn claim(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let measurement = Measurement::new("claim", &mut arguments, &["--history"])?;
    arguments.finish()?;
    measure(workspace, &measurement)
}

/// Receiving status events.
pub fn webhooks(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let mut measurement =
        Measurement::new("webhooks", &mut arguments, &["--events", "--connections"])?.driving(&["server"]);
    arguments.finish()?;
    measurement.option("--peers", peers(workspace)?);
    measure(workspace, &measurement)
}

fn measure(workspace: &Workspace, measurement: &Measurement) -> Result<Value> {
    let name = measurement.name;
    let ours = measurement.programs.iter().map(|program| (*program, *program));
    let wanted: Vec<(&str, &str)> = ours.chain([("tests", "bench")]).collect();
    let programs = native::build_some(workspace, measurement.profile, &wanted)?;
    let node = Node::ensure(workspace)?;
    let databases = Databases::provide(workspace, Purpose::Demo)?;
    let url = databases.fresh(&node, &format!("fanfare_bench_{name}"))?;
    let mut bench = Command::new(programs.path("bench"));
    bench.args([name, "--database-url", &url]).args(&measurement.options);
    for program in measurement.programs {
        bench.arg(format!("--{program}")).arg(programs.path(program));
    }
    let printed = progress::step(&format!("measure {name}"), || {
        command::capture(&mut bench, &format!("measure {name}"))
    });
    // Ten million rows need not stay.
    databases.remove(&node, &format!("fanfare_bench_{name}"))?;
    let printed = printed?;
    let line = printed.lines().last().context("the measurement printed nothing")?;
    serde_json::from_str(line).context("the measurement did not print JSON last")
}

/// The folder with the scripts of the peers, their packages installed.
fn peers(workspace: &Workspace) -> Result<String> {
    let folder = workspace.path("tests/bench/peers");
    Node::ensure(workspace)?;
    node::install(&folder, "the peers of the benchmarks")?;
    Ok(folder.display().to_string())
}

/// nginx that accepts every message at once.
fn nginx(workspace: &Workspace, port: u16) -> Result<Process> {
    if program().is_none() {
        apt::install(&["nginx-light"], "stand in for Graph while measuring")?;
    }
    let nginx = program().context("nginx was installed but is not there")?;
    let folder = workspace.private()?.join("bench-nginx");
    fs::create_dir_all(&folder)?;
    let config = folder.join("nginx.conf");
    fs::write(&config, configuration(&folder, port))?;
    let mut command = Command::new(nginx);
    command.arg("-c").arg(&config).arg("-p").arg(&folder).arg("-e").arg(folder.join("error.log"));
    let mut process = Process::start("nginx", &mut command, folder.join("nginx.log"))?;
    process.wait_until_ready(port, "/")?;
    Ok(process)
}

/// Debian puts it where only root's PATH looks.
fn program() -> Option<PathBuf> {
    find_program("nginx").or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|path| path.is_file()))
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let answer = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.$request_id","message_status":"accepted"}]}"#;
    format!(
        "daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    keepalive_timeout 300s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        default_type application/json;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"
    )
}
