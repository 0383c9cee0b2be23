//! From what a client wrote in `to` to the id WhatsApp knows the person by.
//!
//! The two differ in three countries. The documentation warns of it without giving the rules, which are these:
//! - Brazil (55): mobile numbers got a ninth digit. WhatsApp ids carry it in area codes 11 to 28 and lack it elsewhere.
//! - Mexico (52): ids carry a `1` between country code and number.
//! - Argentina (54): ids carry a `9` there.

/// Why a recipient cannot be addressed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientProblem {
    /// Something else than digits and the tolerated separators.
    NotANumber,
    /// Fewer than seven or more than fifteen digits.
    Length,
}

/// Reads a recipient. `sender_calling_code` is put before a number that came without `+` and is too short to
/// carry a country code of its own, as the API may do.
pub(crate) fn wa_id(input: &str, sender_calling_code: &str) -> Result<String, RecipientProblem> {
    let mut digits = String::with_capacity(16);
    let trimmed = input.trim();
    let (international, rest) = match trimmed.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    for character in rest.chars() {
        match character {
            '0'..='9' => digits.push(character),
            ' ' | '-' | '(' | ')' | '.' | '\u{a0}' => {}
            _ => return Err(RecipientProblem::NotANumber),
        }
    }
    if digits.is_empty() {
        return Err(RecipientProblem::NotANumber);
    }
    if !international && digits.len() <= 9 {
        digits.insert_str(0, sender_calling_code);
    }
    if !(7..=15).contains(&digits.len()) {
        return Err(RecipientProblem::Length);
    }
    Ok(normalise(digits))
}

/// The WhatsApp id behind any spelling of a number in international form, with or without `+`.
pub fn normalised_wa_id(number: &str) -> String {
    normalise(number.chars().filter(char::is_ascii_digit).collect())
}

fn normalise(digits: String) -> String {
    if let Some(national) = digits.strip_prefix("55") {
        return brazil(&digits, national);
    }
    if let Some(national) = digits.strip_prefix("52")
        && national.len() == 10
    {
        return format!("521{national}");
    }
    if let Some(national) = digits.strip_prefix("54")
        && national.len() == 10
        && !national.starts_with('9')
    {
        return format!("549{national}");
    }
    digits
}

fn brazil(digits: &str, national: &str) -> String {
    let Some((area, subscriber)) = national.split_at_checked(2) else { return digits.to_owned() };
    let keeps_nine = area.parse::<u8>().is_ok_and(|area| (11..=28).contains(&area));
    match (subscriber.len(), keeps_nine) {
        (9, false) if subscriber.starts_with('9') => format!("55{area}{}", &subscriber[1..]),
        (8, true) if matches!(subscriber.as_bytes()[0], b'6'..=b'9') => format!("55{area}9{subscriber}"),
        _ => digits.to_owned(),
    }
}

/// The country calling code at the start of a business number's digits. Only what the seeded numbers need plus
/// a fallback, because the sandbox carries no numbering plan.
pub(crate) fn calling_code(digits: &str) -> &str {
    const KNOWN: [&str; 12] = ["351", "353", "44", "49", "52", "54", "55", "33", "34", "39", "91", "1"];
    KNOWN.into_iter().find(|code| digits.starts_with(code)).unwrap_or("1")
}

#[cfg(test)]
mod tests {
    use super::{RecipientProblem, calling_code, normalised_wa_id, wa_id};

    #[test]
    fn separators_are_tolerated_and_letters_are_not() {
        assert_eq!(wa_id("+351 910-000 (123)", "351").as_deref(), Ok("351910000123"));
        assert_eq!(wa_id("call me", "351"), Err(RecipientProblem::NotANumber));
        assert_eq!(wa_id("", "351"), Err(RecipientProblem::NotANumber));
        assert_eq!(wa_id("+12345", "351"), Err(RecipientProblem::Length));
        assert_eq!(wa_id("+1234567890123456", "351"), Err(RecipientProblem::Length));
    }

    #[test]
    fn a_number_without_plus_may_get_the_senders_country() {
        assert_eq!(wa_id("910000123", "351").as_deref(), Ok("351910000123"));
        assert_eq!(wa_id("351910000123", "351").as_deref(), Ok("351910000123"));
    }

    #[test]
    fn brazilian_mobiles_have_one_id_with_and_without_the_ninth_digit() {
        assert_eq!(normalised_wa_id("+55 11 90000-0001"), "5511900000001");
        assert_eq!(normalised_wa_id("+55 11 9000-0001"), "5511990000001");
        assert_eq!(normalised_wa_id("+55 85 98888-0001"), "558588880001");
        assert_eq!(normalised_wa_id("+55 85 8888-0001"), "558588880001");
        assert_eq!(normalised_wa_id("+55 11 3000-0001"), "551130000001");
    }

    #[test]
    fn mexico_and_argentina_carry_an_extra_digit() {
        assert_eq!(normalised_wa_id("+52 55 1234 5678"), "5215512345678");
        assert_eq!(normalised_wa_id("+52 1 55 1234 5678"), "5215512345678");
        assert_eq!(normalised_wa_id("+54 11 1234 5678"), "5491112345678");
    }

    #[test]
    fn calling_codes_prefer_the_longest_match() {
        assert_eq!(calling_code("351910000187"), "351");
        assert_eq!(calling_code("15550100"), "1");
    }
}
