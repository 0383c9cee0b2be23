//! Results of acts that cannot be seen otherwise. Never for errors: those stand where they happened.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::{Tone, classes},
};

/// Where toasts appear. The shell renders it once; screen readers hear what is added.
#[component]
pub fn ToastRegion(
    /// The toasts.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// One result. It leaves by itself after six seconds, but not while somebody points at it or is inside it.
#[component]
pub fn Toast(
    /// What it means.
    #[prop(optional, default = Tone::Positive)]
    tone: Tone,
    /// Its drawing.
    #[prop(optional, default = Icon::Check)]
    icon: Icon,
    /// Stays until the next page.
    #[prop(optional)]
    stays: bool,
    /// The way to take it back: a form with one small button.
    #[prop(optional_no_strip, into)]
    action: Option<AnyView>,
    /// What was done.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=classes(&["toast", tone.class(), if stays { "toast-stay" } else { "" }])>
            <Glyph icon=icon/>
            <span>{children()}</span>
            {action}
        </div>
    }
    .into_any()
}
