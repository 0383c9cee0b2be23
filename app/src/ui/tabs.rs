//! Tabs between pages and pills that filter.

use leptos::prelude::*;

use super::{chip::Count, format::count as grouped};

/// One tab or pill: a link to the page that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabLink {
    /// Its word.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// How many are there.
    pub count: Option<u64>,
    /// Whether it is what the page shows now.
    pub current: bool,
}

impl TabLink {
    /// A tab without a count that is not the current one.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), count: None, current: false }
    }

    /// With a count.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Marked if it is what the page shows.
    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }
}

/// Tabs that lead to pages of their own.
#[component]
pub fn Tabs(
    /// What the tabs divide.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<TabLink>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <a href=tab.href aria-current=tab.current.then_some("page")>
                    {tab.label}
                    " "
                    {tab.count.map(|count| view! { <Count number=count/> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            {tabs}
        </nav>
    }
    .into_any()
}

/// Filters of a list, each a link with its count. One row, which scrolls on a phone.
#[component]
pub fn FilterPills(
    /// What they filter by: "Filter by state".
    #[prop(into)]
    label: String,
    /// The filters.
    pills: Vec<TabLink>,
) -> impl IntoView {
    let pills = pills
        .into_iter()
        .map(|pill| {
            view! {
                <a class="filter" href=pill.href aria-current=pill.current.then_some("true")>
                    {pill.label}
                    " "
                    {pill.count.map(|count| view! { <span class="num">{grouped(count)}</span> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="filters" aria-label=label>
            {pills}
        </nav>
    }
    .into_any()
}

/// One filter of an island: a button that stays pressed.
#[component]
pub fn FilterButton(
    /// Its word.
    #[prop(into)]
    label: String,
    /// How many are there.
    #[prop(optional, into)]
    count: MaybeProp<u64>,
    /// Whether it is chosen.
    #[prop(into)]
    pressed: Signal<bool>,
) -> impl IntoView {
    view! {
        <button class="filter" type="button" aria-pressed=move || if pressed.get() { "true" } else { "false" }>
            {label}
            " "
            {move || count.get().map(|count| view! { <span class="num">{grouped(count)}</span> })}
        </button>
    }
}
