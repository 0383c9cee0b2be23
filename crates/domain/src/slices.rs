//! How a large audience is cut into parts, and which sender carries which.

use std::time::Duration;

use crate::channel::RatePlan;

/// A sender takes part only if this many batches are there for it; less is not worth another dispatch.
const BATCHES_MIN: u32 = 2;

/// A part of the audience: positions over everybody who is to be sent to, from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Which of the senders carries it.
    pub sender: usize,
    /// The first position.
    pub first: u32,
    /// The last position; before `first` when the part is empty.
    pub last: u32,
}

impl Slice {
    /// People in it.
    pub const fn people(&self) -> u32 {
        (self.last + 1).saturating_sub(self.first)
    }
}

/// Cuts an audience into parts of at most `people_max`, in the order in which they are numbered.
///
/// Each sender gets a share in proportion to its rate, so that all finish together; the parts of the shares are numbered in
/// turn. A sender whose share would be less than two batches is left out, but never the first. There is always one part,
/// also for nobody.
pub fn cut(people: u32, senders: &[RatePlan], people_max: u32) -> Vec<Slice> {
    let shares = shares(people, senders);
    let parts: Vec<u32> = shares.iter().map(|(_, share)| share.div_ceil(people_max.max(1))).collect();
    let rounds = parts.iter().copied().max().unwrap_or(0);
    let mut slices = Vec::new();
    let mut first = 1;
    for round in 0..rounds {
        for ((sender, share), parts) in shares.iter().zip(&parts).filter(|(_, parts)| round < **parts) {
            // As even as whole people allow.
            let people = share / parts + u32::from(round < share % parts);
            slices.push(Slice { sender: *sender, first, last: first + people - 1 });
            first += people;
        }
    }
    if slices.is_empty() {
        slices.push(Slice { sender: 0, first: 1, last: 0 });
    }
    slices
}

/// Who takes part, and with how many people.
fn shares(people: u32, senders: &[RatePlan]) -> Vec<(usize, u32)> {
    let mut taking: Vec<(usize, RatePlan)> = senders.iter().copied().enumerate().collect();
    loop {
        let shares = proportional(people, &taking);
        let too_small = |index: &usize| {
            let least = taking[*index].1.batch_size.get().saturating_mul(BATCHES_MIN);
            *index > 0 && shares[*index].1 < least
        };
        match (1..taking.len()).rev().find(too_small) {
            Some(index) => drop(taking.remove(index)),
            None => return shares,
        }
    }
}

fn proportional(people: u32, taking: &[(usize, RatePlan)]) -> Vec<(usize, u32)> {
    let rate = |plan: &RatePlan| u64::from(plan.rate_per_second.get());
    let together: u64 = taking.iter().map(|(_, plan)| rate(plan)).sum();
    let (mut so_far, mut given) = (0, 0);
    let mut shares = Vec::with_capacity(taking.len());
    for (sender, plan) in taking {
        so_far += rate(plan);
        let until = u64::from(people) * so_far / together.max(1);
        let until = u32::try_from(until).unwrap_or(people);
        shares.push((*sender, until - given));
        given = until;
    }
    shares
}

/// How long the slowest sender takes for its parts at its full rate.
pub fn duration(slices: &[Slice], senders: &[RatePlan]) -> Duration {
    let seconds = senders.iter().enumerate().map(|(sender, plan)| {
        let own = slices.iter().filter(|slice| slice.sender == sender);
        let people: u64 = own.map(|slice| u64::from(slice.people())).sum();
        people.div_ceil(u64::from(plan.rate_per_second.get()))
    });
    Duration::from_secs(seconds.max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn plan(rate: u32, batch: u32) -> RatePlan {
        let positive = |value| NonZeroU32::new(value).expect("a positive number");
        RatePlan { rate_per_second: positive(rate), batch_size: positive(batch) }
    }

    fn sizes(people: u32, senders: &[RatePlan], people_max: u32) -> Vec<(usize, u32)> {
        cut(people, senders, people_max).iter().map(|slice| (slice.sender, slice.people())).collect()
    }

    #[test]
    fn one_sender_takes_its_parts_in_turn() {
        let one = [RatePlan::STANDARD];
        assert_eq!(sizes(0, &one, 50_000), [(0, 0)]);
        assert_eq!(sizes(1, &one, 50_000), [(0, 1)]);
        assert_eq!(sizes(50_000, &one, 50_000), [(0, 50_000)]);
        assert_eq!(sizes(50_001, &one, 50_000), [(0, 25_001), (0, 25_000)]);
        assert_eq!(sizes(1_000_000, &one, 50_000).len(), 20);
    }

    #[test]
    fn several_senders_share_by_rate_and_finish_together() {
        let two = [plan(1_000, 100), plan(1_000, 100)];
        assert_eq!(sizes(1_000, &two, 50_000), [(0, 500), (1, 500)]);
        assert_eq!(sizes(398, &two, 50_000), [(0, 398)], "a share is less than two batches");
        let parts = sizes(230_000, &two, 50_000);
        assert_eq!(parts.iter().map(|(sender, _)| *sender).collect::<Vec<_>>(), [0, 1, 0, 1, 0, 1]);
        let uneven = [plan(80, 20), plan(1_000, 100)];
        assert_eq!(sizes(10_800, &uneven, 50_000), [(0, 800), (1, 10_000)]);
        assert_eq!(duration(&cut(10_800, &uneven, 50_000), &uneven), Duration::from_secs(10));
    }

    #[test]
    fn everybody_is_in_exactly_one_part() {
        let mut seed: u32 = 0x9E37_79B9;
        let mut below = |bound: u32| {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            seed % bound
        };
        for _ in 0..2_000 {
            let senders: Vec<RatePlan> =
                (0..=below(4)).map(|_| plan(1 + below(1_000), 1 + below(100))).collect();
            let (people, people_max) = (below(3_000), 1 + below(500));
            let slices = cut(people, &senders, people_max);
            let mut next = 1;
            for slice in &slices {
                assert_eq!(slice.first, next, "{people} {people_max} {senders:?}");
                assert!(slice.people() <= people_max && slice.sender < senders.len());
                assert!(slice.people() > 0 || people == 0);
                next = slice.last + 1;
            }
            assert_eq!(next, people + 1);
        }
    }
}
