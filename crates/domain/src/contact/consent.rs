//! Whether a person agreed, and what forbids sending whatever they agreed to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{TooLong, one_line};

/// Whether the person behind an address agreed to marketing there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody asked, or nobody knows.
    #[default]
    None,
    /// Asked, not yet answered.
    Pending,
    /// Agreed.
    Confirmed,
    /// Agreed once and took it back, or said no in so many words. No import changes it.
    Withdrawn,
}

/// A word that is not a state of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such state of consent")]
pub struct UnknownConsent;

impl Consent {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::None, Self::Pending, Self::Confirmed, Self::Withdrawn];

    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for Consent {
    type Err = UnknownConsent;

    fn from_str(text: &str) -> Result<Self, UnknownConsent> {
        Self::ALL.into_iter().find(|consent| consent.as_str() == text).ok_or(UnknownConsent)
    }
}

/// Where and to what a person agreed, kept with each address as proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedProof")]
pub struct ConsentProof {
    source: String,
    wording: Option<String>,
}

#[derive(Deserialize)]
struct UncheckedProof {
    source: String,
    wording: Option<String>,
}

impl TryFrom<UncheckedProof> for ConsentProof {
    type Error = ProofError;

    fn try_from(proof: UncheckedProof) -> Result<Self, ProofError> {
        Self::new(&proof.source, proof.wording.as_deref().unwrap_or_default())
    }
}

/// Why a proof cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It does not say where they agreed.
    #[error("say where these people agreed")]
    NoSource,
    /// The place or the wording has too many characters.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl ConsentProof {
    /// Most characters of the place.
    pub const SOURCE_LENGTH_MAX: usize = 200;
    /// Most characters of the wording.
    pub const WORDING_LENGTH_MAX: usize = 2_000;

    /// A proof from where they agreed and the words they saw, if those are known.
    pub fn new(source: &str, wording: &str) -> Result<Self, ProofError> {
        let source = one_line(source, Self::SOURCE_LENGTH_MAX)?;
        if source.is_empty() {
            return Err(ProofError::NoSource);
        }
        let wording = wording.trim().replace('\0', "");
        if wording.chars().count() > Self::WORDING_LENGTH_MAX {
            return Err(TooLong { characters_max: Self::WORDING_LENGTH_MAX }.into());
        }
        Ok(Self { source, wording: Some(wording).filter(|wording| !wording.is_empty()) })
    }

    /// Where they agreed: a form, a page, a paper.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The words they saw.
    pub fn wording(&self) -> Option<&str> {
        self.wording.as_deref()
    }
}

/// Why an address is never sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// The person said stop.
    Unsubscribed,
    /// Mail to it comes back for good.
    HardBounce,
    /// The person reported a message as unwanted.
    Complaint,
    /// A member of the workspace put it here.
    Manual,
}

/// A word that is not a reason of a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such reason")]
pub struct UnknownSuppressionReason;

impl SuppressionReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Unsubscribed, Self::HardBounce, Self::Complaint, Self::Manual];

    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::HardBounce => "hard_bounce",
            Self::Complaint => "complaint",
            Self::Manual => "manual",
        }
    }

    /// Whether a member may take the address off: only what a member put there.
    pub const fn may_be_lifted(self) -> bool {
        matches!(self, Self::Manual)
    }
}

impl FromStr for SuppressionReason {
    type Err = UnknownSuppressionReason;

    fn from_str(text: &str) -> Result<Self, UnknownSuppressionReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownSuppressionReason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives() {
        for consent in Consent::ALL {
            assert_eq!(consent.as_str().parse(), Ok(consent));
        }
        for reason in SuppressionReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert_eq!("yes".parse::<Consent>(), Err(UnknownConsent));
    }

    #[test]
    fn a_proof_says_where() {
        assert_eq!(ConsentProof::new(" ", "I agree"), Err(ProofError::NoSource));
        let proof = ConsentProof::new("Paper form", " ").expect("a proof");
        assert_eq!((proof.source(), proof.wording()), ("Paper form", None));
    }

    #[test]
    fn only_what_a_member_did_can_be_undone() {
        let liftable = SuppressionReason::ALL.into_iter().filter(|reason| reason.may_be_lifted());
        assert_eq!(liftable.collect::<Vec<_>>(), [SuppressionReason::Manual]);
    }
}
