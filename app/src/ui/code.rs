//! Code and data as a machine sent them, in details only.

use leptos::prelude::*;

/// A block that scrolls inside itself and can be reached with the keyboard.
#[component]
pub fn Code(
    /// What it is, for assistive technology.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <pre class="code" tabindex="0" role="region" aria-label=label>
            {text}
        </pre>
    }
    .into_any()
}
