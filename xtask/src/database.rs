//! Databases for the commands: in the cluster of this checkout, or on the server that `DATABASE_URL` names.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::cluster::{Cluster, Purpose};
use crate::command;
use crate::lock::Lock;
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;

/// A Postgres server we may make databases on.
pub struct Databases {
    // Before the lock: what is dropped first is stopped while the lock is still ours.
    server: Server,
    _lock: Lock,
}

enum Server {
    Private(Cluster),
    /// The user's own; it is never started, stopped or configured by us.
    Given(String),
}

impl Databases {
    /// The user's server if one is named in the environment, else the private one.
    pub fn provide(workspace: &Workspace, purpose: Purpose) -> Result<Self> {
        let lock = Lock::take(workspace, purpose)?;
        Ok(Self { server: Server::provide(workspace, purpose)?, _lock: lock })
    }

    /// The address of a database by name, whether it exists or not.
    pub fn url(&self, database: &str) -> Result<String> {
        match &self.server {
            Server::Private(cluster) => Ok(cluster.url(database)),
            Server::Given(url) => with_database(url, database),
        }
    }

    /// The PATH with Postgres' programs at its end, if they are ours to use.
    pub fn path_with_programs(&self) -> Result<Option<OsString>> {
        let Server::Private(cluster) = &self.server else { return Ok(None) };
        path_with(cluster.programs()).map(Some)
    }

    /// The database a stack keeps its data in: the one the user named, or `database`, made if it is not there.
    pub fn lasting(&self, node: &Node, database: &str) -> Result<String> {
        if let Server::Given(url) = &self.server {
            return Ok(url.clone());
        }
        let rows =
            self.administer(node, &format!("select 1 from pg_database where datname = '{database}'"))?;
        if rows.trim() == "[]" {
            self.administer(node, &format!("create database {database}"))?;
        }
        self.url(database)
    }

    /// An empty database of that name, whatever was in it before.
    pub fn fresh(&self, node: &Node, database: &str) -> Result<String> {
        self.remove(node, database)?;
        self.administer(node, &format!("create database {database}"))?;
        self.url(database)
    }

    /// Drops a database, and whoever is still connected to it.
    pub fn remove(&self, node: &Node, database: &str) -> Result<()> {
        self.administer(node, &format!("drop database if exists {database} with (force)")).map(drop)
    }

    fn administer(&self, node: &Node, sql: &str) -> Result<String> {
        let url = match &self.server {
            Server::Private(cluster) => cluster.url("postgres"),
            Server::Given(url) => url.clone(),
        };
        run_sql(node, &url, sql)
    }
}

/// The PATH with a folder of Postgres' programs at its end.
pub fn path_with(programs: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([programs.to_owned()]);
    std::env::join_paths(folders).context("the folder of Postgres' programs has a colon in its name")
}

impl Server {
    fn provide(workspace: &Workspace, purpose: Purpose) -> Result<Self> {
        for name in ["FANFARE_DATABASE__URL", "DATABASE_URL"] {
            if let Some(url) = std::env::var(name).ok().filter(|url| !url.is_empty()) {
                progress::note(&format!("using the Postgres that {name} names"));
                return Ok(Self::Given(url));
            }
        }
        Cluster::start(workspace, purpose).map(Self::Private)
    }
}

/// Runs SQL and gives the rows of its last statement as JSON.
pub fn run_sql(node: &Node, url: &str, sql: &str) -> Result<String> {
    // The address may hold a password, and a command line is for everyone to read.
    let mut command = node.script("tools/sql.mjs");
    command.env("XTASK_SQL_URL", url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("could not run SQL: node does not start")?;
    let mut input = child.stdin.take().context("could not run SQL: node has no input")?;
    input.write_all(sql.as_bytes()).context("could not run SQL: node does not read it")?;
    drop(input);
    let output = child.wait_with_output().context("could not run SQL")?;
    if !output.status.success() {
        bail!("the database refused: {}", command::tail(&output));
    }
    String::from_utf8(output.stdout).context("the database's answer is not text")
}

/// The same server and login, another database.
fn with_database(url: &str, database: &str) -> Result<String> {
    let (head, parameters) = url.split_once('?').map_or((url, None), |(head, tail)| (head, Some(tail)));
    let (scheme, rest) =
        head.split_once("://").context("DATABASE_URL is not of the form postgres://user@host/name")?;
    let authority = rest.split('/').next().unwrap_or_default();
    let parameters = parameters.map(|tail| format!("?{tail}")).unwrap_or_default();
    Ok(format!("{scheme}://{authority}/{database}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_changes() -> Result<()> {
        let url = "postgres://app:p%2Fw@db.example:5433/live?sslmode=require";
        assert_eq!(
            with_database(url, "scratch")?,
            "postgres://app:p%2Fw@db.example:5433/scratch?sslmode=require"
        );
        assert_eq!(
            with_database("postgres://app@db.example", "scratch")?,
            "postgres://app@db.example/scratch"
        );
        assert!(with_database("db.example/live", "scratch").is_err());
        Ok(())
    }
}
