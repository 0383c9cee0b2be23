//! Email addresses.

use std::fmt;
use std::str::FromStr;

/// Most characters of an address (RFC 5321, 4.5.3.1.3 less the angle brackets).
const LENGTH_MAX: usize = 254;
/// Most bytes before the `@`.
const LOCAL_LENGTH_MAX: usize = 64;
/// Most bytes between two dots of the domain.
const LABEL_LENGTH_MAX: usize = 63;

/// An email address, in lower case.
///
/// No mailbox in use today tells `Ana@` from `ana@`, and people write both: one spelling means one person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EmailError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// There is no `@`.
    #[error("it has no @")]
    NoAt,
    /// More than one `@`: two addresses in one cell, mostly.
    #[error("it has more than one @; write one address")]
    SeveralAts,
    /// Nothing before the `@`.
    #[error("nothing stands before the @")]
    NothingBeforeAt,
    /// Nothing after the `@`.
    #[error("nothing stands after the @")]
    NothingAfterAt,
    /// The part after the `@` has no dot.
    #[error("the part after the @ has no dot, as in example.com")]
    NoDot,
    /// The part after the `@` is not a domain.
    #[error("the part after the @ is not a domain")]
    BadDomain,
    /// A space inside.
    #[error("it has a space inside")]
    Space,
    /// A character no mailbox has, or dots where none may be.
    #[error("the part before the @ has a character that no address has")]
    BadCharacter,
    /// Longer than mail allows.
    #[error("it is longer than 254 characters")]
    TooLong,
}

impl EmailAddress {
    /// The whole address, for sending, storing, and people who may see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > LENGTH_MAX {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::NoAt)?;
        if domain.contains('@') {
            return Err(EmailError::SeveralAts);
        }
        if text.contains(char::is_whitespace) {
            return Err(EmailError::Space);
        }
        check_local(local)?;
        check_domain(domain)?;
        Ok(Self(text.to_lowercase()))
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::NothingBeforeAt);
    }
    if local.len() > LOCAL_LENGTH_MAX {
        return Err(EmailError::TooLong);
    }
    let dots_apart = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if dots_apart && local.chars().all(|c| c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c)) {
        Ok(())
    } else {
        Err(EmailError::BadCharacter)
    }
}

fn check_domain(domain: &str) -> Result<(), EmailError> {
    if domain.is_empty() {
        return Err(EmailError::NothingAfterAt);
    }
    let (_, last) = domain.rsplit_once('.').ok_or(EmailError::NoDot)?;
    let is_label = |label: &str| {
        (1..=LABEL_LENGTH_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    if !domain.split('.').all(is_label) || last.len() < 2 || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::BadDomain);
    }
    Ok(())
}

/// `a•••@example.com`: enough to recognise, not enough to write to.
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.chars().next().unwrap_or('•');
        write!(f, "{first}•••@{}", self.domain())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_are_addresses() {
        for (text, stored) in [
            ("ana@example.com", "ana@example.com"),
            (" Ana.Ferreira@Example.COM ", "ana.ferreira@example.com"),
            ("o'brien+news@mail.example.co.uk", "o'brien+news@mail.example.co.uk"),
            ("inês@exemplo.pt", "inês@exemplo.pt"),
            ("x@xn--bcher-kva.example", "x@xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<EmailAddress>().expect(text).as_str(), stored);
        }
    }

    #[test]
    fn these_are_not_and_the_reason_is_named() {
        for (text, reason) in [
            ("  ", EmailError::Empty),
            ("ana.example.com", EmailError::NoAt),
            ("a@b.com, c@d.com", EmailError::SeveralAts),
            ("@example.com", EmailError::NothingBeforeAt),
            ("ana@", EmailError::NothingAfterAt),
            ("ana@example", EmailError::NoDot),
            ("ana@example..com", EmailError::BadDomain),
            ("ana@-example.com", EmailError::BadDomain),
            ("ana@10.0.0.1", EmailError::BadDomain),
            ("ana@example.c", EmailError::BadDomain),
            ("ana maria@example.com", EmailError::Space),
            ("ana..maria@example.com", EmailError::BadCharacter),
            ("ana(1)@example.com", EmailError::BadCharacter),
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(reason), "{text}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        assert_eq!(long.parse::<EmailAddress>(), Err(EmailError::TooLong));
    }

    #[test]
    fn only_a_mask_is_printed() {
        let email: EmailAddress = "ana@example.com".parse().expect("an address");
        assert_eq!(format!("{email} {email:?}"), "a•••@example.com a•••@example.com");
    }
}
