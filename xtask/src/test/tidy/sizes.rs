//! Files one can read in one sitting. The length of functions is clippy's business; see `clippy.toml`.

use super::Source;

/// Before the tests that share the file.
const LINES_MAX: usize = 400;
/// A file of nothing but tests.
const TEST_LINES_MAX: usize = 600;

pub fn too_long(source: &Source) -> Vec<String> {
    if !matches!(source.extension(), "rs" | "css" | "mjs" | "js") {
        return Vec::new();
    }
    let only_tests = source.path.starts_with("tests/")
        || source.path.ends_with("/tests.rs")
        || source.path.contains("/tests/")
        || source.path.ends_with(".test.mjs");
    let limit = if only_tests { TEST_LINES_MAX } else { LINES_MAX };
    let lines =
        source.text.lines().take_while(|line| only_tests || !line.starts_with("#[cfg(test)]")).count();
    if lines > limit {
        return vec![format!("{lines} lines, and {limit} is the most; split it where there are two ideas")];
    }
    Vec::new()
}
