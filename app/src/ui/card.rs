//! Cards: the unit of a page, a section with a title.

use leptos::prelude::*;

use super::{chip::Count, tone::classes, words::Words};

/// A titled section. Its contents adapt to its width. Put `CardBody`, tables and lists into it.
#[component]
pub fn Card(
    /// The id of the title, unique on the page.
    #[prop(into)]
    id: String,
    /// The title.
    #[prop(into)]
    title: String,
    /// Hides the title from view where the content speaks for itself; it still names the section.
    #[prop(optional)]
    untitled: bool,
    /// How many are in it, after the title.
    #[prop(optional_no_strip, into)]
    count: Option<u64>,
    /// A few words after the title.
    #[prop(optional, into)]
    hint: Words,
    /// Before the title: a bullet.
    #[prop(optional_no_strip, into)]
    start: Option<AnyView>,
    /// At the end of the head: a count, actions, filters.
    #[prop(optional_no_strip, into)]
    end: Option<AnyView>,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    let head = if untitled {
        view! {
            <h2 class="vh" id=id.clone()>
                {title}
            </h2>
        }
        .into_any()
    } else {
        view! {
            <div class="card-head">
                {start} <h2 id=id.clone()>{title}</h2>
                {count.map(|count| view! { <Count number=count/> })}
                {hint.map(|hint| view! { <span class="hint hide-c">{hint}</span> })}
                {end.map(|end| view! { <div class="card-end">{end}</div> })}
            </div>
        }
        .into_any()
    };
    view! {
        <section class=classes(&["card", &class]) aria-labelledby=id>
            {head}
            {children()}
        </section>
    }
    .into_any()
}

/// The padded part of a card; what it holds is stacked.
#[component]
pub fn CardBody(
    /// Further classes, such as `stack-3`.
    #[prop(optional, into)]
    class: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! { <div class=classes(&["card-body", "stack", "stack-4", &class])>{children()}</div> }.into_any()
}

/// The last line of a card.
#[component]
pub fn CardFoot(
    /// The content.
    children: Children,
) -> impl IntoView {
    view! { <div class="card-foot row wrap">{children()}</div> }.into_any()
}
