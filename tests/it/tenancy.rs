//! Every use case that takes somebody's right to a workspace, tried with the right to another workspace and everything
//! that it may name taken from this one.

mod elsewhere;
mod operations;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::PgPool;

use self::elsewhere::Elsewhere;
use self::operations::{Got, call};
use crate::state;

/// The public functions of `service` that ask for a right, as folder and name: `campaigns::pause`.
fn use_cases() -> Result<BTreeSet<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/service/src");
    let mut use_cases = BTreeSet::new();
    for file in files(&source)? {
        let path = file.strip_prefix(&source)?.with_extension("");
        let module = path.iter().next().and_then(|name| name.to_str()).context("a name")?.to_owned();
        // Where rights are made, and what is only there for the crate's own tests.
        if path.iter().any(|part| part == "tests") || ["access", "world"].contains(&module.as_str()) {
            continue;
        }
        for function in fs::read_to_string(&file)?.split("pub async fn ").skip(1) {
            let (name, rest) = function.split_once(['(', '<']).context("a function")?;
            let (signature, _) = rest.split_once(" {\n").context("a signature")?;
            if signature.contains("WorkspaceAccess<") {
                use_cases.insert(format!("{module}::{name}"));
            }
        }
    }
    Ok(use_cases)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn no_use_case_reaches_into_another_workspace(pool: PgPool) -> Result<()> {
    let use_cases = use_cases()?;
    assert!(use_cases.len() > 50, "the source was not read: {use_cases:?}");
    let elsewhere = Elsewhere::look_from(pool).await?;
    let mut wrong = Vec::new();
    for use_case in use_cases {
        let before = elsewhere.state_here().await;
        let Some(got) = call(&use_case, &elsewhere).await? else {
            wrong.push(format!("{use_case}: nothing in tenancy/operations.rs tries it"));
            continue;
        };
        let changed = state::differences(&before, &elsewhere.state_here().await);
        if !changed.is_empty() {
            wrong.push(format!("{use_case}: changed {changed:?}"));
        }
        if let Got::Something(what) = got {
            wrong.push(format!("{use_case}: got {what}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The other way round: the same calls find everything with the right to this workspace. Otherwise the test above would
/// prove nothing.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn with_the_right_to_this_workspace_the_same_calls_find_everything(pool: PgPool) -> Result<()> {
    let here = Elsewhere::look_from(pool).await?.seen_from_here();
    for use_case in [
        "accounts::list",
        "campaigns::chosen",
        "campaigns::list",
        "campaigns::preflight",
        "campaigns::progress",
        "campaigns::recipients",
        "campaigns::sent_message",
        "channel_accounts::get",
        "channel_accounts::running_dispatches",
        "contacts::add_address",
        "contacts::confirm_consent",
        "contacts::find",
        "contacts::update",
        "imports::all_problems",
        "imports::get",
        "imports::preview",
        "lists::add_members",
        "lists::remove_members",
        "lists::rename",
        "live::watch",
        "suppressions::find",
        "suppressions::lift",
        "templates::get",
        "templates::list",
        "campaigns::pause",
    ] {
        let got = call(use_case, &here).await?;
        assert!(matches!(got, Some(Got::Something(_))), "{use_case}: {got:?}");
    }
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_belongs_to_another_workspace_cannot_be_chosen(pool: PgPool) -> Result<()> {
    let elsewhere = Elsewhere::look_from(pool).await?;
    let before = elsewhere.state_here().await;
    for (what, refused) in elsewhere.choose_foreign_things().await? {
        assert!(refused, "{what} of another workspace could be chosen");
    }
    assert_eq!(state::differences(&before, &elsewhere.state_here().await), Vec::<String>::new());
    Ok(())
}
