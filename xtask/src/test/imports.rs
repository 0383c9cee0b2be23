//! Who may depend on whom. `deny.toml` says the same about other people's crates to whoever has cargo-deny.

use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::command;
use crate::progress;
use crate::workspace::Workspace;

/// The crates of ours that a crate may use. A crate that is not listed may not exist.
struct Edges {
    package: &'static str,
    may_use: &'static [&'static str],
    /// Besides those, in its tests.
    may_test_with: &'static [&'static str],
}

const OURS: &[Edges] = &[
    Edges { package: "domain", may_use: &[], may_test_with: &[] },
    Edges { package: "runtime", may_use: &[], may_test_with: &[] },
    Edges { package: "storage", may_use: &["domain"], may_test_with: &[] },
    Edges { package: "channels", may_use: &["domain"], may_test_with: &["sandbox"] },
    Edges { package: "service", may_use: &["domain", "storage", "channels"], may_test_with: &["sandbox"] },
    Edges { package: "app", may_use: &["domain", "service"], may_test_with: &[] },
    Edges { package: "frontend", may_use: &["app"], may_test_with: &[] },
    Edges { package: "import-page", may_use: &["app"], may_test_with: &[] },
    Edges { package: "import-wasm", may_use: &["domain"], may_test_with: &[] },
    Edges {
        package: "server",
        may_use: &["app", "domain", "service", "runtime"],
        may_test_with: &["sandbox"],
    },
    Edges {
        package: "worker",
        may_use: &["domain", "service", "channels", "runtime"],
        may_test_with: &["sandbox"],
    },
    // A second reading of the same documentation: it shares nothing with the first.
    Edges { package: "sandbox", may_use: &[], may_test_with: &[] },
    Edges { package: "xtask", may_use: &[], may_test_with: &[] },
    Edges {
        package: "tests",
        may_use: &[],
        may_test_with: &[
            "domain", "storage", "channels", "service", "runtime", "sandbox", "server", "worker",
        ],
    },
];

/// Crates of others that only some of ours may use.
struct Wrapped {
    dependency: &'static str,
    may_be_used_by: &'static [&'static str],
    may_be_tested_with_by: &'static [&'static str],
}

const THEIRS: &[Wrapped] = &[
    Wrapped {
        dependency: "sqlx",
        may_be_used_by: &["storage"],
        may_be_tested_with_by: &["service", "server", "worker", "tests"],
    },
    Wrapped {
        dependency: "reqwest",
        may_be_used_by: &["channels", "runtime", "sandbox"],
        may_be_tested_with_by: &["service", "server", "worker", "tests"],
    },
    Wrapped {
        dependency: "lettre",
        may_be_used_by: &["channels", "runtime", "sandbox"],
        may_be_tested_with_by: &[],
    },
    Wrapped {
        dependency: "oauth2",
        may_be_used_by: &["channels", "runtime", "sandbox"],
        may_be_tested_with_by: &[],
    },
    Wrapped { dependency: "pusher", may_be_used_by: &["channels"], may_be_tested_with_by: &["tests"] },
    Wrapped {
        dependency: "leptos",
        may_be_used_by: &["app", "frontend", "import-page", "server"],
        may_be_tested_with_by: &[],
    },
    Wrapped {
        dependency: "axum",
        may_be_used_by: &["app", "runtime", "server", "worker", "sandbox"],
        may_be_tested_with_by: &["channels", "service", "tests"],
    },
];

/// One line of some `Cargo.toml`.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    in_tests: bool,
}

/// Reads every manifest through cargo and fails on the first table's or the second table's word.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut ask = Command::new("cargo");
    ask.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(&workspace.root);
    let metadata: Value = serde_json::from_str(&command::capture(&mut ask, "ask cargo for the packages")?)?;
    let edges = edges(&metadata);
    let mut faults: Vec<String> = packages(&metadata)
        .filter(|name| OURS.iter().all(|entry| entry.package != *name))
        .map(|name| format!("{name} is not in the table of xtask/src/test/imports.rs"))
        .collect();
    faults.extend(edges.iter().filter_map(fault));
    if !faults.is_empty() {
        bail!("{} edges that the architecture does not have:\n{}", faults.len(), faults.join("\n"));
    }
    progress::note(&format!("{} dependencies, each where it belongs", edges.len()));
    Ok(())
}

fn packages(metadata: &Value) -> impl Iterator<Item = &str> {
    metadata["packages"].as_array().into_iter().flatten().filter_map(|package| package["name"].as_str())
}

fn edges(metadata: &Value) -> Vec<Edge<'_>> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .flat_map(|package| {
            let from = package["name"].as_str().unwrap_or_default();
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            dependencies.map(move |dependency| Edge {
                from,
                to: dependency["name"].as_str().unwrap_or_default(),
                // All of the package `tests` is tests and measurements, its library too.
                in_tests: dependency["kind"] == "dev" || from == "tests",
            })
        })
        .collect()
}

/// What is wrong with an edge, if anything.
fn fault(edge: &Edge<'_>) -> Option<String> {
    let allowed = if OURS.iter().any(|entry| entry.package == edge.to) {
        let entry = OURS.iter().find(|entry| entry.package == edge.from)?;
        entry.may_use.contains(&edge.to) || (edge.in_tests && entry.may_test_with.contains(&edge.to))
    } else {
        let wrapped = THEIRS.iter().find(|wrapped| wrapped.dependency == edge.to)?;
        wrapped.may_be_used_by.contains(&edge.from)
            || (edge.in_tests && wrapped.may_be_tested_with_by.contains(&edge.from))
    };
    let how = if edge.in_tests { "in its tests " } else { "" };
    (!allowed).then(|| format!("{} may not {how}depend on {}", edge.from, edge.to))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault_of(from: &str, to: &str, in_tests: bool) -> Option<String> {
        fault(&Edge { from, to, in_tests })
    }

    #[test]
    fn layers_may_only_be_crossed_downwards() {
        assert_eq!(fault_of("service", "storage", false), None);
        assert!(fault_of("storage", "service", false).is_some());
        assert!(fault_of("worker", "server", false).is_some());
        assert!(fault_of("app", "storage", false).is_some());
    }

    #[test]
    fn wrapped_crates_stay_wrapped_in_tests_too() {
        assert_eq!(fault_of("storage", "sqlx", false), None);
        assert_eq!(fault_of("service", "sqlx", true), None);
        assert!(fault_of("service", "sqlx", false).is_some());
        assert!(fault_of("app", "reqwest", true).is_some());
    }

    #[test]
    fn dev_dependencies_are_told_from_the_others() {
        let metadata = json!({ "packages": [{ "name": "service", "dependencies": [
            { "name": "sandbox", "kind": "dev" }, { "name": "serde", "kind": null },
        ] }] });
        let edges = edges(&metadata);
        assert!(edges[0].in_tests && !edges[1].in_tests);
    }
}
