//! How many tests passed, read off what the test runners print.

use std::fmt;

/// A number of tests by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    /// For a check that is a test by itself.
    pub const ONE: Self = Self { passed: 1, failed: 0 };

    pub fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// Takes in one line of cargo-nextest, `cargo test` or `node --test`, if it is one of their summaries.
    pub fn read(&mut self, line: &str) {
        let line = without_colour(line);
        let line = line.trim();
        if line.starts_with("Summary [") {
            self.passed += number_before(line, " passed");
            self.failed += number_before(line, " failed") + number_before(line, " timed out");
        } else if line.starts_with("test result:") {
            self.passed += number_before(line, " passed");
            self.failed += number_before(line, " failed");
        } else if let Some(number) = line.strip_prefix("ℹ pass ") {
            self.passed += number.parse().unwrap_or(0);
        } else if let Some(number) = line.strip_prefix("ℹ fail ") {
            self.failed += number.parse().unwrap_or(0);
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn number_before(line: &str, word: &str) -> u64 {
    let Some(at) = line.find(word) else { return 0 };
    let digits = line[..at].rsplit(|character: char| !character.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn without_colour(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        text.push_str(&rest[..at]);
        let escape = &rest[at..];
        rest = escape.find('m').map_or("", |end| &escape[end + 1..]);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &str) -> Count {
        let mut count = Count::default();
        lines.lines().for_each(|line| count.read(line));
        count
    }

    #[test]
    fn nextest_is_understood_with_and_without_failures() {
        let lines = "     Summary [   4.105s] 214 tests run: 213 passed (2 slow), 1 failed, 3 skipped";
        assert_eq!(count(lines), Count { passed: 213, failed: 1 });
        let coloured = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.005s] 5 tests run: \u{1b}[1m5\u{1b}[0m passed, 0 skipped";
        assert_eq!(count(coloured), Count { passed: 5, failed: 0 });
    }

    #[test]
    fn every_binary_of_cargo_test_counts() {
        let lines = "test result: ok. 12 passed; 0 failed; 0 ignored\ntest result: FAILED. 3 passed; 2 failed; 1 ignored";
        assert_eq!(count(lines), Count { passed: 15, failed: 2 });
    }

    #[test]
    fn nodes_runner_is_understood() {
        assert_eq!(count("ℹ tests 4\nℹ pass 3\nℹ fail 1"), Count { passed: 3, failed: 1 });
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(count("   Compiling passed v0.1.0\nhe passed, she failed"), Count::default());
    }
}
