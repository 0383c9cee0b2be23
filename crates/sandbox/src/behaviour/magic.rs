//! Recipients to whom the same thing happens every time.

use super::{Fate, Reply};

/// The last six digits of special recipients, and what happens to messages to them.
pub const MAGIC_NUMBERS: [(&str, &str); 16] = [
    ("990001", "fails later with 131026 (undeliverable)"),
    ("990002", "fails later with 131049 (withheld, marketing limit of the person)"),
    ("990003", "fails later with 131050 (the person stopped marketing)"),
    ("990004", "fails later with 130472 (experiment)"),
    ("990005", "fails later with 131053 (media)"),
    ("990006", "is sent but never delivered"),
    ("990007", "is read without a delivered event"),
    ("990008", "is reported read before delivered"),
    ("990009", "has every event posted twice"),
    ("990010", "is answered with the word STOP"),
    ("990011", "is reported sent before the HTTP answer"),
    ("990012", "is never heard of again"),
    ("990013", "is held for quality assessment, then dropped with 132015"),
    ("990014", "is refused at once with 131030 (not in the allowed list)"),
    ("990015", "is answered by pressing the first quick-reply button"),
    ("990016", "fails later with 131047 (outside the service window)"),
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Magic(u32);

/// The special meaning of a number, if it has one.
pub(super) fn magic_of(wa_id: &str) -> Option<Magic> {
    let suffix = wa_id.get(wa_id.len().checked_sub(6)?..)?;
    let position = suffix.strip_prefix("9900")?.parse().ok()?;
    (1..=16).contains(&position).then_some(Magic(position))
}

impl Magic {
    pub(super) fn apply(self, drawn: Fate) -> Fate {
        let smooth = Fate {
            failure: None,
            delivered: true,
            read: true,
            skips_delivered: false,
            swapped: false,
            duplicated: false,
            before_answer: false,
            silent: false,
            reply: None,
            ..drawn
        };
        let failed = |code| Fate { failure: Some(code), delivered: false, read: false, ..smooth.clone() };
        match self.0 {
            1 => failed(131026),
            2 => failed(131049),
            3 => failed(131050),
            4 => failed(130472),
            5 => failed(131053),
            6 => Fate { delivered: false, read: false, ..smooth },
            7 => Fate { skips_delivered: true, ..smooth },
            8 => Fate { swapped: true, ..smooth },
            9 => Fate { duplicated: true, ..smooth },
            10 => Fate { reply: Some(Reply { button: None, text: "STOP".to_owned() }), ..smooth },
            11 => Fate { before_answer: true, ..smooth },
            12 => Fate { silent: true, ..smooth },
            13 => Fate { held: true, ..failed(132015) },
            14 => Fate { refused: Some(131030), ..failed(131030) },
            15 => Fate { reply: Some(Reply { button: Some(0), text: "Yes".to_owned() }), ..smooth },
            _ => failed(131047),
        }
    }
}
