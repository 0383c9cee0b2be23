//! What people and workspaces are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("a name has at least one character")]
    Empty,
    /// Longer than the type allows.
    #[error("a name has at most {chars_max} characters")]
    TooLong {
        /// The most it may have.
        chars_max: usize,
    },
    /// Holds a line break or another control character.
    #[error("a name is one line of text")]
    ControlCharacter,
}

fn parse(text: &str, chars_max: usize) -> Result<String, NameError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.chars().count() > chars_max {
        return Err(NameError::TooLong { chars_max });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::ControlCharacter);
    }
    Ok(text.to_owned())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident $chars_max:literal $debug:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const CHARS_MAX: usize = $chars_max;

            /// The text, without white space around it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                parse(text, $chars_max).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown: fn(&str) -> &str = $debug;
                write!(f, concat!(stringify!($name), "({:?})"), shown(&self.0))
            }
        }
    )+};
}

names! {
    /// What a person who signs in is called. `Debug` does not show it.
    PersonName 120 |_| "…";
    /// What a workspace is called.
    WorkspaceName 80 |name| name;
    /// What a workspace calls one of its senders.
    SenderName 80 |name| name;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!("  Brasa Coffee ".parse::<WorkspaceName>().expect("a name").as_str(), "Brasa Coffee");
        assert_eq!(" \t".parse::<WorkspaceName>(), Err(NameError::Empty));
        assert_eq!("é".repeat(81).parse::<WorkspaceName>(), Err(NameError::TooLong { chars_max: 80 }));
        assert!("é".repeat(80).parse::<WorkspaceName>().is_ok());
        assert_eq!("two\nlines".parse::<PersonName>(), Err(NameError::ControlCharacter));
    }

    #[test]
    fn a_person_is_not_named_in_logs() {
        let name: PersonName = "Inês Duarte".parse().expect("a name");
        assert!(!format!("{name:?}").contains("In"));
    }
}
