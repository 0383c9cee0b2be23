//! From all who match to those who get it, minus each reason.

use leptos::prelude::*;

use super::{
    format::{count, minus, width},
    tone::{Fill, classes},
    words::Words,
};

/// People who are left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// Where they are.
    pub href: Option<String>,
}

fn number(shown: String, spoken: String, href: Option<String>) -> AnyView {
    match href {
        Some(href) => view! {
            <a class="num" href=href aria-label=spoken>
                {shown}
            </a>
        }
        .into_any(),
        None => view! { <span class="num">{shown}</span> }.into_any(),
    }
}

/// A bar for one line: what is left after it, and what it takes.
fn step(left: u64, taken: u64, whole: u64, fill: Fill) -> AnyView {
    view! {
        <span class="steps-bar">
            <svg class="kept" width=width(left, whole) aria-hidden="true"></svg>
            {(taken > 0)
                .then(|| view! { <svg class=classes(&["lost", fill.class()]) width=width(taken, whole) aria-hidden="true"></svg> })}
        </span>
    }
    .into_any()
}

/// The lines, and the result below them. The result is computed here, so that the lines always add up to it.
#[component]
pub fn Waterfall(
    /// What all who match are called: "Match the rules".
    #[prop(into)]
    matched_label: String,
    /// How many match.
    matched: u64,
    /// Where they are.
    #[prop(optional, into)]
    matched_href: Words,
    /// The reasons, in the order in which they are applied: nobody is counted twice.
    losses: Vec<Loss>,
    /// What the rest is called: "Will get it".
    #[prop(into)]
    result_label: String,
) -> impl IntoView {
    let mut left = matched;
    let lines = losses
        .into_iter()
        .map(|loss| {
            let taken = loss.count.min(left);
            left -= taken;
            let spoken = format!("{} {}, show the people", count(loss.count), loss.reason);
            view! {
                <li>
                    <span>{loss.reason}</span>
                    {number(minus(loss.count), spoken, loss.href)}
                    {step(left, taken, matched, Fill::Caution)}
                </li>
            }
        })
        .collect_view();
    let spoken = format!("{} {matched_label}, show the people", count(matched));
    view! {
        <ul class="waterfall">
            <li>
                <span>{matched_label}</span>
                {number(count(matched), spoken, matched_href.get())}
                {step(0, matched, matched, Fill::Data1)}
            </li>
            {lines}
            <li class="total">
                <span class="medium">{result_label}</span>
                <b class="num">{count(left)}</b>
            </li>
        </ul>
    }
    .into_any()
}
