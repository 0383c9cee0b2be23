//! Sealing what must not be read from the database: provider credentials.
//!
//! AES-256-GCM with a ring of keys. What is sealed names its key, so that keys can be changed without touching old rows,
//! and is bound to *associated data*, the workspace and row it belongs to: a credential copied into another row, or
//! another workspace, does not open.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

pub use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

const NONCE_BYTES: usize = 12;

/// A secret that only the key ring can read.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key of the ring sealed it.
    pub key_id: String,
    /// The nonce, then the ciphertext.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.key_id, self.bytes.len())
    }
}

/// Why a sealed secret cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The key that sealed it is not configured any more.
    #[error("the key \"{key_id}\" is not among the configured keys")]
    UnknownKey {
        /// The id that is missing.
        key_id: String,
    },
    /// It was changed, or belongs to another row.
    #[error("the sealed secret is damaged or belongs elsewhere")]
    Refused,
}

/// The active key is not among the keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no key \"{active_key}\" to seal with")]
pub struct NoActiveKey {
    /// The id that is missing.
    pub active_key: String,
}

/// The row a secret belongs to, as the associated data that binds it there.
pub fn bound_to(workspace: Uuid, row: Uuid) -> [u8; 32] {
    let mut data = [0; 32];
    data[..16].copy_from_slice(workspace.as_bytes());
    data[16..].copy_from_slice(row.as_bytes());
    data
}

/// The configured keys, one of which seals.
pub struct KeyRing {
    active_key: String,
    ciphers: BTreeMap<String, Aes256Gcm>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing(active {}, {} keys)", self.active_key, self.ciphers.len())
    }
}

impl KeyRing {
    /// A ring of these keys, by id.
    pub fn new<'a>(
        active_key: &str,
        keys: impl IntoIterator<Item = (&'a str, &'a [u8; 32])>,
    ) -> Result<Self, NoActiveKey> {
        let ciphers: BTreeMap<String, Aes256Gcm> =
            keys.into_iter().map(|(id, key)| (id.to_owned(), Aes256Gcm::new(key.into()))).collect();
        let active_key = active_key.to_owned();
        if ciphers.contains_key(&active_key) {
            Ok(Self { active_key, ciphers })
        } else {
            Err(NoActiveKey { active_key })
        }
    }

    /// Seals with the active key.
    pub fn seal(&self, secret: &SecretString, associated_data: &[u8]) -> Sealed {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: associated_data };
        let ciphertext = self.ciphers[&self.active_key]
            .encrypt(&Nonce::from(nonce), payload)
            .expect("AES-GCM refuses only texts of more than 64 GB");
        let mut bytes = nonce.to_vec();
        bytes.extend(ciphertext);
        Sealed { key_id: self.active_key.clone(), bytes }
    }

    /// Opens what any key of the ring sealed with the same associated data.
    pub fn open(&self, sealed: &Sealed, associated_data: &[u8]) -> Result<SecretString, OpenError> {
        let cipher = self
            .ciphers
            .get(&sealed.key_id)
            .ok_or_else(|| OpenError::UnknownKey { key_id: sealed.key_id.clone() })?;
        let (nonce, ciphertext) =
            sealed.bytes.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Refused)?;
        let payload = Payload { msg: ciphertext, aad: associated_data };
        let text = cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| OpenError::Refused)?;
        String::from_utf8(text).map(SecretString::from).map_err(|_| OpenError::Refused)
    }

    /// The id of the key that seals from now on.
    pub fn active_key(&self) -> &str {
        &self.active_key
    }
}
