//! What people write in a column that says whether somebody agreed.

use serde::{Deserialize, Serialize};

/// What a cell of the consent column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentClaim {
    /// They agreed.
    Agreed,
    /// They were not asked, did not answer, or did not agree.
    NotAgreed,
    /// They said in so many words that they want nothing.
    OptedOut,
}

#[rustfmt::skip]
const AGREED: &[&str] = &[
    "yes", "y", "true", "t", "1", "x", "✓", "✔", "☑", "ok", "on", "agreed", "accepted", "granted", "allowed",
    "given", "confirmed", "active", "subscribed", "opt-in", "opt in", "optin", "opted in", "opted-in",
    "single opt-in", "double opt-in", "consented", "sim", "s", "aceito", "aceite", "aceita", "autorizado",
    "subscrito", "confirmado", "sí", "si", "acepto", "acepta", "aceptado", "suscrito", "oui", "o", "accepté",
    "accepte", "inscrit", "ja", "j", "wahr", "zugestimmt", "eingewilligt", "angemeldet", "waar", "akkoord",
    "sì", "vero", "accetto", "iscritto", "tak", "ano", "áno", "igen", "kyllä", "evet", "da", "да", "так",
    "ναι", "نعم", "כן", "हाँ", "हां", "ya", "是", "はい", "예", "네",
];

#[rustfmt::skip]
const NOT_AGREED: &[&str] = &[
    "", "no", "n", "false", "f", "0", "-", "–", "none", "off", "null", "n/a", "na", "unknown", "pending",
    "not asked", "not set", "never subscribed", "não", "nao", "falso", "non", "faux", "nein", "falsch", "nee",
    "onwaar", "nej", "nei", "nie", "ne", "nem", "ei", "hayır", "hayir", "нет", "ні", "όχι", "οχι", "لا", "לא",
    "नहीं", "tidak", "否", "いいえ", "아니요", "아니오",
];

#[rustfmt::skip]
const OPTED_OUT: &[&str] = &[
    "opt-out", "opt out", "optout", "opted out", "opted-out", "unsubscribed", "unsubscribe", "withdrawn",
    "revoked", "cleaned", "blocked", "do not contact", "do not market", "dnc", "stop", "stopped", "cancelled",
    "removed", "retirado", "revogado", "descadastrado", "não contactar", "nao contactar", "baja",
    "dado de baja", "revocado", "désabonné", "desabonne", "désinscrit", "retiré", "abgemeldet", "widerrufen",
    "afgemeld", "uitgeschreven", "disiscritto", "revocato", "avregistrerad", "wypisany", "отписан",
    "отписался",
];

impl ConsentClaim {
    /// Reads a cell. `None` if it says neither yes nor no in any language known here.
    pub fn read(cell: &str) -> Option<Self> {
        let word = cell.trim().to_lowercase();
        let word = word.as_str();
        if AGREED.contains(&word) {
            Some(Self::Agreed)
        } else if NOT_AGREED.contains(&word) {
            Some(Self::NotAgreed)
        } else if OPTED_OUT.contains(&word) {
            Some(Self::OptedOut)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_yes_no_or_never_again() {
        for word in ["Yes", " TRUE ", "1", "sim", "Sí", "oui", "JA", "opt-in", "да"] {
            assert_eq!(ConsentClaim::read(word), Some(ConsentClaim::Agreed), "{word}");
        }
        for word in ["", "no", "FALSE", "0", "Não", "non", "nein"] {
            assert_eq!(ConsentClaim::read(word), Some(ConsentClaim::NotAgreed), "{word}");
        }
        for word in ["Unsubscribed", "opt-out", "Opted out", "abgemeldet"] {
            assert_eq!(ConsentClaim::read(word), Some(ConsentClaim::OptedOut), "{word}");
        }
        for word in ["maybe", "2", "2024-05-04"] {
            assert_eq!(ConsentClaim::read(word), None, "{word}");
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let mut all = [AGREED, NOT_AGREED, OPTED_OUT].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
