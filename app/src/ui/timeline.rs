//! What happened, newest first for people.

use leptos::prelude::*;

use super::{chip::Bullet, icon::Icon, tone::Tone, words::Words};

/// A list of [`Event`]s, each with a drawing in a disc.
#[component]
pub fn Timeline(
    /// What it tells, if no heading does.
    #[prop(optional, into)]
    label: Words,
    /// Points instead of drawings, for side columns. Give the events no icon then.
    #[prop(optional)]
    plain: bool,
    /// The events.
    children: Children,
) -> impl IntoView {
    view! {
        <ol class=if plain { "timeline timeline-plain" } else { "timeline" } aria-label=label.get()>
            {children()}
        </ol>
    }
    .into_any()
}

/// One event: a headline, its time at the end, one supporting line.
#[component]
pub fn Event(
    /// What it means.
    tone: Tone,
    /// Its drawing; without one it is a point.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// What happened; may hold links.
    headline: AnyView,
    /// When, as it is read: "3 Nov, 19:22".
    #[prop(optional, into)]
    when: Words,
    /// The same moment for machines (RFC 3339).
    #[prop(optional, into)]
    datetime: Words,
    /// The supporting line.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let mark = match icon {
        Some(icon) => view! { <Bullet tone=tone icon=icon/> }.into_any(),
        None => view! { <span class="pt"></span> }.into_any(),
    };
    view! {
        <li class=tone.class()>
            {mark}
            <div>
                <p class="head">
                    <span>{headline}</span>
                    {when
                        .map(|when| {
                            view! {
                                <time class="when" datetime=datetime.get()>
                                    {when}
                                </time>
                            }
                        })}
                </p>
                {children.map(|children| children())}
            </div>
        </li>
    }
    .into_any()
}
