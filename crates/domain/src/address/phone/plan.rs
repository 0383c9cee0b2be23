//! Numbering plans: which national numbers exist under which calling code.
//!
//! The facts are those of the `phonenumber` crate. Each country's patterns are compiled when a number first needs them.

use std::sync::{LazyLock, OnceLock};

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};

use super::pattern::Pattern;
use crate::address::country::CountryCode;

/// Calling codes have one to three digits.
const CALLING_CODES: usize = 1_000;

/// The plan of one country, or of one calling code that belongs to none.
pub(super) struct Plan {
    pub country: Option<CountryCode>,
    /// Digits dialled before a number inside the country, and no part of it.
    pub national_prefix: Option<&'static str>,
    /// Prefixes are stripped by a rule that is more than the one prefix: carrier codes, tokens moved within the number.
    pub has_prefix_rule: bool,
    /// What is dialled for a call abroad, where it is one plain prefix.
    pub international_prefix: Option<&'static str>,
    /// Lengths of its mobile numbers (or of all, if it has none of its own), ascending.
    pub lengths: Vec<usize>,
    leading_digits: Option<Pattern>,
    general: Option<Pattern>,
    /// Mobile first: most numbers people import are.
    kinds: Vec<Kind>,
}

struct Kind {
    lengths: Vec<usize>,
    pattern: Option<Pattern>,
}

impl Plan {
    fn of(meta: &'static Metadata) -> Self {
        let descriptors = meta.descriptors();
        let described = [
            descriptors.mobile(),
            descriptors.fixed_line(),
            descriptors.voip(),
            descriptors.personal_number(),
            descriptors.uan(),
            descriptors.pager(),
            descriptors.toll_free(),
            descriptors.shared_cost(),
            descriptors.premium_rate(),
            descriptors.voicemail(),
        ];
        let main = descriptors
            .mobile()
            .map_or_else(|| described.iter().flatten().flat_map(|kind| lengths(kind)).collect(), lengths);
        Self {
            country: meta.id().parse().ok(),
            national_prefix: meta.national_prefix(),
            has_prefix_rule: meta
                .national_prefix_for_parsing()
                .is_some_and(|rule| rule.as_str().contains('(')),
            international_prefix: meta
                .international_prefix()
                .map(|prefix| prefix.as_str())
                .filter(|prefix| prefix.bytes().all(|byte| byte.is_ascii_digit())),
            lengths: sorted(main),
            leading_digits: meta.leading_digits().and_then(|pattern| Pattern::compile(pattern.as_str())),
            general: Pattern::compile(descriptors.general().national_number().as_str()),
            kinds: described.into_iter().flatten().map(Kind::of).collect(),
        }
    }

    /// Whether a national number exists in this plan.
    fn has(&self, national: &[u8]) -> bool {
        self.general.as_ref().is_some_and(|general| general.is_match(national))
            && self.kinds.iter().any(|kind| kind.has(national))
    }
}

impl Kind {
    fn of(descriptor: &Descriptor) -> Self {
        Self {
            lengths: lengths(descriptor),
            pattern: Pattern::compile(descriptor.national_number().as_str()),
        }
    }

    fn has(&self, national: &[u8]) -> bool {
        (self.lengths.is_empty() || self.lengths.contains(&national.len()))
            && self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(national))
    }
}

fn lengths(descriptor: &Descriptor) -> Vec<usize> {
    descriptor.possible_length().iter().map(|length| usize::from(*length)).collect()
}

fn sorted(mut lengths: Vec<usize>) -> Vec<usize> {
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

struct Slot {
    id: &'static str,
    plan: OnceLock<Plan>,
}

/// Per calling code its plans, the main one first.
static PLANS: LazyLock<Vec<Vec<Slot>>> = LazyLock::new(|| {
    let mut plans = Vec::new();
    for code in 0..CALLING_CODES {
        let ids = u16::try_from(code).ok().and_then(|code| DATABASE.region(&code)).unwrap_or_default();
        plans.push(ids.into_iter().map(|id| Slot { id, plan: OnceLock::new() }).collect());
    }
    plans
});

/// The plans under a calling code, the main one first.
pub(super) fn under(calling_code: u16) -> impl Iterator<Item = &'static Plan> {
    let slots = PLANS.get(usize::from(calling_code)).map_or(&[][..], Vec::as_slice);
    slots.iter().filter_map(move |slot| {
        if slot.plan.get().is_none() {
            // Plans without a country share the id 001, so they are found by their code.
            let meta = match slot.id {
                "001" => DATABASE.by_code(&calling_code)?.into_iter().next()?,
                id => DATABASE.by_id(id)?,
            };
            return Some(slot.plan.get_or_init(|| Plan::of(meta)));
        }
        slot.plan.get()
    })
}

/// The plan among those of a calling code in which a national number exists.
pub(super) fn holding(calling_code: u16, national: &[u8]) -> Option<&'static Plan> {
    under(calling_code).find(|plan| {
        let could_be = plan.leading_digits.as_ref().is_none_or(|leading| leading.matches_start(national));
        could_be && plan.has(national)
    })
}

/// The calling code that digits begin with, and the rest. Codes are prefix-free, so there is at most one.
pub(super) fn split(digits: &[u8]) -> Option<(u16, &[u8])> {
    let mut code = 0_u16;
    for (index, digit) in digits.iter().take(3).enumerate() {
        code = code * 10 + u16::from(digit - b'0');
        if code > 0 && !PLANS[usize::from(code)].is_empty() {
            return Some((code, &digits[index + 1..]));
        }
    }
    None
}

/// The country of a number in E.164 without its `+`.
pub(super) fn region(digits: &[u8]) -> Option<CountryCode> {
    let (code, national) = split(digits)?;
    holding(code, national).or_else(|| under(code).next())?.country
}
