//! A row as a contact.

use super::consent_words::ConsentClaim;
use super::problem::Problem;
use crate::address::{EmailAddress, ParsedPhone};
use crate::contact::{AttributeKey, AttributeValue, ContactName};

#[cfg(feature = "phone")]
mod parse;

#[cfg(feature = "phone")]
pub use parse::RowParser;

/// A contact as a row describes it. It has a phone number, an email address, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDraft {
    /// The name; may be empty.
    pub name: ContactName,
    /// The number.
    pub phone: Option<ParsedPhone>,
    /// The address.
    pub email: Option<EmailAddress>,
    /// What the row says beyond that; empty cells say nothing.
    pub attributes: Vec<(AttributeKey, AttributeValue)>,
    /// What the consent column says; `None` without such a column, or if it is unclear.
    pub consent: Option<ConsentClaim>,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The line in the file where it begins, from 1.
    pub line: u32,
    /// The contact, unless the row must be skipped.
    pub contact: Option<ContactDraft>,
    /// What was wrong. A contact with problems is imported without the fields they name.
    pub problems: Vec<Problem>,
}
