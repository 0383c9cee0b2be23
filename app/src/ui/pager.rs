//! Paging by key: newer and older, without page numbers that would cost more as a table grows.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

fn step(label: String, icon: Icon, href: Option<String>, leading: bool) -> AnyView {
    let off = href.is_none().then_some("true");
    let before = leading.then(|| view! { <Glyph icon=icon/> });
    let after = (!leading).then(|| view! { <Glyph icon=icon/> });
    // Without a page to go to it is still there, so that nothing jumps.
    let role = href.is_none().then_some("link");
    view! {
        <a class="btn btn-s" href=href role=role aria-disabled=off>
            {before}
            {label}
            {after}
        </a>
    }
    .into_any()
}

/// What is shown of how much, and the ways to the rest.
#[component]
pub fn Pager(
    /// `1–50 of about 1.2 M`.
    #[prop(into)]
    range: String,
    /// The page before, if there is one.
    newer: Option<String>,
    /// The page after, if there is one.
    older: Option<String>,
    /// What "before" is called: "Newer", or "Previous" in a list that is not sorted by time.
    #[prop(optional, into, default = "Newer".into())]
    newer_label: String,
    /// What "after" is called.
    #[prop(optional, into, default = "Older".into())]
    older_label: String,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="num">{range}</span>
            <span class="push row">
                {step(newer_label, Icon::Left, newer, true)}
                {step(older_label, Icon::Right, older, false)}
            </span>
        </nav>
    }
    .into_any()
}
