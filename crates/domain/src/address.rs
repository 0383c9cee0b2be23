//! Where a person is reached.
//!
//! An address is parsed once and then trusted. `Debug` and `Display` show a mask, so that no log line or error carries
//! one; whoever may see an address asks for it with `as_str`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub mod country;
mod email;
mod phone;

pub use email::{EmailAddress, EmailError};
pub use phone::{ParsedPhone, PhoneError, PhoneNumber};

/// What sort of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// A phone number in E.164.
    Phone,
    /// An email address.
    Email,
    /// The id by which WhatsApp names a person to one business.
    WhatsappUser,
}

impl AddressKind {
    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::WhatsappUser => "whatsapp_user",
        }
    }
}

/// A word that is not a kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such kind of address")]
pub struct UnknownAddressKind;

impl FromStr for AddressKind {
    type Err = UnknownAddressKind;

    fn from_str(text: &str) -> Result<Self, UnknownAddressKind> {
        [Self::Phone, Self::Email, Self::WhatsappUser]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownAddressKind)
    }
}

/// An address of any kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A phone number.
    Phone(PhoneNumber),
    /// An email address.
    Email(EmailAddress),
    /// A business-scoped user id of WhatsApp, as the provider wrote it.
    WhatsappUser(String),
}

impl Address {
    /// What sort of address it is.
    pub const fn kind(&self) -> AddressKind {
        match self {
            Self::Phone(_) => AddressKind::Phone,
            Self::Email(_) => AddressKind::Email,
            Self::WhatsappUser(_) => AddressKind::WhatsappUser,
        }
    }

    /// The whole address, for sending, storing, and people who may see it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
            Self::WhatsappUser(id) => id,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => fmt::Display::fmt(phone, f),
            Self::Email(email) => fmt::Display::fmt(email, f),
            Self::WhatsappUser(_) => f.write_str("(a WhatsApp user)"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
