//! From what people write in a cell to a number in E.164.

use super::{DIGITS_MAX, ParsedPhone, PhoneError, PhoneNumber, plan};
use crate::address::country::CountryCode;

/// Most digits a cell may hold: a number with every prefix there is. More are two numbers.
const WRITTEN_DIGITS_MAX: usize = 24;

/// What exports put before a number: links, messengers, lead forms.
const LABELS: [&str; 4] = ["tel:", "whatsapp:", "p:", "wa.me/"];

/// Digits as they were written, without separators.
struct Written {
    digits: [u8; WRITTEN_DIGITS_MAX],
    length: usize,
    has_plus: bool,
}

impl Written {
    fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

pub(super) fn parse(text: &str, default_country: Option<CountryCode>) -> Result<ParsedPhone, PhoneError> {
    let written = read(text)?;
    let digits = written.digits();
    if written.has_plus {
        return international(digits);
    }
    match default_country {
        Some(country) => national(digits, country),
        None => match digits.strip_prefix(b"00") {
            Some(abroad) => international(abroad),
            None => Err(PhoneError::NoCountry),
        },
    }
}

/// Writes a number in the groups of its country; as it is if no rule fits.
pub(super) fn spaced(number: &PhoneNumber) -> String {
    let parsed = phonenumber::parse(None, number.as_str()).ok();
    let spaced = parsed.map(|parsed| parsed.format().mode(phonenumber::Mode::International).to_string());
    // The crate takes prefixes away that some plans keep: grouping must not change a digit.
    let is_same = |text: &String| text.bytes().filter(u8::is_ascii_digit).eq(number.digits().bytes());
    spaced.filter(is_same).unwrap_or_else(|| number.as_str().to_owned())
}

fn read(text: &str) -> Result<Written, PhoneError> {
    let text = without_wrapping(text);
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    if is_scientific(text) {
        return Err(PhoneError::CutOff);
    }
    let mut written = Written { digits: [0; WRITTEN_DIGITS_MAX], length: 0, has_plus: false };
    for character in text.chars() {
        if let Some(digit) = digit(character) {
            if written.length == WRITTEN_DIGITS_MAX {
                return Err(PhoneError::SeveralNumbers);
            }
            written.digits[written.length] = digit;
            written.length += 1;
        } else if matches!(character, '+' | '\u{ff0b}') {
            if written.length > 0 {
                return Err(PhoneError::SeveralNumbers);
            }
            written.has_plus = true;
        } else if matches!(character, ';' | ',' | '|' | '&' | '\n') && written.length >= super::DIGITS_MIN {
            return Err(PhoneError::SeveralNumbers);
        } else if !is_separator(character) {
            return Err(PhoneError::NotANumber);
        }
    }
    if written.length == 0 { Err(PhoneError::NotANumber) } else { Ok(written) }
}

/// Takes away quotes, a label, and the `.0` of a column that some tool took for decimals.
fn without_wrapping(text: &str) -> &str {
    let mut text = text.trim().trim_matches(['\'', '"', '\u{2019}', '=']).trim();
    for label in LABELS {
        if let Some(start) = text.get(..label.len()).filter(|start| start.eq_ignore_ascii_case(label)) {
            text = text[start.len()..].trim();
        }
    }
    match text.strip_suffix(".0") {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+') => number,
        _ => text,
    }
}

/// `4.47701E+11`, with either decimal sign.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(exponent) && !mantissa.is_empty() && mantissa.splitn(2, ['.', ',']).all(is_digits)
}

/// The ASCII digit of a decimal digit in the scripts that people write numbers in.
fn digit(character: char) -> Option<u8> {
    if character.is_ascii() {
        return u8::try_from(character).ok().filter(u8::is_ascii_digit);
    }
    let zero = match character {
        '\u{0660}'..='\u{0669}' => 0x0660,
        '\u{06f0}'..='\u{06f9}' => 0x06f0,
        '\u{0966}'..='\u{096f}' => 0x0966,
        '\u{09e6}'..='\u{09ef}' => 0x09e6,
        '\u{0e50}'..='\u{0e59}' => 0x0e50,
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        _ => return None,
    };
    u8::try_from(u32::from(character) - zero).ok().map(|digit| b'0' + digit)
}

fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '-' | '.' | '(' | ')' | '[' | ']' | '/' | '~'
            | '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{2015}' | '\u{202a}'..='\u{202f}' | '\u{2060}'..='\u{2069}'
            | '\u{2212}' | '\u{3000}' | '\u{30fc}' | '\u{feff}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0d}' | '\u{ff0e}'
    )
}

/// Reads digits that begin with a calling code.
fn international(digits: &[u8]) -> Result<ParsedPhone, PhoneError> {
    let (code, national) = plan::split(digits).ok_or(PhoneError::UnknownCallingCode)?;
    within(code, national, None).map(|found| found.parsed(false)).ok_or_else(|| refusal(code, national))
}

/// Reads digits written as inside a country, or as dialled from it.
fn national(digits: &[u8], country: CountryCode) -> Result<ParsedPhone, PhoneError> {
    let code = country.calling_code();
    if let Some(found) = within(code, digits, Some(country)) {
        return Ok(found.parsed(true));
    }
    let prefixes = [Some("00"), plan::under(code).next().and_then(|plan| plan.international_prefix)];
    for prefix in prefixes.into_iter().flatten() {
        if let Some(found) =
            digits.strip_prefix(prefix.as_bytes()).and_then(|abroad| international(abroad).ok())
        {
            return Ok(found);
        }
    }
    // The code is there and only the + is missing. That it is this country's code is still an assumption.
    if let Some((found_code, rest)) = plan::split(digits)
        && found_code == code
        && let Some(found) = within(code, rest, Some(country))
    {
        return Ok(found.parsed(true));
    }
    Err(refusal(code, digits))
}

struct Found {
    number: PhoneNumber,
    region: Option<CountryCode>,
}

impl Found {
    fn new(code: u16, national: &[u8], region: Option<CountryCode>) -> Option<Self> {
        let mut text = [0; DIGITS_MAX + 8];
        let code = code.to_string();
        let length = code.len() + national.len();
        text.get_mut(..code.len())?.copy_from_slice(code.as_bytes());
        text.get_mut(code.len()..length)?.copy_from_slice(national);
        let number = PhoneNumber::from_digits(std::str::from_utf8(&text[..length]).ok()?).ok()?;
        Some(Self { number, region })
    }

    fn parsed(self, country_assumed: bool) -> ParsedPhone {
        ParsedPhone { number: self.number, region: self.region, country_assumed }
    }
}

/// Looks for a national number under a calling code: as it is, without the national prefix, by the country's own rule.
///
/// Where countries share a code, only the rule of `home` applies: six digits are a Guernsey number in Guernsey alone.
fn within(code: u16, national: &[u8], home: Option<CountryCode>) -> Option<Found> {
    if let Some(plan) = plan::holding(code, national) {
        return Found::new(code, national, plan.country);
    }
    for plan in plan::under(code) {
        let stripped = plan.national_prefix.and_then(|prefix| national.strip_prefix(prefix.as_bytes()));
        if let Some(stripped) = stripped
            && let Some(holder) = plan::holding(code, stripped)
        {
            return Found::new(code, stripped, holder.country);
        }
    }
    // Until 2019 Mexican mobiles were dialled from abroad with a 1 that is no part of the number; lists still have it.
    if code == 52
        && let Some(stripped) = national.strip_prefix(b"1")
        && let Some(holder) = plan::holding(code, stripped)
    {
        return Found::new(code, stripped, holder.country);
    }
    let mut plans = plan::under(code);
    let ruling = match home {
        Some(home) => plans.find(|plan| plan.country == Some(home)),
        None => plans.next().filter(|_| plans.next().is_none()),
    };
    ruling.filter(|plan| plan.has_prefix_rule).and_then(|plan| by_rule(code, national, plan.country?))
}

/// Lets the metadata's own rules strip carrier codes and move tokens: 011 15 2345-6789 in Argentina.
fn by_rule(code: u16, national: &[u8], country: CountryCode) -> Option<Found> {
    let country = country.as_str().parse().ok()?;
    let number = phonenumber::parse(Some(country), std::str::from_utf8(national).ok()?).ok()?;
    if number.code().value() != code {
        return None;
    }
    let stripped = number.national().to_string();
    let holder = plan::holding(code, stripped.as_bytes())?;
    Found::new(code, stripped.as_bytes(), holder.country)
}

/// Why there is no such number, in terms of the calling code's main plan.
fn refusal(code: u16, national: &[u8]) -> PhoneError {
    let Some(plan) = plan::under(code).next() else {
        return PhoneError::UnknownCallingCode;
    };
    let country = plan.country;
    let prefix = plan.national_prefix.filter(|prefix| national.starts_with(prefix.as_bytes()));
    let length = national.len() - prefix.map_or(0, str::len);
    let count = |digits: usize| u8::try_from(digits).unwrap_or(u8::MAX);
    match (plan.lengths.first(), plan.lengths.last()) {
        (Some(&least), _) if length < least => {
            PhoneError::TooShort { missing: count(least - length), country }
        }
        (_, Some(&most)) if length > most => PhoneError::TooLong { extra: count(length - most), country },
        _ => PhoneError::NotInPlan { country },
    }
}
