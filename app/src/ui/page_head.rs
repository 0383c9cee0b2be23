//! The head of a page: what it is, in which state, the facts, and what can be done.

use leptos::prelude::*;

use super::words::Words;

/// Title, at most two chips, one line of facts, actions at the end (quiet, secondary, primary; at most three).
#[component]
pub fn PageHead(
    /// The title: the only `h1` of the page.
    #[prop(into)]
    title: String,
    /// Before the title: the glyph of a channel.
    #[prop(optional_no_strip, into)]
    mark: Option<AnyView>,
    /// Before the whole head: a person's avatar.
    #[prop(optional_no_strip, into)]
    avatar: Option<AnyView>,
    /// After the title: chips.
    #[prop(optional_no_strip, into)]
    state: Option<AnyView>,
    /// Facts, divided by dots; each below the other on a phone.
    #[prop(optional)]
    facts: Vec<AnyView>,
    /// Buttons. On a phone those with the class `grow-s` share the width. A wizard puts its steps here.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
    /// Further actions stay as they are: set for steps, so that they are not laid out as buttons.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let facts = (!facts.is_empty()).then(|| {
        let facts = facts.into_iter().map(|fact| view! { <span>{fact}</span> }).collect_view();
        view! { <div class="subtitle">{facts}</div> }
    });
    let words = view! {
        <div class="title-line">
            {mark} <h1>{title}</h1> {state}
        </div>
        {facts}
    };
    let headline = match avatar {
        Some(avatar) => view! {
            <div class="headline headline-avatar">
                {avatar} <div class="min0">{words}</div>
            </div>
        }
        .into_any(),
        None => view! { <div class="headline">{words}</div> }.into_any(),
    };
    let actions =
        actions.map(
            |actions| {
                if bare { actions } else { view! { <div class="actions">{actions}</div> }.into_any() }
            },
        );
    view! {
        <div class="page-head">
            {headline}
            {actions}
        </div>
    }
    .into_any()
}

/// A page: its head and its cards, one below the other, no wider than reads well.
#[component]
pub fn Page(
    /// As narrow as a form.
    #[prop(optional)]
    form: bool,
    /// Head and content.
    children: Children,
) -> impl IntoView {
    view! { <div class=if form { "page page-form" } else { "page" }>{children()}</div> }.into_any()
}

/// Content and a side column, which drops below on small screens.
#[component]
pub fn Split(
    /// A wider side, for a preview or a count.
    #[prop(optional)]
    wide: bool,
    /// What the side is about, for assistive technology.
    #[prop(into)]
    side_label: String,
    /// The side stays in view. Only if it is shorter than the window.
    #[prop(optional)]
    sticky: bool,
    /// The cards of the side.
    side: AnyView,
    /// The cards of the main column.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=if wide { "split split-wide" } else { "split" }>
            <div class="stack">{children()}</div>
            <aside class=if sticky { "stack sticky-side" } else { "stack" } aria-label=side_label>
                {side}
            </aside>
        </div>
    }
    .into_any()
}

/// The foot of a wizard: the way back, what is saved, the way on. It stays at the lower edge.
#[component]
pub fn WizardFoot(
    /// The way back, usually a `ButtonLink`.
    back: AnyView,
    /// What is saved and what can be undone. Left out on phones.
    #[prop(optional, into)]
    note: Words,
    /// The way on: the primary button.
    forward: AnyView,
) -> impl IntoView {
    view! {
        <div class="wizfoot">
            <div>
                {back}
                {note.map(|note| view! { <span class="t-3 s-13">{note}</span> })}
                <span class="push row">{forward}</span>
            </div>
        </div>
    }
    .into_any()
}
