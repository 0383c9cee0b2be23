//! What each column of a file is.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::dialect::{looks_like_email, looks_like_phone};
use super::headings::{self, Meaning};
use super::problem::FileProblem;
use super::table::Shape;
use crate::contact::{ATTRIBUTES_MAX, AttributeError, AttributeKey};

/// Where the cells of a column go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// The whole name.
    Name,
    /// The first part of the name.
    FirstName,
    /// The last part of the name.
    LastName,
    /// The phone number.
    Phone,
    /// The email address.
    Email,
    /// Whether they agreed to marketing.
    Consent,
    /// A field of the workspace's own.
    Attribute(AttributeKey),
    /// Nowhere.
    Ignore,
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Two columns for one thing.
    #[error("two columns go to the same place: {target}")]
    Twice {
        /// Where.
        target: String,
    },
    /// The whole name and its parts.
    #[error("map either the whole name, or first and last name")]
    NameAndParts,
    /// More attributes than a contact has.
    #[error("a contact has at most {ATTRIBUTES_MAX} fields of your own")]
    TooManyAttributes,
    /// No such place.
    #[error("a column goes to a place that does not exist")]
    UnknownTarget,
    /// A field cannot be called that.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
}

const ATTRIBUTE_PREFIX: &str = "attribute:";

/// As it stands in forms and in the database: `phone`, `attribute:last_exam`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::FirstName => f.write_str("first_name"),
            Self::LastName => f.write_str("last_name"),
            Self::Phone => f.write_str("phone"),
            Self::Email => f.write_str("email"),
            Self::Consent => f.write_str("consent"),
            Self::Attribute(key) => write!(f, "{ATTRIBUTE_PREFIX}{key}"),
            Self::Ignore => f.write_str("ignore"),
        }
    }
}

impl FromStr for Target {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        Ok(match text {
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "phone" => Self::Phone,
            "email" => Self::Email,
            "consent" => Self::Consent,
            "ignore" => Self::Ignore,
            _ => match text.strip_prefix(ATTRIBUTE_PREFIX) {
                Some(key) => Self::Attribute(key.parse()?),
                None => return Err(MappingError::UnknownTarget),
            },
        })
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// One column and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// Its heading in the file.
    pub heading: String,
    /// Where its cells go.
    pub target: Target,
}

/// Where each column of a file goes; at least one of them is an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Mapping {
    columns: Vec<ColumnMapping>,
}

impl Mapping {
    /// Checks where the columns go. That there is an address among them is asked of the file, by [`Mapping::fits`].
    pub fn new(columns: Vec<ColumnMapping>) -> Result<Self, MappingError> {
        let mut taken = BTreeSet::new();
        for column in &columns {
            let target = column.target.to_string();
            if column.target != Target::Ignore && !taken.insert(target.clone()) {
                return Err(MappingError::Twice { target });
            }
        }
        let has = |target: Target| columns.iter().any(|column| column.target == target);
        if has(Target::Name) && (has(Target::FirstName) || has(Target::LastName)) {
            return Err(MappingError::NameAndParts);
        }
        if columns.iter().filter(|column| matches!(column.target, Target::Attribute(_))).count()
            > ATTRIBUTES_MAX
        {
            return Err(MappingError::TooManyAttributes);
        }
        Ok(Self { columns })
    }

    /// The columns in the order of the file.
    pub fn columns(&self) -> &[ColumnMapping] {
        &self.columns
    }

    /// The place of the column that goes there, from 0.
    pub fn position(&self, target: &Target) -> Option<usize> {
        self.columns.iter().position(|column| column.target == *target)
    }

    /// Whether this mapping was made for a file of this shape, and reaches anybody.
    pub fn fits(&self, shape: &Shape) -> Result<(), FileProblem> {
        if !self.columns.iter().map(|column| &column.heading).eq(&shape.columns) {
            return Err(FileProblem::OtherColumns);
        }
        if self.position(&Target::Phone).is_none() && self.position(&Target::Email).is_none() {
            return Err(FileProblem::NoAddressColumn { columns: shape.columns.clone() });
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Why a column was guessed to go where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuessReason {
    /// Its heading says so.
    Heading,
    /// So many of a hundred of its cells look like it.
    Values(u8),
    /// It becomes a field of the workspace's own.
    OwnField,
    /// It is not worth importing, or there is no room.
    LeftOut,
}

/// What a column probably is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// Its heading in the file.
    pub heading: String,
    /// Where its cells go.
    pub target: Target,
    /// Why.
    pub reason: GuessReason,
}

/// Least share of cells that must look like an address, in percent, for a column without a telling heading.
const LOOKS_LIKE_PERCENT: usize = 60;

/// Guesses what each column is, from its heading and from its first cells. `sample` holds rows.
pub fn guess_mapping(shape: &Shape, sample: &[Vec<String>]) -> Vec<Guess> {
    let mut guesses = shape
        .columns
        .iter()
        .map(|heading| Guess {
            heading: heading.clone(),
            target: Target::Ignore,
            reason: GuessReason::LeftOut,
        })
        .collect::<Vec<_>>();
    let meanings = shape
        .columns
        .iter()
        .map(|heading| if shape.has_header { headings::meaning(heading) } else { None })
        .collect::<Vec<_>>();
    let mut guesser = Guesser { guesses: &mut guesses, meanings: &meanings };
    guesser.by_heading(Meaning::Phone, Target::Phone);
    guesser.by_heading(Meaning::Email, Target::Email);
    guesser.by_values(&Target::Email, sample, looks_like_email);
    guesser.by_values(&Target::Phone, sample, looks_like_phone);
    guesser.by_heading(Meaning::Consent, Target::Consent);
    guesser.names();
    guesser.own_fields(sample);
    guesses
}

struct Guesser<'a> {
    guesses: &'a mut [Guess],
    meanings: &'a [Option<Meaning>],
}

impl Guesser<'_> {
    fn position(&self, meaning: Meaning) -> Option<usize> {
        self.meanings.iter().position(|found| *found == Some(meaning))
    }

    fn set(&mut self, column: usize, target: Target, reason: GuessReason) {
        let heading = std::mem::take(&mut self.guesses[column].heading);
        self.guesses[column] = Guess { heading, target, reason };
    }

    fn by_heading(&mut self, meaning: Meaning, target: Target) {
        if let Some(column) = self.position(meaning) {
            self.set(column, target, GuessReason::Heading);
        }
    }

    fn by_values(&mut self, target: &Target, sample: &[Vec<String>], looks_like: fn(&str) -> bool) {
        if self.guesses.iter().any(|guess| guess.target == *target) {
            return;
        }
        let share = |column: usize| {
            let cells =
                sample.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.trim().is_empty());
            let (all, alike) =
                cells.fold((0, 0), |(all, alike), cell| (all + 1, alike + usize::from(looks_like(cell))));
            (alike * 100_usize).checked_div(all).unwrap_or(0)
        };
        let open = (0..self.guesses.len()).filter(|column| self.guesses[*column].target == Target::Ignore);
        // The first of equals: exports put the main number before the second one.
        let best = open
            .map(|column| (share(column), column))
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        if let Some((percent, column)) = best.filter(|(percent, _)| *percent >= LOOKS_LIKE_PERCENT) {
            self.set(column, target.clone(), GuessReason::Values(u8::try_from(percent).unwrap_or(100)));
        }
    }

    /// “Nom” alone is a whole name; beside “Prénom” it is the last one.
    fn names(&mut self) {
        let whole = self.position(Meaning::Name);
        let (first, last) = (self.position(Meaning::FirstName), self.position(Meaning::LastName));
        let (first, last) = match (first, last, whole) {
            // Italian and Portuguese exports call the first name “Nome”, Spanish ones “Nombre”.
            (None, Some(last), Some(whole)) => (Some(whole), Some(last)),
            other => (other.0, other.1),
        };
        match (first, last, whole) {
            (Some(first), Some(last), _) => {
                self.set(first, Target::FirstName, GuessReason::Heading);
                self.set(last, Target::LastName, GuessReason::Heading);
            }
            (_, _, Some(one)) | (Some(one), None, None) | (None, Some(one), None) => {
                self.set(one, Target::Name, GuessReason::Heading);
            }
            (None, None, None) => {}
        }
    }

    fn own_fields(&mut self, sample: &[Vec<String>]) {
        let mut keys = BTreeSet::new();
        for column in 0..self.guesses.len() {
            let is_empty = sample.iter().all(|row| row.get(column).is_none_or(|cell| cell.trim().is_empty()));
            let is_nothing = self.meanings[column] == Some(Meaning::Nothing) || is_empty;
            if self.guesses[column].target != Target::Ignore || is_nothing || keys.len() == ATTRIBUTES_MAX {
                continue;
            }
            let heading = self.guesses[column].heading.clone();
            let numbered = || AttributeKey::from_heading(&format!("{heading} {}", column + 1));
            let key = match AttributeKey::from_heading(&heading) {
                Ok(key) if !keys.contains(&key) => Ok(key),
                Ok(_) | Err(AttributeError::Reserved) => numbered(),
                Err(error) => Err(error),
            };
            if let Some(key) = key.ok().filter(|key| !keys.contains(key)) {
                keys.insert(key.clone());
                self.set(column, Target::Attribute(key), GuessReason::OwnField);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Encoding;

    fn guess(headings: &[&str], rows: &[&[&str]]) -> Vec<String> {
        let shape = Shape {
            encoding: Encoding::Utf8,
            delimiter: ',',
            has_header: true,
            columns: headings.iter().map(|&heading| heading.to_owned()).collect(),
        };
        let rows =
            rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect::<Vec<_>>();
        guess_mapping(&shape, &rows).into_iter().map(|guess| guess.target.to_string()).collect()
    }

    #[test]
    fn columns_are_told_by_their_headings() {
        let row: &[&str] =
            &["Maeve", "Gallagher", "07700 900142", "m@example.com", "14/03/2025", "Harbour St", "x"];
        assert_eq!(
            guess(&["First", "Surname", "Mobile no.", "E-mail", "Last exam", "Clinic", "Notes"], &[row]),
            [
                "first_name",
                "last_name",
                "phone",
                "email",
                "attribute:last_exam",
                "attribute:clinic",
                "ignore"
            ],
        );
        assert_eq!(guess(&["Nom", "Téléphone"], &[&["A", "1"]]), ["name", "phone"]);
        assert_eq!(
            guess(&["Nome", "Cognome", "Cellulare"], &[&["A", "B", "1"]]),
            ["first_name", "last_name", "phone"]
        );
    }

    #[test]
    fn and_by_what_is_in_them() {
        let rows: &[&[&str]] =
            &[&["Ana", "+351 912 345 678", "ana@example.com"], &["Rui", "912345679", "n/a"]];
        assert_eq!(guess(&["Who", "Reach", "Other"], rows), ["attribute:who", "phone", "attribute:other"]);
        let rows: &[&[&str]] = &[&["a@b.pt", "2025-03-14"], &["c@d.pt", "2025-03-15"]];
        assert_eq!(guess(&["x", "When"], rows), ["email", "attribute:when"]);
    }

    #[test]
    fn a_second_phone_becomes_a_field_and_no_key_is_given_twice() {
        let row: &[&str] = &["1", "2", "3", "4"];
        assert_eq!(
            guess(&["Phone", "Phone", "City", "city"], &[row]),
            ["phone", "attribute:phone_2", "attribute:city", "attribute:city_4"],
        );
    }

    #[test]
    fn a_mapping_goes_nowhere_twice() {
        let column =
            |target: &str| ColumnMapping { heading: "x".into(), target: target.parse().expect("a target") };
        let mapping = |targets: &[&str]| Mapping::new(targets.iter().map(|target| column(target)).collect());
        assert_eq!(mapping(&["phone", "phone"]), Err(MappingError::Twice { target: "phone".into() }));
        assert_eq!(mapping(&["name", "last_name"]), Err(MappingError::NameAndParts));
        assert!(mapping(&["ignore", "ignore", "phone"]).is_ok());
        assert_eq!("attribute:".parse::<Target>(), Err(MappingError::Attribute(AttributeError::NoLetters)));
        assert_eq!("salary".parse::<Target>(), Err(MappingError::UnknownTarget));
    }

    #[test]
    fn a_mapping_survives_json() {
        let json = r#"[{"heading":"Tel","target":"phone"},{"heading":"City","target":"attribute:city"}]"#;
        let mapping: Mapping = serde_json::from_str(json).expect("a mapping");
        assert_eq!(serde_json::to_string(&mapping).expect("JSON"), json);
    }
}
