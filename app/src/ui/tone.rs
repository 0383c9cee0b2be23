//! Colours with a meaning: tones for states, fills for areas.

/// What a state means. The colour only repeats what a shape and a word already say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Planned, skipped, over.
    #[default]
    Neutral,
    /// Going on.
    Accent,
    /// Arrived, healthy.
    Positive,
    /// Waits or needs a look, not lost.
    Caution,
    /// Did not happen, blocked.
    Danger,
    /// Not known yet, and used for nothing else.
    Unknown,
}

impl Tone {
    /// The class that sets the tone's colours for an element and what is inside it.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Positive => "tone-positive",
            Self::Caution => "tone-caution",
            Self::Danger => "tone-danger",
            Self::Unknown => "tone-unknown",
        }
    }
}

/// What an area of a bar or chart is filled with. Data fills are depths of one hue and say nothing about a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fill {
    /// The faintest depth: only for areas whose value is written beside them.
    Data1,
    /// The second depth.
    Data2,
    /// The third depth, the usual colour of a bar.
    Data3,
    /// The deepest.
    Data4,
    /// Arrived.
    Positive,
    /// Waits.
    Caution,
    /// Did not happen.
    Danger,
    /// Not known yet.
    Unknown,
    /// Over, left out.
    Neutral,
    /// The empty part of a bar.
    Track,
    /// Light brass, on the sign-in page.
    Brass1,
    /// Dark brass, on the sign-in page.
    Brass2,
}

impl Fill {
    /// The class that sets the colour of the area.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Data1 => "fill-data-1",
            Self::Data2 => "fill-data-2",
            Self::Data3 => "fill-data-3",
            Self::Data4 => "fill-data-4",
            Self::Positive => "fill-positive",
            Self::Caution => "fill-caution",
            Self::Danger => "fill-danger",
            Self::Unknown => "fill-unknown",
            Self::Neutral => "fill-neutral",
            Self::Track => "fill-track",
            Self::Brass1 => "fill-brass-1",
            Self::Brass2 => "fill-brass-2",
        }
    }
}

/// Joins the classes of a component with those its caller adds.
pub(super) fn classes(parts: &[&str]) -> String {
    let mut joined = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(part);
    }
    joined
}
