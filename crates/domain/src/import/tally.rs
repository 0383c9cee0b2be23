//! Counting what a file holds.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::consent_words::ConsentClaim;
use super::problem::{Field, Problem, Reason, ReasonKind};
use super::row::{ContactDraft, ImportRow};
use crate::address::country::CountryCode;

/// Numbers of one country.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryTally {
    /// Written with their country code.
    pub written: u32,
    /// Written without, so that the default country was assumed.
    pub assumed: u32,
}

/// What a file holds, counted row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows below the headings, without blank ones.
    pub rows: u32,
    /// Rows that become contacts as they are.
    pub ready: u32,
    /// Rows that become contacts without some field, or that replace an earlier row.
    pub noted: u32,
    /// Rows that cannot become contacts.
    pub skipped: u32,
    /// Rows of a person who stands in an earlier line.
    pub repeated: u32,
    /// Contacts with a number.
    pub with_phone: u32,
    /// Contacts with an email address.
    pub with_email: u32,
    /// Contacts who agreed, by the consent column.
    pub agreed: u32,
    /// Contacts who want nothing, by the consent column.
    pub opted_out: u32,
    /// Problems by their sort.
    pub problems: BTreeMap<ReasonKind, u32>,
    /// Numbers by country.
    pub countries: BTreeMap<CountryCode, CountryTally>,
    /// The line in which each person stood last.
    #[serde(skip)]
    seen: HashMap<u64, u32>,
}

impl Tally {
    /// Counts a row. If its person stood in an earlier line, that is added to the problems of the row.
    pub fn add(&mut self, row: &mut ImportRow) {
        self.rows += 1;
        if let Some(contact) = &row.contact
            && let Some(first_line) = self.seen.insert(identity(contact), row.line)
        {
            let reason = Reason::Repeated { first_line };
            row.problems.push(Problem { line: row.line, field: Field::Row, reason });
            self.repeated += 1;
        }
        for problem in &row.problems {
            *self.problems.entry(problem.reason.kind()).or_default() += 1;
        }
        match (&row.contact, row.problems.is_empty()) {
            (None, _) => self.skipped += 1,
            (Some(contact), true) => {
                self.ready += 1;
                self.count_contact(contact);
            }
            (Some(contact), false) => {
                self.noted += 1;
                self.count_contact(contact);
            }
        }
    }

    fn count_contact(&mut self, contact: &ContactDraft) {
        self.with_email += u32::from(contact.email.is_some());
        self.agreed += u32::from(contact.consent == Some(ConsentClaim::Agreed));
        self.opted_out += u32::from(contact.consent == Some(ConsentClaim::OptedOut));
        if let Some(phone) = &contact.phone {
            self.with_phone += 1;
            if let Some(region) = phone.region {
                let country = self.countries.entry(region).or_default();
                if phone.country_assumed {
                    country.assumed += 1;
                } else {
                    country.written += 1;
                }
            }
        }
    }

    /// People the file holds: rows that become contacts, each person once.
    pub fn people(&self) -> u32 {
        self.ready + self.noted - self.repeated
    }

    /// Numbers for which the default country was assumed.
    pub fn assumed(&self) -> u32 {
        self.countries.values().map(|country| country.assumed).sum()
    }
}

/// One number per person: the phone number itself, which fits, or a hash of the email address.
///
/// Two addresses with one hash would be counted as one person in a preview; the import compares the addresses.
fn identity(contact: &ContactDraft) -> u64 {
    match (&contact.phone, &contact.email) {
        (Some(phone), _) => phone.number.digits().parse().unwrap_or(u64::MAX),
        (None, Some(email)) => {
            let mut hasher = DefaultHasher::new();
            email.as_str().hash(&mut hasher);
            hasher.finish() | 1 << 63
        }
        (None, None) => u64::MAX,
    }
}
