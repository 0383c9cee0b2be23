//! Reading contacts out of a file of comma-separated values.
//!
//! The same lines run twice: in the browser, to show what the file holds before anything is uploaded, and on the server,
//! to load it. Bytes come in chunks of any size and rows go out, so a file of any length takes the same memory. Nothing
//! here is silently repaired or guessed: what cannot be taken is a [`Problem`] with its line, its field, and what would
//! be right; what makes a file unusable as a whole is a [`FileProblem`].
//!
//! [`TableReader`] turns bytes into rows of text. [`Mapping`] says what each column is. [`RowParser`] makes a contact of a
//! row, and [`Tally`] counts.

#[cfg(feature = "phone")]
mod check;
mod checked;
mod consent_words;
mod dialect;
mod encoding;
mod headings;
mod mapping;
mod problem;
mod row;
mod table;
mod tally;
#[cfg(all(test, feature = "phone"))]
mod tests;

#[cfg(feature = "phone")]
pub use check::{Checker, look};
pub use checked::{Check, CheckedField, CheckedRow, Look, Outcome};
pub use consent_words::ConsentClaim;
pub use encoding::Encoding;
pub use mapping::{ColumnMapping, Guess, GuessReason, Mapping, MappingError, Target, guess_mapping};
pub use problem::{Field, FileKind, FileProblem, Problem, Reason, ReasonKind};
#[cfg(feature = "phone")]
pub use row::RowParser;
pub use row::{ContactDraft, ImportRow};
pub use table::{Cells, Row, Shape, TableReader};
pub use tally::{CountryTally, Tally};

/// Most bytes of a file.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most rows of a file.
pub const ROWS_MAX: u32 = 5_000_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 200;
/// Most bytes of one cell.
pub const CELL_BYTES_MAX: usize = 10_000;
/// Most bytes of one row. A quotation mark that is never closed swallows the rest of a file; here it is noticed.
pub const ROW_BYTES_MAX: usize = 1024 * 1024;
/// How much of a file is looked at before encoding and delimiter are chosen, in bytes.
pub const SAMPLE_BYTES: usize = 64 * 1024;
