//! Countries that the provider does not let a sender write to. One refusal tells it of everybody there; to ask for each
//! of them again only harms the sender's standing.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use domain::address::PhoneNumber;
use domain::address::country::CountryCode;

/// What one session has learned. The next one asks again: a country may have been opened since.
#[derive(Debug, Default)]
pub struct ClosedCountries(RwLock<HashSet<CountryCode>>);

impl ClosedCountries {
    /// The provider refused a number because of its country.
    pub fn close(&self, address: &str) {
        if let Some(country) = country(address) {
            tracing::warn!(%country, "the provider does not let this sender write to this country");
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(country);
        }
    }

    /// Whether a number is in a country that is closed.
    pub fn contain(&self, address: &str) -> bool {
        let closed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !closed.is_empty() && country(address).is_some_and(|country| closed.contains(&country))
    }
}

fn country(address: &str) -> Option<CountryCode> {
    address.parse::<PhoneNumber>().ok()?.region()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_more_than_a_calling_code() {
        let closed = ClosedCountries::default();
        assert!(!closed.contain("+12025550143"));
        closed.close("+12025550143");
        assert!(closed.contain("+13125550142"), "the United States");
        assert!(!closed.contain("+14165550123"), "Canada has the same calling code");
        assert!(!closed.contain("not a number"));
    }
}
