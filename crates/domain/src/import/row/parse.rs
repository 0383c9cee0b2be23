//! From a row to a contact.

use super::{ContactDraft, ImportRow};
use crate::address::PhoneError;
use crate::address::PhoneNumber;
use crate::address::country::CountryCode;
use crate::contact::{AttributeKey, AttributeValue, ContactName};
use crate::import::consent_words::ConsentClaim;
use crate::import::mapping::{Mapping, Target};
use crate::import::problem::{Field, Problem, Reason};
use crate::import::table::{Cells, Row};

/// Makes contacts of rows, by one mapping and one default country.
#[derive(Debug, Clone)]
pub struct RowParser {
    default_country: Option<CountryCode>,
    name: Option<usize>,
    first_name: Option<usize>,
    last_name: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
    consent: Option<usize>,
    attributes: Vec<(usize, AttributeKey)>,
}

impl RowParser {
    /// A parser for files of this mapping. Numbers without a country code belong to `default_country`.
    pub fn new(mapping: &Mapping, default_country: Option<CountryCode>) -> Self {
        let attributes =
            mapping.columns().iter().enumerate().filter_map(|(index, column)| match &column.target {
                Target::Attribute(key) => Some((index, key.clone())),
                _ => None,
            });
        Self {
            default_country,
            name: mapping.position(&Target::Name),
            first_name: mapping.position(&Target::FirstName),
            last_name: mapping.position(&Target::LastName),
            phone: mapping.position(&Target::Phone),
            email: mapping.position(&Target::Email),
            consent: mapping.position(&Target::Consent),
            attributes: attributes.collect(),
        }
    }

    /// Reads a row. Every problem of it is named, not only the first.
    pub fn parse(&self, row: &Row<'_>) -> ImportRow {
        let line = row.line;
        let mut problems = Vec::new();
        let contact = match &row.cells {
            Ok(cells) => {
                self.contact(cells, &mut |field, reason| problems.push(Problem { line, field, reason }))
            }
            Err(reason) => {
                problems.push(Problem { line, field: Field::Row, reason: reason.clone() });
                None
            }
        };
        ImportRow { line, contact, problems }
    }

    /// What stands in the row for a field, as it was written.
    pub(in crate::import) fn written(&self, cells: &Cells<'_>, field: &Field) -> String {
        let cell = |column: Option<usize>| column.map_or("", |column| cells.get(column).trim());
        match field {
            Field::Name if self.first_name.is_some() || self.last_name.is_some() => {
                format!("{} {}", cell(self.first_name), cell(self.last_name)).trim().to_owned()
            }
            Field::Name => cell(self.name).to_owned(),
            Field::Phone => cell(self.phone).to_owned(),
            Field::Email => cell(self.email).to_owned(),
            Field::Consent => cell(self.consent).to_owned(),
            Field::Row | Field::Attribute(_) => String::new(),
        }
    }

    fn contact(&self, cells: &Cells<'_>, report: &mut impl FnMut(Field, Reason)) -> Option<ContactDraft> {
        let cell = |column: Option<usize>| column.map_or("", |column| cells.get(column).trim());
        let (phone_cell, email_cell) = (cell(self.phone), cell(self.email));
        let phone = match PhoneNumber::parse(phone_cell, self.default_country) {
            Ok(phone) => Some(phone),
            Err(PhoneError::Empty) => None,
            Err(_) if is_blank(phone_cell) => None,
            Err(error) => {
                report(Field::Phone, Reason::Phone(error));
                None
            }
        };
        let email = if is_blank(email_cell) {
            None
        } else {
            email_cell.parse().map_err(|error| report(Field::Email, Reason::Email(error))).ok()
        };
        if phone.is_none() && email.is_none() {
            if is_blank(phone_cell) && is_blank(email_cell) {
                report(Field::Row, Reason::NoAddress);
            }
            return None;
        }
        Some(ContactDraft {
            name: self.contact_name(cells, report),
            phone,
            email,
            attributes: self.attribute_values(cells, report),
            consent: self.consent.and_then(|column| {
                let claim = ConsentClaim::read(cells.get(column));
                if claim.is_none() {
                    report(Field::Consent, Reason::ConsentUnclear);
                }
                claim
            }),
        })
    }

    fn contact_name(&self, cells: &Cells<'_>, report: &mut impl FnMut(Field, Reason)) -> ContactName {
        let cell = |column: Option<usize>| column.map_or("", |column| cells.get(column).trim());
        let parsed = match (self.first_name, self.last_name) {
            (None, None) => cell(self.name).parse::<ContactName>(),
            (first, last) => format!("{} {}", cell(first), cell(last)).parse(),
        };
        parsed.unwrap_or_else(|_| {
            report(Field::Name, Reason::NameTooLong);
            ContactName::default()
        })
    }

    fn attribute_values(
        &self,
        cells: &Cells<'_>,
        report: &mut impl FnMut(Field, Reason),
    ) -> Vec<(AttributeKey, AttributeValue)> {
        let mut values = Vec::with_capacity(self.attributes.len());
        for (column, key) in &self.attributes {
            let cell = cells.get(*column);
            if cell.trim().is_empty() {
                continue;
            }
            match cell.parse() {
                Ok(value) => values.push((key.clone(), value)),
                Err(error) => report(Field::Attribute(key.clone()), Reason::Attribute(error)),
            }
        }
        values
    }
}

/// What exports write where there is nothing.
fn is_blank(cell: &str) -> bool {
    cell.is_empty()
        || ["-", "–", "n/a", "na", "null", "none", "#n/a"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}
