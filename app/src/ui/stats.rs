//! Figures side by side.

use leptos::prelude::*;

use super::{
    bar::Swatch,
    spark::Spark,
    tone::{Fill, classes},
};

/// One figure with its name and a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// What it counts.
    pub label: String,
    /// The figure as it is read.
    pub value: String,
    /// One line below.
    pub note: Option<String>,
    /// The colour it has elsewhere on the page.
    pub swatch: Option<Fill>,
}

impl Stat {
    /// A figure and its name.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), note: None, swatch: None }
    }

    /// With a line below.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With the colour it has elsewhere.
    #[must_use]
    pub fn swatch(mut self, fill: Fill) -> Self {
        self.swatch = Some(fill);
        self
    }
}

/// Two to five figures, straight into a card.
#[component]
pub fn Stats(
    /// The figures.
    stats: Vec<Stat>,
) -> impl IntoView {
    let stats = stats
        .into_iter()
        .map(|stat| {
            view! {
                <div class="stat">
                    <dt>
                        {stat.swatch.map(|fill| view! { <Swatch fill=fill/> })}
                        {stat.label}
                    </dt>
                    <dd>{stat.value}</dd>
                    {stat.note.map(|note| view! { <dd class="d">{note}</dd> })}
                </div>
            }
        })
        .collect_view();
    view! { <dl class="stats">{stats}</dl> }.into_any()
}

/// The figure a page is about, with what it is out of: `6,433 of 9,873 handled`.
#[component]
pub fn Lead(
    /// The figure as it is read.
    #[prop(into)]
    value: String,
    /// What it is out of.
    #[prop(optional, into)]
    of: String,
    /// 36 instead of 28 units.
    #[prop(optional)]
    extra_large: bool,
) -> impl IntoView {
    view! {
        <p class=classes(&["big", if extra_large { "big-xl" } else { "" }])>
            {value} " " <small>{of}</small>
        </p>
    }
    .into_any()
}

/// A small fact beside the lead figure: name, value, remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallFact {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// A unit or remark after the value, fainter.
    pub remark: String,
}

/// Small facts in a row, at the end of the lead figure's line.
#[component]
pub fn SmallFacts(
    /// The facts.
    facts: Vec<SmallFact>,
) -> impl IntoView {
    let facts = facts
        .into_iter()
        .map(|fact| {
            view! {
                <div>
                    <dt>{fact.label}</dt>
                    <dd>
                        {fact.value}
                        {(!fact.remark.is_empty()).then(|| view! { <small>" "{fact.remark}</small> })}
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="facts">{facts}</dl> }.into_any()
}

/// A figure with its course over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Kpi {
    /// What it counts.
    pub label: String,
    /// The figure as it is read.
    pub value: String,
    /// After the figure: a change or share.
    pub remark: String,
    /// Its course, oldest first.
    pub course: Vec<f64>,
    /// The colour of the line: neutral for what is neither good nor bad.
    pub fill: Fill,
}

/// Two to four figures with their courses, straight into a card.
#[component]
pub fn Kpis(
    /// The figures.
    kpis: Vec<Kpi>,
) -> impl IntoView {
    let kpis = kpis
        .into_iter()
        .map(|kpi| {
            view! {
                <li>
                    <span>
                        <span class="k">{kpi.label}</span>
                        <strong>{kpi.value} <small>{kpi.remark}</small></strong>
                    </span>
                    <Spark values=kpi.course fill=kpi.fill/>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="kpis">{kpis}</ul> }.into_any()
}
