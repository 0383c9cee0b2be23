//! One id type per entity.
//!
//! Inside is a version 7 UUID, so ids sort by the time they were made. Outside, in URLs, JSON and logs, an id carries
//! a prefix (`cmp_0193…`), so that one kind can never be mistaken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::Timestamp;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text does not begin with the prefix of this kind.
    #[error("this is not the id of a {expected}")]
    WrongKind {
        /// What was asked for, in words.
        expected: &'static str,
    },
    /// The part after the prefix is not 32 hexadecimal digits.
    #[error("this id is malformed")]
    Malformed,
}

fn mint(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn parse(text: &str, prefix: &str, expected: &'static str) -> Result<Uuid, IdError> {
    let rest = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(IdError::WrongKind { expected })?;
    if rest.len() != 32 {
        return Err(IdError::Malformed);
    }
    Uuid::try_parse(rest).map_err(|_| IdError::Malformed)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $words:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id from the present time and ten random bytes.
            pub fn mint(now: Timestamp, random: [u8; 10]) -> Self {
                Self(mint(now, random))
            }

            /// The UUID, as the database holds it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text, $prefix, $words).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    WorkspaceId "wsp" "workspace";
    /// A person who signs in.
    UserId "usr" "user";
    /// A connected number, mailbox or server.
    ChannelAccountId "cha" "channel account";
    /// A template as the provider holds it.
    TemplateId "tpl" "template";
    /// The frozen copy of a template that a dispatch sends.
    TemplateVersionId "tpv" "template version";
    /// A person we may reach.
    ContactId "ctc" "contact";
    /// A hand-kept set of contacts.
    ListId "lst" "list";
    /// One upload of contacts.
    ImportId "imp" "import";
    /// An uploaded file that waits to be imported.
    UploadId "upl" "upload";
    /// What a user plans.
    CampaignId "cmp" "campaign";
    /// One launch of a campaign.
    DispatchId "dsp" "dispatch";
    /// A running worker process; owner of leases.
    WorkerId "wrk" "worker";
}

/// One recipient: a dispatch and the position in it, from 1.
///
/// Not a UUID of its own: a dispatch has up to 50,000 recipients and a batch is a run of positions, so the pair is half
/// the size, clusters by dispatch, and needs no index beside the primary key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientId {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// Position, from 1.
    pub ordinal: i32,
}

impl fmt::Display for RecipientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rcp_{}_{}", self.dispatch.0.simple(), self.ordinal)
    }
}

impl fmt::Debug for RecipientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RecipientId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rest = text.strip_prefix("rcp_").ok_or(IdError::WrongKind { expected: "recipient" })?;
        let (dispatch, ordinal) = rest.split_once('_').ok_or(IdError::Malformed)?;
        if dispatch.len() != 32 {
            return Err(IdError::Malformed);
        }
        let dispatch = Uuid::try_parse(dispatch).map_err(|_| IdError::Malformed)?;
        let ordinal = ordinal.parse().ok().filter(|ordinal| *ordinal > 0).ok_or(IdError::Malformed)?;
        Ok(Self { dispatch: DispatchId(dispatch), ordinal })
    }
}

impl Serialize for RecipientId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecipientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(millis).expect("a valid instant")
    }

    #[test]
    fn an_id_survives_its_text_form() {
        let id = CampaignId::mint(at(1_763_700_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().starts_with("cmp_"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = CampaignId::mint(at(1_763_700_000_000), [7; 10]).to_string();
        assert_eq!(id.parse::<ContactId>(), Err(IdError::WrongKind { expected: "contact" }));
        assert_eq!("cmp_12".parse::<CampaignId>(), Err(IdError::Malformed));
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = DispatchId::mint(at(1_763_700_000_000), [255; 10]);
        let later = DispatchId::mint(at(1_763_700_000_001), [0; 10]);
        assert!(earlier < later);
    }

    #[test]
    fn a_recipient_id_survives_its_text_form_and_refuses_position_zero() {
        let id = RecipientId { dispatch: DispatchId::mint(at(1), [1; 10]), ordinal: 42 };
        assert_eq!(id.to_string().parse(), Ok(id));
        let zero = id.to_string().replace("_42", "_0");
        assert_eq!(zero.parse::<RecipientId>(), Err(IdError::Malformed));
    }
}
