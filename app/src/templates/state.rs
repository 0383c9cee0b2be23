//! What a template's state looks like.

use domain::template::TemplateState;
use leptos::prelude::*;

use crate::ui::chip::{Chip, Mark};
use crate::ui::icon::Icon;
use crate::ui::tone::Tone;

const fn tone(state: &TemplateState) -> (Tone, Icon) {
    match state {
        TemplateState::Approved => (Tone::Positive, Icon::Check),
        TemplateState::Pending | TemplateState::InAppeal => (Tone::Caution, Icon::Clock),
        TemplateState::Paused => (Tone::Caution, Icon::Pause),
        TemplateState::Rejected | TemplateState::Disabled | TemplateState::LimitExceeded => {
            (Tone::Danger, Icon::Cross)
        }
        TemplateState::Archived => (Tone::Neutral, Icon::Archive),
        TemplateState::PendingDeletion | TemplateState::Deleted => (Tone::Neutral, Icon::Trash),
        TemplateState::Locked => (Tone::Neutral, Icon::Lock),
        TemplateState::Other(_) => (Tone::Neutral, Icon::Ask),
    }
}

pub(super) fn state_chip(state: &TemplateState) -> AnyView {
    let (tone, icon) = tone(state);
    let word = state.label().to_owned();
    view! {
        <Chip tone=tone mark=Mark::Icon(icon)>
            {word}
        </Chip>
    }
    .into_any()
}

/// Meta's quality in a word.
pub(super) fn quality(quality: Option<&str>) -> &str {
    match quality {
        Some("GREEN") => "High",
        Some("YELLOW") => "Medium",
        Some("RED") => "Low",
        None | Some("UNKNOWN" | "") => "Not rated yet",
        Some(other) => other,
    }
}
