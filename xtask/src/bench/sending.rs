//! Launching and dispatching, measured on the release build with a durable Postgres.
//!
//! In Graph's place stands nginx with one fixed answer: what is measured is us, not a stand-in.

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
use crate::tools::node::Node;
use crate::tools::{apt, find_program};
use crate::workspace::Workspace;

/// From the launch to the last recipient settled.
pub fn dispatch(workspace: &Workspace, mut arguments: Arguments) -> Result<Value> {
    let recipients = arguments.number("--recipients")?.unwrap_or(20_000).to_string();
    arguments.finish()?;
    let port = ports::free()?;
    let mut graph = nginx(workspace, port)?;
    let result = measure(workspace, "dispatch", |worker| {
        vec![
            "--graph-url".to_owned(),
            format!("http://127.0.0.1:{port}"),
            "--worker".to_owned(),
            worker.display().to_string(),
            "--recipients".to_owned(),
            recipients,
        ]
    });
    graph.stop()?;
    result
}

/// Resolving and freezing an audience.
pub fn launch(workspace: &Workspace, arguments: Arguments) -> Result<Value> {
    arguments.finish()?;
    measure(workspace, "launch", |_| Vec::new())
}

fn measure(workspace: &Workspace, name: &str, options: impl FnOnce(&Path) -> Vec<String>) -> Result<Value> {
    let programs = native::build(workspace, Profile::Release)?;
    progress::step("cargo build of the measuring program", || {
        let mut build = native::cargo(workspace, "build");
        build.args(["--release", "--package", "tests", "--bin", "bench"]);
        command::run(&mut build, "build the measuring program")
    })?;
    let node = Node::ensure(workspace)?;
    let databases = Databases::provide(workspace, Purpose::Demo)?;
    let url = databases.fresh(&node, &format!("fanfare_bench_{name}"))?;
    let mut bench = Command::new(programs.path("bench"));
    bench.args([name, "--database-url", &url]).args(options(&programs.path("worker")));
    let printed = progress::step(&format!("measure {name}"), || {
        command::capture(&mut bench, &format!("measure {name}"))
    })?;
    let line = printed.lines().last().context("the measurement printed nothing")?;
    serde_json::from_str(line).context("the measurement did not print JSON last")
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
