//! Conditions of a page, and sentences that explain a number.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::{Tone, classes},
};

/// A condition of this page: one sentence and at most one action. Danger first, then caution, then accent.
#[component]
pub fn Banner(
    /// What it means.
    tone: Tone,
    /// Another drawing than the usual one.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// Tighter, inside cards.
    #[prop(optional)]
    small: bool,
    /// Said at once by screen readers: for what went wrong just now.
    #[prop(optional)]
    alert: bool,
    /// At most one.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
    /// The sentence, its first words `<strong>`.
    children: Children,
) -> impl IntoView {
    let icon = icon.unwrap_or(match tone {
        Tone::Danger | Tone::Caution => Icon::Warn,
        Tone::Positive => Icon::Check,
        Tone::Accent | Tone::Neutral => Icon::Info,
        Tone::Unknown => Icon::Ask,
    });
    view! {
        <div
            class=classes(&["banner", tone.class(), if small { "banner-s" } else { "" }])
            role=alert.then_some("alert")
        >
            <Glyph icon=icon/>
            <div class="words">{children()}</div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
    .into_any()
}

/// One sentence with a drawing that says why something is as it is, or what will happen.
#[component]
pub fn Why(
    /// The drawing.
    icon: Icon,
    /// Ruled off from what is above.
    #[prop(optional)]
    divided: bool,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! {
        <p class=classes(&["why", if divided { "divided" } else { "" }])>
            <Glyph icon=icon/>
            <span>{children()}</span>
        </p>
    }
    .into_any()
}
