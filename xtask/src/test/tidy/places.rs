//! Nothing of anybody's machine: no path of one, no address a package was fetched from.

use super::Source;

/// Beginnings of paths that exist on one machine only. Spelled in halves, or this file would break its own rule.
const MACHINE_PATHS: &[(&str, &str)] =
    &[("/work/", "main"), ("/work/", "shared"), ("/root", "/"), ("/home", "/"), ("/Users", "/")];
const HOSTS: &[(&str, &str)] = &[
    ("registry.", "npmjs.org"),
    ("registry.", "yarnpkg.com"),
    ("static.", "crates.io"),
    ("index.", "crates.io"),
];

pub fn machine(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for (head, tail) in MACHINE_PATHS.iter().chain(HOSTS) {
            let banned = format!("{head}{tail}");
            if line.contains(&banned) {
                faults.push(format!("line {}: {banned} is of one machine or one network", number + 1));
            }
        }
    }
    faults
}

/// A lock file pins versions and checksums; where packages come from is each machine's business.
pub fn resolved(source: &Source) -> Vec<String> {
    let is_lock = source.path.ends_with("package-lock.json");
    if is_lock && source.text.contains("\"resolved\"") {
        return vec!["it names where packages came from; run: npm install --prefix end2end".to_owned()];
    }
    Vec::new()
}
