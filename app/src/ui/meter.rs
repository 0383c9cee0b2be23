//! A limit and how much of it is used.

use leptos::prelude::*;

use super::{
    bar::{Bar, BarRole, Segment},
    format::count,
    tone::{Fill, Tone, classes},
    words::Words,
};

/// From here on a limit deserves a look.
const CAUTION_PERCENT: u128 = 80;

/// How full a limit is.
fn tone(used: u64, limit: u64) -> Tone {
    let (used, limit) = (u128::from(used), u128::from(limit));
    if used >= limit {
        Tone::Danger
    } else if used * 100 >= limit * CAUTION_PERCENT {
        Tone::Caution
    } else {
        Tone::Accent
    }
}

/// "1,164 of 10,000" with a bar: caution from 80 %, danger when nothing is left.
#[component]
pub fn Meter(
    /// What is limited.
    #[prop(into)]
    label: String,
    /// How much is used.
    used: u64,
    /// How much there is.
    limit: u64,
    /// When there will be more, or another remark below the bar.
    #[prop(optional, into)]
    note: Words,
) -> impl IntoView {
    let tone = tone(used, limit);
    let fill = match tone {
        Tone::Danger => Fill::Danger,
        Tone::Caution => Fill::Caution,
        _ => Fill::Data3,
    };
    let class = classes(&["meter", if tone == Tone::Accent { "" } else { tone.class() }]);
    view! {
        <div class=class>
            <div class="top">
                <span>{label.clone()}</span>
                <b class="num">{count(used)}" of "{count(limit)}</b>
            </div>
            <Bar segments=vec![Segment::new(label, used, fill)] total=limit role=BarRole::Decoration/>
            {note.map(|note| view! { <span class="note">{note}</span> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_warns_at_four_fifths_and_alarms_at_its_end() {
        assert_eq!(tone(7_999, 10_000), Tone::Accent);
        assert_eq!(tone(8_000, 10_000), Tone::Caution);
        assert_eq!(tone(10_000, 10_000), Tone::Danger);
        assert_eq!(tone(0, 0), Tone::Danger);
    }
}
