//! Checking a file before it is imported.

use super::checked::{Check, CheckedField, CheckedRow, Look, Outcome};
use super::mapping::{Mapping, guess_mapping};
use super::problem::{Field, FileProblem};
use super::row::{ImportRow, RowParser};
use super::table::{Row, Shape, TableReader};
use super::tally::Tally;
use crate::address::country::CountryCode;

/// How many rows are looked at to guess what the columns are.
const SAMPLE_ROWS: usize = 200;
/// How many values of a column are shown.
const FIRST_VALUES: usize = 3;
/// How many characters of a value are shown.
const VALUE_CHARACTERS_MAX: usize = 60;
/// How many rows of each sort are shown.
const ROWS_SHOWN: usize = 50;

/// Looks at the beginning of a file, or at all of it. `None` if that is too little to tell.
pub fn look(beginning: &[u8], is_whole: bool) -> Result<Option<Look>, FileProblem> {
    let mut reader = TableReader::new();
    let mut sample: Vec<Vec<String>> = Vec::new();
    let mut take = |_: &Shape, row: Row<'_>| {
        if let Ok(cells) = row.cells
            && sample.len() < SAMPLE_ROWS
        {
            sample.push(cells.iter().map(str::to_owned).collect());
        }
    };
    reader.feed(beginning, &mut take)?;
    if is_whole {
        reader.finish(&mut take)?;
    }
    let Some(shape) = reader.shape().cloned() else {
        return Ok(None);
    };
    let guesses = guess_mapping(&shape, &sample);
    let first_values = (0..shape.columns.len()).map(|column| first_values(&sample, column)).collect();
    Ok(Some(Look { shape, guesses, first_values }))
}

fn first_values(sample: &[Vec<String>], column: usize) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for cell in sample.iter().filter_map(|row| row.get(column)) {
        let value = shown(cell.trim());
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
        if values.len() == FIRST_VALUES {
            break;
        }
    }
    values
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads a file as the import will, and keeps the counts and the rows worth showing.
#[derive(Debug)]
pub struct Checker {
    reader: TableReader,
    keeper: Keeper,
}

#[derive(Debug)]
struct Keeper {
    mapping: Mapping,
    parser: RowParser,
    misfit: Option<FileProblem>,
    is_fitted: bool,
    check: Check,
}

impl Checker {
    /// A checker at the beginning of a file. Numbers without a country code belong to `default_country`.
    pub fn new(mapping: Mapping, default_country: Option<CountryCode>) -> Self {
        let parser = RowParser::new(&mapping, default_country);
        let check = Check {
            tally: Tally::default(),
            first_rows: Vec::new(),
            noted_rows: Vec::new(),
            skipped_rows: Vec::new(),
        };
        let keeper = Keeper { mapping, parser, misfit: None, is_fitted: false, check };
        Self { reader: TableReader::new(), keeper }
    }

    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FileProblem> {
        let keeper = &mut self.keeper;
        self.reader.feed(bytes, &mut |shape, row| keeper.take(shape, &row))?;
        self.keeper.misfit.clone().map_or(Ok(()), Err)
    }

    /// Says that there are no more bytes.
    pub fn finish(&mut self) -> Result<(), FileProblem> {
        let keeper = &mut self.keeper;
        self.reader.finish(&mut |shape, row| keeper.take(shape, &row))?;
        self.keeper.misfit.clone().map_or(Ok(()), Err)
    }

    /// What was found so far.
    pub fn check(&self) -> &Check {
        &self.keeper.check
    }

    /// How many bytes were read so far.
    pub fn bytes(&self) -> u64 {
        self.reader.bytes()
    }
}

impl Keeper {
    fn take(&mut self, shape: &Shape, row: &Row<'_>) {
        if !self.is_fitted {
            self.is_fitted = true;
            self.misfit = self.mapping.fits(shape).err();
        }
        if self.misfit.is_some() {
            return;
        }
        let mut parsed = self.parser.parse(row);
        self.check.tally.add(&mut parsed);
        let outcome = match (&parsed.contact, parsed.problems.is_empty()) {
            (None, _) => Outcome::Skipped,
            (Some(_), true) => Outcome::Ready,
            (Some(_), false) => Outcome::Noted,
        };
        let kept = match outcome {
            Outcome::Ready => None,
            Outcome::Noted => Some(&mut self.check.noted_rows),
            Outcome::Skipped => Some(&mut self.check.skipped_rows),
        };
        let kept = kept.filter(|rows| rows.len() < ROWS_SHOWN);
        let is_early = self.check.first_rows.len() < ROWS_SHOWN;
        if kept.is_none() && !is_early {
            return;
        }
        let checked = checked(&self.parser, row, &parsed, outcome);
        if let Some(rows) = kept {
            rows.push(checked.clone());
        }
        if is_early {
            self.check.first_rows.push(checked);
        }
    }
}

fn checked(parser: &RowParser, row: &Row<'_>, parsed: &ImportRow, outcome: Outcome) -> CheckedRow {
    let written = |field: &Field| {
        row.cells.as_ref().map_or_else(|_| String::new(), |cells| parser.written(cells, field))
    };
    let field = |field: Field, taken: Option<String>| CheckedField {
        problem: parsed
            .problems
            .iter()
            .find(|problem| problem.field == field)
            .map(|problem| problem.reason.to_string()),
        text: shown(&taken.unwrap_or_else(|| written(&field))),
    };
    let contact = parsed.contact.as_ref();
    let phone = contact.and_then(|contact| contact.phone.as_ref());
    let is_shown = |field: &Field| matches!(field, Field::Name | Field::Phone | Field::Email);
    CheckedRow {
        line: parsed.line,
        name: field(Field::Name, contact.map(|contact| contact.name.as_str().to_owned())),
        phone: field(Field::Phone, phone.map(|phone| phone.number.as_str().to_owned())),
        email: field(
            Field::Email,
            contact.and_then(|c| c.email.as_ref()).map(|email| email.as_str().to_owned()),
        ),
        country: phone.and_then(|phone| phone.region.map(|region| (region, phone.country_assumed))),
        consent: contact.and_then(|contact| contact.consent),
        outcome,
        notes: parsed
            .problems
            .iter()
            .filter(|problem| !is_shown(&problem.field))
            .map(|problem| match problem.field {
                Field::Row => problem.reason.to_string(),
                _ => format!("{}: {}", problem.field, problem.reason),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{ColumnMapping, Target};

    const FILE: &[u8] = b"Name;Phone;Email;Clinic\n\
        Ana;912 345 678;ana@example.com;Faro\n\
        Rui;12;rui@example.com;Faro\n\
        Eva;;;Porto\n";

    fn mapping(look: &Look) -> Mapping {
        let columns = look.guesses.iter();
        let columns = columns
            .map(|guess| ColumnMapping { heading: guess.heading.clone(), target: guess.target.clone() });
        Mapping::new(columns.collect()).expect("a guess is a mapping")
    }

    #[test]
    fn a_look_shows_columns_and_their_first_values() {
        let look = look(FILE, true).expect("a table").expect("enough");
        assert_eq!(look.shape.columns, ["Name", "Phone", "Email", "Clinic"]);
        assert_eq!(look.first_values[0], ["Ana", "Rui", "Eva"]);
        assert_eq!(look.first_values[3], ["Faro", "Porto"]);
        assert_eq!(super::look(&FILE[..20], false), Ok(None));
    }

    #[test]
    fn a_check_counts_and_keeps_the_rows_worth_showing() {
        let look = look(FILE, true).expect("a table").expect("enough");
        let mut checker = Checker::new(mapping(&look), "PT".parse().ok());
        checker.feed(FILE).expect("a table");
        checker.finish().expect("a table");
        let check = checker.check();
        assert_eq!((check.tally.ready, check.tally.noted, check.tally.skipped), (1, 1, 1));
        assert_eq!(check.first_rows.len(), 3);
        assert_eq!(check.first_rows[0].country, Some(("PT".parse().expect("a country"), true)));
        assert_eq!(check.noted_rows[0].phone.text, "12");
        assert_eq!(
            check.noted_rows[0].phone.problem.as_deref(),
            Some("it is 7 digits too short for Portugal")
        );
        assert_eq!(check.skipped_rows[0].notes, ["it has neither a phone number nor an email address"]);
    }

    #[test]
    fn a_file_with_other_columns_than_the_mapping_is_refused() {
        let columns = vec![ColumnMapping { heading: "Phone".into(), target: Target::Phone }];
        let mut checker = Checker::new(Mapping::new(columns).expect("a mapping"), None);
        checker.feed(FILE).expect("only a sample so far");
        assert_eq!(checker.finish(), Err(FileProblem::OtherColumns));
    }
}
