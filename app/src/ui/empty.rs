//! What stands where nothing is yet.

use leptos::prelude::*;

use super::{
    chip::{Bullet, MarkSize},
    icon::Icon,
    tone::{Tone, classes},
};

/// What belongs here, why it helps, and one way to begin.
#[component]
pub fn Empty(
    /// The drawing of what belongs here.
    icon: Icon,
    /// What belongs here.
    #[prop(into)]
    title: String,
    /// Why it helps.
    #[prop(into)]
    text: String,
    /// One primary action, at most one other.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
    /// Less room around it.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! {
        <div class=classes(&["empty", if small { "empty-s" } else { "" }])>
            <Bullet tone=Tone::Accent icon=icon size=MarkSize::L/>
            <h3>{title}</h3>
            <p>{text}</p>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
    .into_any()
}

/// Nothing matches the filters; the list itself is not empty.
#[component]
pub fn NoMatch(
    /// What was looked for: "No campaign matches."
    #[prop(into)]
    text: String,
    /// The list without filters.
    #[prop(into)]
    clear_href: String,
) -> impl IntoView {
    view! {
        <div class="empty empty-s">
            <p>
                {text}
                " "
                <a href=clear_href>"Clear filters"</a>
            </p>
        </div>
    }
    .into_any()
}
