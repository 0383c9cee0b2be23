//! Rows of one reason each: what did not go through and why, what the preflight found.

use leptos::prelude::*;

use super::{
    chip::{Bullet, MarkSize},
    format::count,
    icon::Icon,
    tone::Tone,
    words::Words,
};

/// A list of [`FailureGroup`] or [`Finding`] rows.
#[component]
pub fn Groups(
    /// Rows start at their top: for findings with more than two lines.
    #[prop(optional)]
    top: bool,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! { <ul class=if top { "groups groups-top" } else { "groups" }>{children()}</ul> }.into_any()
}

/// People with one reason: how many, why, what can be done.
#[component]
pub fn FailureGroup(
    /// How many.
    number: u64,
    /// What it means: held and unknown are not failures.
    tone: Tone,
    /// Its drawing.
    icon: Icon,
    /// The reason in words.
    #[prop(into)]
    title: String,
    /// What it means for these people, and what happens next.
    #[prop(into)]
    text: String,
    /// At most one act, and "Show N" last.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <li>
            <span class="n">{count(number)}</span>
            <div>
                <h3>
                    <Bullet tone=tone icon=icon size=MarkSize::S/>
                    {title}
                </h3>
                <p>{text}</p>
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </li>
    }
    .into_any()
}

/// One finding of a check: a blocker, a warning, a fact, people left out.
#[component]
pub fn Finding(
    /// Danger blocks, caution warns, positive was checked, neutral is left out.
    tone: Tone,
    /// Its drawing.
    icon: Icon,
    /// The finding.
    #[prop(into)]
    title: String,
    /// What it means.
    #[prop(optional, into)]
    text: Words,
    /// At most one act.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
    /// Below the text: a [`ReasonCounts`].
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li>
            <Bullet tone=tone icon=icon/>
            <div>
                <h3>{title}</h3>
                {text.map(|text| view! { <p>{text}</p> })}
                {children.map(|children| children())}
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </li>
    }
    .into_any()
}

/// A reason and how many people it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// Where they are.
    pub href: Option<String>,
}

/// Reasons with their counts, in two columns.
#[component]
pub fn ReasonCounts(
    /// The reasons, most people first.
    reasons: Vec<ReasonCount>,
) -> impl IntoView {
    let rows = reasons
        .into_iter()
        .map(|row| {
            let number = match row.href {
                Some(href) => view! {
                    <a class="num" href=href aria-label=format!("{}, {}", count(row.count), row.reason)>
                        {count(row.count)}
                    </a>
                }
                .into_any(),
                None => view! { <span class="num">{count(row.count)}</span> }.into_any(),
            };
            view! { <li><span>{row.reason.clone()}</span> {number}</li> }
        })
        .collect_view();
    view! { <ul class="skips">{rows}</ul> }.into_any()
}
