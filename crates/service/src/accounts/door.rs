//! What stands between a stranger and an account: the limits on attempts, and the hasher.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::address::EmailAddress;
use governor::clock::{Clock, DefaultClock, QuantaInstant};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::password::Hasher;
use super::sign_in::TooMany;

/// Attempts on one account before they are slowed down.
const ACCOUNT_BURST: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
/// How long until an account has one more attempt.
const ACCOUNT_REFILL: Duration = Duration::from_secs(60);
/// Attempts from one network address before they are slowed down: an office shares one.
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::new(30).expect("thirty is not zero");
/// How long until a network address has one more attempt.
const ADDRESS_REFILL: Duration = Duration::from_secs(6);
/// After this many attempts, keys that are as good as new are dropped, so that the tables do not grow for ever.
const ATTEMPTS_BETWEEN_PRUNING: u32 = 512;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Guards signing in. Its counts live in this process: with several server processes a stranger has as many attempts
/// more, which slows guessing down all the same.
pub struct SignInDoor {
    by_account: Limiter<EmailAddress>,
    by_address: Limiter<IpAddr>,
    clock: DefaultClock,
    attempts: AtomicU32,
    pub(super) hasher: Hasher,
}

impl fmt::Debug for SignInDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInDoor")
    }
}

fn limiter<K: Clone + Eq + std::hash::Hash>(burst: NonZeroU32, refill: Duration) -> Limiter<K> {
    let quota = Quota::with_period(refill).expect("the period is not zero").allow_burst(burst);
    RateLimiter::keyed(quota).with_middleware()
}

/// One household or office: a single IPv4 address, or the /64 that IPv6 gives to each.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl SignInDoor {
    /// A door nobody has knocked at.
    pub(crate) fn new() -> Self {
        Self {
            by_account: limiter(ACCOUNT_BURST, ACCOUNT_REFILL),
            by_address: limiter(ADDRESS_BURST, ADDRESS_REFILL),
            clock: DefaultClock::default(),
            attempts: AtomicU32::new(0),
            hasher: Hasher::new(),
        }
    }

    /// Counts an attempt from a network address.
    pub(super) fn admit_address(&self, address: IpAddr) -> Result<(), TooMany> {
        self.prune_now_and_then();
        self.by_address
            .check_key(&network(address))
            .map(|_| ())
            .map_err(|not_until| self.too_many(&not_until))
    }

    /// Counts an attempt on an account, whether or not it exists. How many are left.
    pub(super) fn admit_account(&self, email: &EmailAddress) -> Result<u32, TooMany> {
        self.by_account
            .check_key(email)
            .map(|state| state.remaining_burst_capacity())
            .map_err(|not_until| self.too_many(&not_until))
    }

    fn too_many(&self, not_until: &governor::NotUntil<QuantaInstant>) -> TooMany {
        TooMany { retry_after: not_until.wait_time_from(self.clock.now()) }
    }

    fn prune_now_and_then(&self) {
        if self.attempts.fetch_add(1, Ordering::Relaxed).is_multiple_of(ATTEMPTS_BETWEEN_PRUNING) {
            self.by_account.retain_recent();
            self.by_account.shrink_to_fit();
            self.by_address.retain_recent();
            self.by_address.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_five_attempts_and_then_waits() {
        let door = SignInDoor::new();
        let email: EmailAddress = "ines@brasa.example".parse().expect("an address");
        let left: Vec<u32> = (0..5).map(|_| door.admit_account(&email).expect("within the burst")).collect();
        assert_eq!(left, [4, 3, 2, 1, 0]);
        let wait = door.admit_account(&email).expect_err("the sixth").retry_after;
        assert!(wait <= ACCOUNT_REFILL && wait > Duration::from_secs(50), "{wait:?}");
        let other: EmailAddress = "tom@brasa.example".parse().expect("an address");
        assert!(door.admit_account(&other).is_ok());
    }

    #[test]
    fn a_network_address_may_not_try_account_after_account() {
        let door = SignInDoor::new();
        let address = IpAddr::from([192, 0, 2, 1]);
        assert!((0..ADDRESS_BURST.get()).all(|_| door.admit_address(address).is_ok()));
        assert!(door.admit_address(address).expect_err("one too many").retry_after <= ADDRESS_REFILL);
        assert!(door.admit_address(IpAddr::from([192, 0, 2, 2])).is_ok());
    }

    #[test]
    fn a_network_counts_as_one() {
        let same = ["2001:db8::1", "2001:db8::ffff:1"].map(|text| network(text.parse().expect("an address")));
        assert_eq!(same[0], same[1]);
        assert_ne!(network("2001:db8:0:1::1".parse().expect("an address")), same[0]);
        assert_eq!(
            network("::ffff:192.0.2.1".parse().expect("an address")),
            network("192.0.2.1".parse().expect("one"))
        );
    }
}
