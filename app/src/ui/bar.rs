//! Bars of segments, their legend, and the proof that they add up.
//!
//! A segment is an empty `<svg>` whose `width` attribute carries the share: no style attribute is needed, and an
//! island that re-renders the bar changes only that attribute, so the change moves.

use leptos::prelude::*;

use super::{
    format::{count, lower_first, width},
    icon::{Glyph, Icon, IconSize},
    tone::{Fill, classes},
};

/// How the area of a segment is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pattern {
    /// Flat.
    #[default]
    Solid,
    /// Hatched: unknown or skipped.
    Hatch,
    /// With a moving sheen: being handed over right now.
    Moving,
}

impl Pattern {
    fn class(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Hatch => "hatch",
            Self::Moving => "moving",
        }
    }
}

/// One part of a whole: a segment of the bar and a line of the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The name of the part.
    pub label: String,
    /// How many.
    pub count: u64,
    /// The colour of its area.
    pub fill: Fill,
    /// How its area is drawn.
    pub pattern: Pattern,
    /// Where the people behind the number are.
    pub href: Option<String>,
    /// In the legend only: what is still to come, or what is not part of the bar's whole.
    pub legend_only: bool,
}

impl Segment {
    /// A flat segment without a link.
    pub fn new(label: impl Into<String>, count: u64, fill: Fill) -> Self {
        Self { label: label.into(), count, fill, pattern: Pattern::Solid, href: None, legend_only: false }
    }

    /// Drawn in another pattern.
    #[must_use]
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        self.pattern = pattern;
        self
    }

    /// Opens the people behind the number.
    #[must_use]
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// Not drawn in the bar.
    #[must_use]
    pub fn legend_only(mut self) -> Self {
        self.legend_only = true;
        self
    }
}

/// How high a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BarSize {
    /// 5 units, in rows of tables.
    Thin,
    /// 6 units.
    #[default]
    S,
    /// 8 units.
    M,
    /// 14 units, the lead figure of a page.
    L,
}

/// What a bar tells those who cannot see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BarRole {
    /// A number beside it says the same.
    Decoration,
    /// A picture with this name.
    Picture(String),
    /// Progress: the name, how much is done, and how that is said.
    Progress {
        /// What progresses.
        label: String,
        /// How much is done.
        done: u64,
        /// The progress in words: `6,433 of 9,873 handled`.
        text: String,
    },
}

/// Parts of a whole, side by side. A part that is not nothing is at least 3 pixels wide.
#[component]
pub fn Bar(
    /// The parts, in their fixed order. Empty ones take no room.
    segments: Vec<Segment>,
    /// The whole; what the parts leave is the empty track.
    total: u64,
    /// What it says to those who cannot see it.
    role: BarRole,
    /// How high.
    #[prop(optional)]
    size: BarSize,
) -> impl IntoView {
    let size = match size {
        BarSize::Thin => "bar-thin",
        BarSize::S => "",
        BarSize::M => "bar-m",
        BarSize::L => "bar-l",
    };
    let segments = segments
        .into_iter()
        .filter(|segment| segment.count > 0 && !segment.legend_only)
        .map(|segment| {
            let class = classes(&["seg", segment.fill.class(), segment.pattern.class()]);
            view! { <svg class=class width=width(segment.count, total) aria-hidden="true"></svg> }
        })
        .collect_view();
    let (role, label, now, text) = match role {
        BarRole::Decoration => (None, None, None, None),
        BarRole::Picture(label) => (Some("img"), Some(label), None, None),
        BarRole::Progress { label, done, text } => (Some("progressbar"), Some(label), Some(done), Some(text)),
    };
    view! {
        <div
            class=classes(&["bar", size])
            role=role
            aria-hidden=role.is_none().then_some("true")
            aria-label=label
            aria-valuemin=now.map(|_| "0")
            aria-valuemax=now.map(|_| total.to_string())
            aria-valuenow=now.map(|done| done.to_string())
            aria-valuetext=text
        >
            {segments}
        </div>
    }
    .into_any()
}

/// A square in the colour of a segment, before its name.
#[component]
pub fn Swatch(
    /// The colour.
    fill: Fill,
    /// The pattern.
    #[prop(optional)]
    pattern: Pattern,
) -> impl IntoView {
    view! { <span class=classes(&["swatch", fill.class(), pattern.class()])></span> }.into_any()
}

/// Every segment with its number; numbers open the people behind them.
#[component]
pub fn Legend(
    /// The parts.
    segments: Vec<Segment>,
    /// At the end: usually a [`LedgerSum`].
    #[prop(optional_no_strip, into)]
    end: Option<AnyView>,
) -> impl IntoView {
    let lines = segments
        .into_iter()
        .map(|segment| {
            let number = match segment.href {
                Some(href) => {
                    let spoken =
                        format!("{} {}, show the people", count(segment.count), lower_first(&segment.label));
                    view! {
                        <a class="num" href=href aria-label=spoken>
                            {count(segment.count)}
                        </a>
                    }
                    .into_any()
                }
                None => view! { <span class="num">{count(segment.count)}</span> }.into_any(),
            };
            view! {
                <li>
                    <Swatch fill=segment.fill pattern=segment.pattern/>
                    {segment.label}
                    " "
                    {number}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="legend">{lines} {end.map(|end| view! { <li class="push">{end}</li> })}</ul> }
        .into_any()
}

/// The proof that nobody is missing: the parts of the ledger add up to the audience. A difference is said, never
/// hidden.
#[component]
pub fn LedgerSum(
    /// What the parts add up to.
    sum: u64,
    /// What they should add up to.
    audience: u64,
) -> impl IntoView {
    if sum == audience {
        view! {
            <span class="sum">
                <Glyph icon=Icon::Check size=IconSize::S/>
                "Adds up to "
                {count(audience)}
            </span>
        }
        .into_any()
    } else {
        view! {
            <span class="chip tone-danger" role="alert">
                <Glyph icon=Icon::Warn/>
                "Numbers differ by "
                {count(sum.abs_diff(audience))}
                ", checking"
            </span>
        }
        .into_any()
    }
}
