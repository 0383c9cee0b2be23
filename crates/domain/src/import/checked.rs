//! What a file holds, as it is shown before it is imported.

use serde::{Deserialize, Serialize};

use super::consent_words::ConsentClaim;
use super::mapping::Guess;
use super::table::Shape;
use super::tally::Tally;
use crate::address::country::CountryCode;

/// The first look at a file: its columns and what they probably are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// What it looks like as a table.
    pub shape: Shape,
    /// What each column probably is.
    pub guesses: Vec<Guess>,
    /// Per column, its first few different values.
    pub first_values: Vec<Vec<String>>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It becomes a contact as it is.
    Ready,
    /// It becomes a contact, with something to know.
    Noted,
    /// It cannot become a contact.
    Skipped,
}

/// One field of a row: what would be imported, or what was written and why that will not do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedField {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRow {
    /// The line in the file, from 1.
    pub line: u32,
    /// The name.
    pub name: CheckedField,
    /// The phone number.
    pub phone: CheckedField,
    /// The email address.
    pub email: CheckedField,
    /// The country of the number, and whether it was assumed.
    pub country: Option<(CountryCode, bool)>,
    /// What the consent column says.
    pub consent: Option<ConsentClaim>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What else there is to know, as sentences.
    pub notes: Vec<String>,
}

/// What a file holds, so far or as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The counts.
    pub tally: Tally,
    /// The first rows.
    pub first_rows: Vec<CheckedRow>,
    /// The first rows that become contacts with something to know.
    pub noted_rows: Vec<CheckedRow>,
    /// The first rows that cannot become contacts.
    pub skipped_rows: Vec<CheckedRow>,
}
