//! Phone numbers in E.164.

use std::fmt;
use std::str::FromStr;

use super::country::CountryCode;

#[cfg(feature = "phone")]
mod parse;
#[cfg(feature = "phone")]
mod pattern;
#[cfg(feature = "phone")]
mod plan;
#[cfg(all(test, feature = "phone"))]
mod tests;

/// Most digits of a number (E.164).
const DIGITS_MAX: usize = 15;
/// Fewest digits of a number that can be called from abroad: the shortest plans (Niue, Saint Helena) have four after
/// a calling code of three.
const DIGITS_MIN: usize = 7;

/// A phone number in E.164: `+` and up to fifteen digits. Sixteen bytes and a length, so it is copied, not allocated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    text: [u8; DIGITS_MAX + 1],
    length: u8,
}

/// A number and what was concluded about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedPhone {
    /// The number.
    pub number: PhoneNumber,
    /// Whose plan it belongs to; none for plans without a country, such as satellite phones.
    pub region: Option<CountryCode>,
    /// It was written without a country code, so the default country was taken for it.
    pub country_assumed: bool,
}

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PhoneError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It holds something that numbers do not, such as letters.
    #[error("it is not a phone number")]
    NotANumber,
    /// A spreadsheet wrote it as `4.47701E+11`: the last digits are gone for good.
    #[error("a spreadsheet cut this number off; format the column as text and export it again")]
    CutOff,
    /// Two numbers in one cell.
    #[error("it holds more than one number; write one")]
    SeveralNumbers,
    /// It has no country code and there is no default country.
    #[error("it has no country code; write it with + or choose the country of such numbers")]
    NoCountry,
    /// No country has this calling code.
    #[error("no country has the code it begins with")]
    UnknownCallingCode,
    /// Digits are missing.
    #[error("it is {missing} {} too short for {}", digits(*missing), plan_name(*country))]
    TooShort {
        /// How many, at least.
        missing: u8,
        /// Whose plan was applied.
        country: Option<CountryCode>,
    },
    /// There are too many digits.
    #[error("it is {extra} {} too long for {}", digits(*extra), plan_name(*country))]
    TooLong {
        /// How many, at least.
        extra: u8,
        /// Whose plan was applied.
        country: Option<CountryCode>,
    },
    /// The length would do, but no number of this plan looks like it.
    #[error("no number in {} begins like this", plan_name(*country))]
    NotInPlan {
        /// Whose plan was applied.
        country: Option<CountryCode>,
    },
}

fn digits(count: u8) -> &'static str {
    if count == 1 { "digit" } else { "digits" }
}

fn plan_name(country: Option<CountryCode>) -> &'static str {
    country.map_or("its numbering plan", CountryCode::name)
}

/// A text that is not a number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a phone number in international form")]
pub struct NotE164;

impl PhoneNumber {
    /// The whole number, with `+`, for sending, storing, and people who may see it.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.length)]).expect("a plus sign and digits are ASCII")
    }

    /// The digits without `+`, as WhatsApp writes numbers.
    pub fn digits(&self) -> &str {
        &self.as_str()[1..]
    }

    /// Takes digits without `+`, as WhatsApp writes them in webhooks. Checks the form, not the numbering plan.
    pub fn from_digits(digits: &str) -> Result<Self, NotE164> {
        let bytes = digits.as_bytes();
        let is_number = (DIGITS_MIN..=DIGITS_MAX).contains(&bytes.len())
            && bytes[0] != b'0'
            && bytes.iter().all(u8::is_ascii_digit);
        if !is_number {
            return Err(NotE164);
        }
        let mut text = [0; DIGITS_MAX + 1];
        text[0] = b'+';
        text[1..=bytes.len()].copy_from_slice(bytes);
        let length = u8::try_from(bytes.len() + 1).map_err(|_| NotE164)?;
        Ok(Self { text, length })
    }

    /// Reads a number as people write it, and checks it against the numbering plan of its country.
    ///
    /// A number without a country code belongs to `default_country`, and the answer says that this was assumed.
    #[cfg(feature = "phone")]
    pub fn parse(text: &str, default_country: Option<CountryCode>) -> Result<ParsedPhone, PhoneError> {
        parse::parse(text, default_country)
    }

    /// The number as people read it, in groups: `+351 912 345 678`.
    #[cfg(feature = "phone")]
    pub fn spaced(&self) -> String {
        parse::spaced(self)
    }

    /// The country whose plan this number belongs to, if its plan belongs to one.
    #[cfg(feature = "phone")]
    pub fn region(&self) -> Option<CountryCode> {
        plan::region(self.digits().as_bytes())
    }
}

/// Takes a number that is in E.164 already, with its `+`. Checks the form, not the numbering plan.
impl FromStr for PhoneNumber {
    type Err = NotE164;

    fn from_str(text: &str) -> Result<Self, NotE164> {
        Self::from_digits(text.strip_prefix('+').ok_or(NotE164)?)
    }
}

/// `+351•••42`: the first digits and the last two.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        write!(f, "{}•••{}", &text[..4], &text[text.len() - 2..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
