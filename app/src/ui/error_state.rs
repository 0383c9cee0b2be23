//! A page that could not be shown.

use leptos::prelude::*;

use super::{
    chip::{Bullet, MarkSize},
    icon::Icon,
    tone::Tone,
    words::Words,
};

/// What failed, what was kept, what to do. A page that is not there and one that is not yours look the same.
#[component]
pub fn ErrorState(
    /// Danger if it failed, neutral if it is not there.
    tone: Tone,
    /// Its drawing.
    icon: Icon,
    /// What happened, as the title of the page.
    #[prop(into)]
    title: String,
    /// What it means for the people and the work, and what to do.
    #[prop(into)]
    text: String,
    /// The number under which the operator finds the details.
    #[prop(optional, into)]
    incident: Words,
    /// The ways on.
    actions: AnyView,
) -> impl IntoView {
    view! {
        <div class="empty failure">
            <Bullet tone=tone icon=icon size=MarkSize::L/>
            <h1>{title}</h1>
            <p>{text}</p>
            <div class="actions">{actions}</div>
            {incident
                .map(|incident| {
                    view! {
                        <p class="incident">
                            "Incident " <span class="mono">{incident}</span>
                        </p>
                    }
                })}
        </div>
    }
    .into_any()
}
