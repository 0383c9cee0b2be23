//! Names that say nothing.

use super::Source;

/// As the name of a file or a folder.
const BANNED: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "manager"];
/// As the beginning of a function's name.
const BANNED_PREFIXES: &[&str] = &["fn process_", "fn do_", "fn handle_stuff"];

pub fn banned(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for part in source.path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if BANNED.contains(&stem) {
            faults.push(format!("{stem} is no name: say what is in it"));
        }
    }
    if source.extension() == "rs" && !is_about_names(source) {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(prefix) = BANNED_PREFIXES.iter().find(|prefix| line.contains(*prefix)) {
                faults.push(format!(
                    "line {}: a function called `{prefix}…` does not say what it does",
                    number + 1
                ));
            }
        }
    }
    faults
}

/// This file and its tests must spell out what they forbid.
fn is_about_names(source: &Source) -> bool {
    source.path.starts_with("xtask/src/test/tidy")
}
