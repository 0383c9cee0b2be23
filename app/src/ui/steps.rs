//! Where one is in a wizard.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How far a step has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Done; the link leads back to it.
    Done(String),
    /// The one on screen.
    Current,
    /// Not yet; with a link if it may be opened already.
    Next(Option<String>),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its word.
    pub label: String,
    /// How far it has come.
    pub state: StepState,
}

impl Step {
    /// A step in a state.
    pub fn new(label: impl Into<String>, state: StepState) -> Self {
        Self { label: label.into(), state }
    }
}

/// The steps in order.
#[component]
pub fn Steps(
    /// The steps.
    steps: Vec<Step>,
) -> impl IntoView {
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, Step { label, state })| {
            let number = index + 1;
            match state {
                StepState::Done(href) => view! {
                    <li class="done">
                        <a href=href>
                            <span class="n">
                                <Glyph icon=Icon::Check/>
                            </span>
                            <span class="word">{label}</span>
                            <span class="vh">", done"</span>
                        </a>
                    </li>
                }
                .into_any(),
                StepState::Current => view! {
                    <li aria-current="step">
                        <span class="s">
                            <span class="n">{number}</span>
                            <span class="word">{label}</span>
                        </span>
                    </li>
                }
                .into_any(),
                StepState::Next(Some(href)) => view! {
                    <li>
                        <a href=href>
                            <span class="n">{number}</span>
                            <span class="word">{label}</span>
                        </a>
                    </li>
                }
                .into_any(),
                StepState::Next(None) => view! {
                    <li>
                        <span class="s">
                            <span class="n">{number}</span>
                            <span class="word">{label}</span>
                        </span>
                    </li>
                }
                .into_any(),
            }
        })
        .collect_view();
    view! {
        <ol class="steps" aria-label="Steps">
            {steps}
        </ol>
    }
    .into_any()
}
