//! What is wrong with a file or a row, in sentences.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CELL_BYTES_MAX, COLUMNS_MAX, Encoding, FILE_BYTES_MAX, ROW_BYTES_MAX, ROWS_MAX};
use crate::address::{EmailError, PhoneError};
use crate::contact::{AttributeError, AttributeKey};

/// What a file is that is no table of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// An Excel workbook, new format, or another zipped office file.
    Workbook,
    /// An Excel workbook, old format.
    OldWorkbook,
    /// A PDF.
    Pdf,
    /// An image.
    Image,
    /// A compressed file.
    Compressed,
    /// Something else.
    Other,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Workbook | Self::OldWorkbook => {
                "a spreadsheet workbook, not a CSV file; save it as “CSV UTF-8”"
            }
            Self::Pdf => "a PDF, not a CSV file; export the table from where the PDF was made",
            Self::Image => "an image, not a CSV file",
            Self::Compressed => "a compressed file; unpack it and choose the CSV inside",
            Self::Other => "not a text file; export your contacts as CSV",
        })
    }
}

/// Why nothing of a file can be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum FileProblem {
    /// No bytes, or only blank lines.
    #[error("The file is empty. Export your contacts again and choose the new file.")]
    Empty,
    /// A row of headings and nothing below.
    #[error("The file has headings but no rows below them.")]
    NoRows,
    /// Not text.
    #[error("The file is {kind}.")]
    NotText {
        /// What it seems to be.
        kind: FileKind,
    },
    /// More bytes than allowed.
    #[error("The file is larger than {} MB. Split it and import the parts one after another.", FILE_BYTES_MAX / 1_048_576)]
    TooLarge,
    /// More rows than allowed.
    #[error("The file has more than {ROWS_MAX} rows. Split it and import the parts one after another.")]
    TooManyRows,
    /// More columns than allowed.
    #[error(
        "Line {line} has {found} columns; a file may have {COLUMNS_MAX}. Leave out what messages do not need."
    )]
    TooManyColumns {
        /// The line of the headings.
        line: u32,
        /// How many there are.
        found: usize,
    },
    /// A row does not end.
    #[error(
        "The row that begins in line {line} does not end within {} MB. A quotation mark there is probably not closed.",
        ROW_BYTES_MAX / 1_048_576
    )]
    RowTooLong {
        /// Where it begins.
        line: u32,
    },
    /// Neither a phone nor an email column.
    #[error("Line 1 names no column with phone numbers or email addresses. Its columns are: {}.", columns.join(", "))]
    NoAddressColumn {
        /// The headings.
        columns: Vec<String>,
    },
    /// The columns are not those that were mapped.
    #[error("Line 1 of this file has other columns than the file that was checked. Choose the file again.")]
    OtherColumns,
    /// Each row has a problem that keeps it out.
    #[error("None of the {rows} rows can be imported. The first problem is in {first}.")]
    NothingUsable {
        /// How many rows there are.
        rows: u32,
        /// The first problem, as a sentence.
        first: String,
    },
}

/// Which part of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The row as a whole.
    Row,
    /// The name.
    Name,
    /// The phone number.
    Phone,
    /// The email address.
    Email,
    /// Whether they agreed.
    Consent,
    /// An attribute.
    Attribute(AttributeKey),
}

impl Field {
    /// The word the database holds: an attribute by its key, the rest in a form no key has.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Row => "(row)",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Consent => "(consent)",
            Self::Attribute(key) => key.as_str(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row => f.write_str("Row"),
            Self::Name => f.write_str("Name"),
            Self::Phone => f.write_str("Phone"),
            Self::Email => f.write_str("Email"),
            Self::Consent => f.write_str("Consent"),
            Self::Attribute(key) => f.write_str(&key.heading()),
        }
    }
}

/// What is wrong with a row, or with one field of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More or fewer cells than headings.
    #[error(
        "it has {found} cells where the headings have {expected}; a text with the delimiter needs quotation marks"
    )]
    Ragged {
        /// Cells in the row.
        found: usize,
        /// Headings.
        expected: usize,
    },
    /// Bytes that are no text in the encoding of the file.
    #[error("it is not written in {expected} like the rest of the file; save the whole file as UTF-8")]
    OtherEncoding {
        /// The encoding of the rest.
        expected: Encoding,
    },
    /// A cell is too long.
    #[error("one of its cells is longer than {CELL_BYTES_MAX} characters")]
    CellTooLong,
    /// A character that is not text.
    #[error("it holds characters that are not text")]
    NotText,
    /// Neither phone nor email.
    #[error("it has neither a phone number nor an email address")]
    NoAddress,
    /// The name is too long.
    #[error("the name is longer than 200 characters")]
    NameTooLong,
    /// The phone number is not one.
    #[error(transparent)]
    Phone(PhoneError),
    /// The email address is not one.
    #[error(transparent)]
    Email(EmailError),
    /// Neither a yes nor a no.
    #[error("neither a yes nor a no; write yes or no")]
    ConsentUnclear,
    /// The value cannot be kept.
    #[error(transparent)]
    Attribute(AttributeError),
    /// The same person stands in an earlier line.
    #[error("the same person as in line {first_line}; this later line counts")]
    Repeated {
        /// The earlier line.
        first_line: u32,
    },
    /// The email address belongs to somebody else.
    #[error("another contact has this email address; it stays there")]
    EmailElsewhere,
}

/// The sort of a reason, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Cells and headings do not match.
    Ragged,
    /// Encoding, control characters, size of cells.
    Unreadable,
    /// No address at all.
    NoAddress,
    /// A number without country code and no default country.
    PhoneWithoutCountry,
    /// A number cut off by a spreadsheet.
    PhoneCutOff,
    /// Another wrong number.
    PhoneWrong,
    /// A wrong email address.
    EmailWrong,
    /// Neither yes nor no.
    ConsentUnclear,
    /// A name or value that is too long.
    TooLong,
    /// A repeated person.
    Repeated,
    /// Phone and email of one row belong to two contacts.
    Conflict,
}

impl Reason {
    /// The sort of this reason.
    pub fn kind(&self) -> ReasonKind {
        match self {
            Self::Ragged { .. } => ReasonKind::Ragged,
            Self::OtherEncoding { .. } | Self::CellTooLong | Self::NotText => ReasonKind::Unreadable,
            Self::NoAddress => ReasonKind::NoAddress,
            Self::Phone(PhoneError::NoCountry) => ReasonKind::PhoneWithoutCountry,
            Self::Phone(PhoneError::CutOff) => ReasonKind::PhoneCutOff,
            Self::Phone(_) => ReasonKind::PhoneWrong,
            Self::Email(_) => ReasonKind::EmailWrong,
            Self::ConsentUnclear => ReasonKind::ConsentUnclear,
            Self::NameTooLong | Self::Attribute(_) => ReasonKind::TooLong,
            Self::Repeated { .. } => ReasonKind::Repeated,
            Self::EmailElsewhere => ReasonKind::Conflict,
        }
    }
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ragged => "More or fewer cells than headings",
            Self::Unreadable => "Not readable as text",
            Self::NoAddress => "Neither phone nor email",
            Self::PhoneWithoutCountry => "Number without a country",
            Self::PhoneCutOff => "Number cut off by a spreadsheet",
            Self::PhoneWrong => "Not a phone number",
            Self::EmailWrong => "Not an email address",
            Self::ConsentUnclear => "Consent neither yes nor no",
            Self::TooLong => "Too long",
            Self::Repeated => "Same person in an earlier line",
            Self::Conflict => "Email of another contact",
        })
    }
}

/// Something wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line in the file where the row begins, from 1.
    pub line: u32,
    /// Which part.
    pub field: Field,
    /// What.
    pub reason: Reason,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Field::Row => write!(f, "line {}: {}", self.line, self.reason),
            _ => write!(f, "line {}, {}: {}", self.line, self.field, self.reason),
        }
    }
}
