//! `cargo xtask prepare`: writes `.sqlx`, what the checked SQL macros know about each query.
//!
//! It is what `cargo sqlx prepare` does, without that program: the crates with SQL are compiled against a freshly
//! migrated database while the macros are told to save what it says. The compiler is called through a wrapper whose
//! path is new each time; that makes cargo compile these crates anew, and only these, without touching what an
//! ordinary build left behind.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::build::native;
use crate::cluster::Purpose;
use crate::command;
use crate::database::{Databases, run_sql};
use crate::fingerprint::{Fingerprint, files};
use crate::progress;
use crate::tools::node::Node;
use crate::workspace::Workspace;

/// Dropped again at the end.
const SCRATCH_DATABASE: &str = "fanfare_prepare";

pub fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<ExitCode> {
    let check_only = arguments.flag("--check");
    arguments.finish()?;
    let node = Node::ensure(workspace)?;
    let databases = Databases::provide(workspace, Purpose::Test)?;
    if check_only {
        check(workspace, &node, &databases)?;
    } else {
        write(workspace, &node, &databases)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings `.sqlx` up to date.
pub fn write(workspace: &Workspace, node: &Node, databases: &Databases) -> Result<()> {
    let fresh = describe(workspace, node, databases)?;
    let committed = read(&workspace.path(".sqlx"))?;
    if fresh == committed {
        progress::note(&format!(".sqlx is up to date: {} queries", fresh.len()));
        return Ok(());
    }
    let folder = workspace.path(".sqlx");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for name in committed.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(folder.join(name)).with_context(|| format!("cannot remove .sqlx/{name}"))?;
    }
    for (name, content) in fresh.iter().filter(|(name, content)| committed.get(*name) != Some(content)) {
        fs::write(folder.join(name), content).with_context(|| format!("cannot write .sqlx/{name}"))?;
    }
    progress::note(&format!(".sqlx is written: {} queries", fresh.len()));
    Ok(())
}

/// Fails if `.sqlx` is not what the queries and the migrations say.
pub fn check(workspace: &Workspace, node: &Node, databases: &Databases) -> Result<()> {
    let fresh = describe(workspace, node, databases)?;
    let committed = read(&workspace.path(".sqlx"))?;
    let missing = fresh.keys().filter(|name| !committed.contains_key(*name)).count();
    let left_over = committed.keys().filter(|name| !fresh.contains_key(*name)).count();
    let changed =
        fresh.iter().filter(|(name, text)| committed.get(*name).is_some_and(|old| old != *text)).count();
    if missing + left_over + changed > 0 {
        bail!(
            ".sqlx is out of date ({missing} queries missing, {left_over} left over, {changed} changed); \
             run: cargo xtask prepare"
        );
    }
    progress::note(&format!(".sqlx matches all {} queries", fresh.len()));
    Ok(())
}

/// What every query looks like to the database, by file name. Kept until a source or a migration changes.
fn describe(workspace: &Workspace, node: &Node, databases: &Databases) -> Result<BTreeMap<String, String>> {
    let packages = packages_with_sql(workspace)?;
    let inputs = inputs(workspace, &packages)?;
    let home = workspace.cache("sqlx")?;
    let folder = home.join(&inputs);
    let done = folder.join("done");
    if !done.exists() {
        // Whatever an earlier version of the sources left here.
        fs::remove_dir_all(&home).with_context(|| format!("cannot clear {}", home.display()))?;
        let queries = folder.join("queries");
        fs::create_dir_all(&queries).with_context(|| format!("cannot make {}", queries.display()))?;
        let url = databases.fresh(node, SCRATCH_DATABASE)?;
        migrate(workspace, node, &url)?;
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        progress::step(&format!("ask Postgres about the queries of {}", names.join(", ")), || {
            compile(workspace, &names, &url, &folder, &queries)
        })?;
        databases.remove(node, SCRATCH_DATABASE)?;
        fs::write(&done, "").with_context(|| format!("cannot write {}", done.display()))?;
    }
    read(&folder.join("queries"))
}

/// Applies the migrations as they lie; the program that does so in production needs these very queries to compile.
fn migrate(workspace: &Workspace, node: &Node, url: &str) -> Result<()> {
    for path in files(&workspace.path("migrations"))?
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
    {
        let sql = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        run_sql(node, url, &sql).with_context(|| format!("{} cannot be applied", path.display()))?;
    }
    Ok(())
}

fn compile(workspace: &Workspace, packages: &[&str], url: &str, folder: &Path, queries: &Path) -> Result<()> {
    // `env` runs the compiler it is given and adds nothing; what counts is a name that cargo has not seen before.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let wrapper = folder.join(format!("compiler-{}", since.as_nanos()));
    symlink("/usr/bin/env", &wrapper).with_context(|| format!("cannot make {}", wrapper.display()))?;
    let mut check = native::cargo(workspace, "check");
    for package in packages {
        check.args(["--package", package]);
    }
    check.args(["--quiet", "--all-targets"]);
    check
        .env("RUSTC_WORKSPACE_WRAPPER", &wrapper)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", queries);
    command::run(check.env("DATABASE_URL", url), "check the queries against the migrations")
}

/// A workspace package that compiles SQL.
struct Package {
    name: String,
    folder: PathBuf,
}

/// Those with sqlx among their dependencies whose sources use a checked macro.
fn packages_with_sql(workspace: &Workspace) -> Result<Vec<Package>> {
    let mut ask = Command::new("cargo");
    ask.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(&workspace.root);
    let metadata: Value = serde_json::from_str(&command::capture(&mut ask, "ask cargo for the packages")?)?;
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let uses_sqlx = package["dependencies"].as_array().into_iter().flatten().any(|d| d["name"] == "sqlx");
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a package has no folder")?.to_owned();
        if uses_sqlx && has_checked_query(&folder)? {
            found.push(Package { name: package["name"].as_str().unwrap_or_default().to_owned(), folder });
        }
    }
    Ok(found)
}

fn has_checked_query(folder: &Path) -> Result<bool> {
    for path in files(folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        if ["query!(", "query_as!(", "query_scalar!(", "query_file"].iter().any(|call| text.contains(call)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everything that can change an answer: the sources, the migrations, the version of sqlx.
fn inputs(workspace: &Workspace, packages: &[Package]) -> Result<String> {
    let mut print = Fingerprint::default().add_folder(&workspace.path("migrations"))?;
    print = print.add_folder(&workspace.path("crates/domain"))?.add_file(&workspace.path("Cargo.lock"))?;
    for package in packages {
        print = print.add_folder(&package.folder)?;
    }
    let mut hash = print.finish();
    hash.truncate(16);
    Ok(hash)
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut queries = BTreeMap::new();
    for path in files(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        queries.insert(name, text);
    }
    Ok(queries)
}
