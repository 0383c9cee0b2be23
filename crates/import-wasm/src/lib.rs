//! The import page's own WebAssembly module.
//!
//! It runs in a Web Worker (`frontend/js/import_worker.js`), reads the chosen file with the code that the server will
//! read it with, and answers in JSON. The numbering plans of all countries are in here, and nowhere else in the browser.

use domain::address::country::CountryCode;
use domain::import::{Check, Checker, FileProblem, Mapping, look};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// What the page is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T> {
    /// The result.
    Ok(T),
    /// Why the file cannot be imported, as a sentence.
    Refused(String),
}

fn json<T: Serialize>(result: Result<T, FileProblem>) -> String {
    let answer = match result {
        Ok(value) => Answer::Ok(value),
        Err(problem) => Answer::Refused(problem.to_string()),
    };
    // Strings, numbers and maps with text keys are always JSON.
    serde_json::to_string(&answer).unwrap_or_else(|error| format!("{{\"refused\":\"{error}\"}}"))
}

/// Looks at the beginning of a file, or at all of it: `{"ok": Look | null}` (`null`: read more) or `{"refused": sentence}`.
#[wasm_bindgen]
pub fn look_at(beginning: &[u8], is_whole: bool) -> String {
    json(look(beginning, is_whole))
}

/// Reads a file chunk by chunk, and knows at any time what it holds so far.
#[wasm_bindgen]
#[derive(Debug)]
pub struct FileCheck {
    checker: Checker,
}

#[wasm_bindgen]
impl FileCheck {
    /// Begins. `mapping` is JSON: `[{"heading": …, "target": …}, …]`; `country` has two letters, or is empty.
    #[wasm_bindgen(constructor)]
    pub fn new(mapping: &str, country: &str) -> Result<FileCheck, String> {
        let mapping: Mapping = serde_json::from_str(mapping).map_err(|error| error.to_string())?;
        Ok(Self { checker: Checker::new(mapping, country.parse::<CountryCode>().ok()) })
    }

    /// Reads on. An empty text if all is well, else `{"refused": sentence}`.
    pub fn feed(&mut self, bytes: &[u8]) -> String {
        match self.checker.feed(bytes) {
            Ok(()) => String::new(),
            Err(problem) => json::<()>(Err(problem)),
        }
    }

    /// Says that there are no more bytes. The same answer as [`FileCheck::check`].
    pub fn finish(&mut self) -> String {
        let finished = self.checker.finish();
        json(finished.map(|()| self.checker.check()))
    }

    /// What was found so far: `{"ok": Check}`.
    pub fn check(&self) -> String {
        json::<&Check>(Ok(self.checker.check()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"Name,Phone\nAna,912 345 678\nRui,12\n";

    #[test]
    fn a_file_is_looked_at_and_checked() {
        assert_eq!(look_at(&FILE[..10], false), r#"{"ok":null}"#);
        let look = look_at(FILE, true);
        assert!(look.contains(r#""target":"phone""#), "{look}");
        let mapping = r#"[{"heading":"Name","target":"name"},{"heading":"Phone","target":"phone"}]"#;
        let mut check = FileCheck::new(mapping, "PT").expect("a mapping");
        assert_eq!(check.feed(FILE), "");
        let answer = check.finish();
        assert!(answer.contains(r#""ready":1,"noted":0,"skipped":1"#), "{answer}");
        assert!(answer.contains("7 digits too short for Portugal"), "{answer}");
    }

    #[test]
    fn a_refusal_is_a_sentence() {
        assert!(look_at(b"%PDF-1.7", true).starts_with(r#"{"refused":"The file is a PDF"#));
        assert!(FileCheck::new(r#"[{"heading":"x","target":"salary"}]"#, "").is_err());
    }
}
