//! What is known about a contact beyond name and addresses.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The name of an attribute, as it stands in segments and template variables: `last_exam`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeKey(Arc<str>);

/// Why a text cannot name an attribute or be its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AttributeError {
    /// It has neither letter nor digit.
    #[error("the name of a field needs a letter or a digit")]
    NoLetters,
    /// Too many characters in the name.
    #[error("the name of a field has at most {} characters", AttributeKey::LENGTH_MAX)]
    KeyTooLong,
    /// Every contact has this field already.
    #[error("every contact has this field already; choose another name")]
    Reserved,
    /// Too many characters in the value.
    #[error("a value has at most {} characters", AttributeValue::LENGTH_MAX)]
    ValueTooLong,
}

impl AttributeKey {
    /// Most characters of a key.
    pub const LENGTH_MAX: usize = 60;
    /// What a contact has without attributes.
    const RESERVED: [&'static str; 4] = ["name", "first_name", "phone", "email"];

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a key out of what people write over a column: `Last exam (date)` is `last_exam_date`.
    pub fn from_heading(heading: &str) -> Result<Self, AttributeError> {
        let mut key = String::with_capacity(heading.len());
        for character in heading.chars() {
            if character.is_alphanumeric() {
                key.extend(character.to_lowercase());
            } else if !key.is_empty() && !key.ends_with('_') {
                key.push('_');
            }
        }
        let key = key.trim_end_matches('_');
        if key.is_empty() {
            return Err(AttributeError::NoLetters);
        }
        if key.chars().count() > Self::LENGTH_MAX {
            return Err(AttributeError::KeyTooLong);
        }
        if Self::RESERVED.contains(&key) {
            return Err(AttributeError::Reserved);
        }
        Ok(Self(key.into()))
    }

    /// The key as a heading: `Last exam`.
    pub fn heading(&self) -> String {
        let words = self.0.replace('_', " ");
        let mut characters = words.chars();
        characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
    }
}

impl FromStr for AttributeKey {
    type Err = AttributeError;

    fn from_str(text: &str) -> Result<Self, AttributeError> {
        Self::from_heading(text)
    }
}

impl fmt::Display for AttributeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AttributeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AttributeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The value of an attribute: trimmed text without control characters, one line or several.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AttributeValue(String);

impl AttributeValue {
    /// Most characters of a value.
    pub const LENGTH_MAX: usize = 1_000;

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AttributeValue {
    type Err = AttributeError;

    fn from_str(text: &str) -> Result<Self, AttributeError> {
        let text = text.trim();
        if text.len() > Self::LENGTH_MAX && text.chars().count() > Self::LENGTH_MAX {
            return Err(AttributeError::ValueTooLong);
        }
        let has_control = text.bytes().any(|byte| byte < b' ' && byte != b'\n');
        Ok(Self(if has_control {
            text.replace(|c: char| c.is_control() && c != '\n', " ")
        } else {
            text.to_owned()
        }))
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A value may be personal: logs get its length.
impl fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(a value of {} characters)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_becomes_a_key() {
        for (heading, key) in [
            ("Last exam (date)", "last_exam_date"),
            ("  Clinic ", "clinic"),
            ("Último exame", "último_exame"),
            ("utm-source", "utm_source"),
            ("город", "город"),
        ] {
            assert_eq!(AttributeKey::from_heading(heading).expect(heading).as_str(), key);
        }
        assert_eq!(AttributeKey::from_heading("last_exam").expect("a key").heading(), "Last exam");
    }

    #[test]
    fn what_names_nothing_is_refused() {
        assert_eq!(AttributeKey::from_heading(" -- "), Err(AttributeError::NoLetters));
        assert_eq!(AttributeKey::from_heading("E-mail ").map(|key| key.to_string()), Ok("e_mail".to_owned()));
        assert_eq!(AttributeKey::from_heading("Phone"), Err(AttributeError::Reserved));
        assert_eq!(AttributeKey::from_heading(&"x".repeat(61)), Err(AttributeError::KeyTooLong));
    }

    #[test]
    fn a_value_is_trimmed_cleaned_and_bounded() {
        assert_eq!(" a\tb\u{0}c\nd ".parse::<AttributeValue>().expect("a value").as_str(), "a b c\nd");
        assert_eq!("x".repeat(1_001).parse::<AttributeValue>(), Err(AttributeError::ValueTooLong));
    }
}
