//! Bringing people in from a file: the wizard, its report, and the imports that were.
//!
//! With WebAssembly the file is read in a Web Worker of the browser and uploaded once, with its mapping. Without, it is
//! uploaded first, kept on the server for a day, shown with its guessed mapping, and imported by a second form. Both
//! ways draw the same cards ([`drawing`]) and post the same fields.

pub mod drawing;
#[cfg(feature = "ssr")]
mod fields;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod mapped;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod report;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
pub mod upload;
#[expect(missing_docs, reason = "the macro makes items of its own out of the documented component")]
pub mod wizard;
#[cfg(feature = "wizard")]
mod worker;

/// The page with the wizard.
pub(crate) const IMPORT_PATH: &str = "/contacts/import";
/// A file as it should be, to fill in.
pub(crate) const SAMPLE_PATH: &str = "/contacts/import/sample.csv";
/// Receives a file, with or without its mapping.
pub(crate) const UPLOAD_PATH: &str = "/contacts/import/upload";
/// Most columns whose mapping a form may hold, as in `domain::import`.
#[cfg(feature = "ssr")]
const COLUMNS_MAX: usize = domain::import::COLUMNS_MAX;

/// The name of the field that holds a column's heading.
pub(crate) fn heading_field(column: usize) -> String {
    format!("heading-{column}")
}

/// The name of the field that says where a column goes.
pub(crate) fn target_field(column: usize) -> String {
    format!("target-{column}")
}
