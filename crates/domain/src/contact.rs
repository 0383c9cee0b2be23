//! People we may reach: what is kept about them, and whether they agreed to hear from us.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod attribute;
mod consent;
mod stop_words;

pub use attribute::{AttributeError, AttributeKey, AttributeValue};
pub use consent::{
    Consent, ConsentProof, ProofError, SuppressionReason, UnknownConsent, UnknownSuppressionReason,
};
pub use stop_words::is_stop_word;

/// Most attributes one contact may have.
pub const ATTRIBUTES_MAX: usize = 60;

/// What is known about a person beyond name and addresses: for segments and for template variables.
pub type Attributes = BTreeMap<AttributeKey, AttributeValue>;

/// A text with bounds: trimmed, one line, at most so many characters.
fn one_line(text: &str, characters_max: usize) -> Result<String, TooLong> {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.len() > characters_max && line.chars().count() > characters_max {
        return Err(TooLong { characters_max });
    }
    Ok(line)
}

/// A text has more characters than there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is longer than {characters_max} characters")]
pub struct TooLong {
    /// How many there may be.
    pub characters_max: usize,
}

/// A person's name, in one line. It may be empty: a number alone is a contact too.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactName(String);

impl ContactName {
    /// Most characters of a name.
    pub const LENGTH_MAX: usize = 200;

    /// The name, for screens and messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for ContactName {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        one_line(text, Self::LENGTH_MAX).map(Self)
    }
}

/// A name is personal: logs get its length.
impl fmt::Debug for ContactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(a name of {} characters)", self.0.chars().count())
    }
}

/// The name of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(String);

/// Why a text cannot name a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListNameError {
    /// There is nothing.
    #[error("a list needs a name")]
    Empty,
    /// Too many characters.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl ListName {
    /// Most characters of a list's name.
    pub const LENGTH_MAX: usize = 120;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ListName {
    type Err = ListNameError;

    fn from_str(text: &str) -> Result<Self, ListNameError> {
        let name = one_line(text, Self::LENGTH_MAX)?;
        if name.is_empty() { Err(ListNameError::Empty) } else { Ok(Self(name)) }
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ListName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ListName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_bounded() {
        assert_eq!("  Ana \n Maria ".parse::<ContactName>().expect("a name").as_str(), "Ana Maria");
        assert!("".parse::<ContactName>().expect("no name").is_empty());
        assert!("é".repeat(200).parse::<ContactName>().is_ok());
        assert_eq!("é".repeat(201).parse::<ContactName>(), Err(TooLong { characters_max: 200 }));
    }

    #[test]
    fn a_list_needs_a_name() {
        assert_eq!(" \t".parse::<ListName>(), Err(ListNameError::Empty));
        assert_eq!(" Recall  list ".parse::<ListName>().expect("a name").as_str(), "Recall list");
    }

    #[test]
    fn a_name_is_not_printed() {
        assert_eq!(format!("{:?}", "Ana".parse::<ContactName>()), "Ok((a name of 3 characters))");
    }
}
