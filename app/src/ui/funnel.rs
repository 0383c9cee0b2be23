//! The funnel: cumulative steps from the audience to the replies.

use leptos::prelude::*;

use super::{
    format::{count, lower_first},
    tone::{Fill, classes},
};

/// The drawing is 100 by 56 units; what is not nothing keeps at least 4 of the 56.
const HEIGHT: f64 = 56.0;
const LEAST: f64 = 4.0;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelStep {
    /// Its name: `Delivered`.
    pub label: String,
    /// How many came this far.
    pub count: u64,
    /// The share with its base in words: `94.1% of submitted`.
    pub note: String,
    /// Where the people behind the number are.
    pub href: Option<String>,
}

/// Where the top edge of a step lies, from the top.
fn top(part: u64, whole: u64) -> f64 {
    if part == 0 || whole == 0 {
        return HEIGHT;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a drawing of 56 units needs no more than a float's precision"
    )]
    let share = part.min(whole) as f64 / whole as f64;
    (HEIGHT - LEAST) * (1.0 - share)
}

/// The area of a step, falling at its end to the height of the next.
fn area(own: f64, next: f64) -> String {
    format!("M0 {own:.1}L62 {own:.1}C80 {own:.1} 84 {next:.1} 100 {next:.1}L100 56L0 56Z")
}

/// Four or five steps. In a narrow card it becomes a list.
#[component]
pub fn Funnel(
    /// The steps, largest first.
    steps: Vec<FunnelStep>,
) -> impl IntoView {
    const FILLS: [Fill; 5] = [Fill::Track, Fill::Data1, Fill::Data2, Fill::Data3, Fill::Data4];
    let whole = steps.first().map_or(0, |step| step.count);
    let tops: Vec<f64> = steps.iter().map(|step| top(step.count, whole)).collect();
    let class = classes(&["funnel", if steps.len() == 4 { "funnel-4" } else { "" }]);
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            let next = tops.get(index + 1).copied().unwrap_or(tops[index]);
            let fill = FILLS[index.min(FILLS.len() - 1)].class();
            let number = match step.href {
                Some(href) => {
                    let spoken =
                        format!("{} {}, show the people", count(step.count), lower_first(&step.label));
                    view! {
                        <a class="v" href=href aria-label=spoken>
                            {count(step.count)}
                        </a>
                    }
                    .into_any()
                }
                None => view! { <span class="v">{count(step.count)}</span> }.into_any(),
            };
            view! {
                <li>
                    <span class="k">{step.label}</span>
                    {number}
                    <span class="d">{step.note}</span>
                    <span class="col">
                        <svg class=fill viewBox="0 0 100 56" preserveAspectRatio="none" aria-hidden="true">
                            <path d=area(tops[index], next)></path>
                        </svg>
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class=class>{steps}</ol> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_fills_the_height_and_nothing_has_none() {
        assert!((top(10, 10) - 0.0).abs() < f64::EPSILON);
        assert!((top(0, 10) - HEIGHT).abs() < f64::EPSILON);
        assert!((top(0, 0) - HEIGHT).abs() < f64::EPSILON);
    }

    #[test]
    fn a_single_person_among_many_can_be_seen() {
        assert!(top(1, 1_000_000) <= HEIGHT - LEAST);
    }
}
