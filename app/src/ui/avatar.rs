//! Initials in a coloured disc (people) or square (workspaces). Never the only name on screen.

use leptos::prelude::*;

use super::{format::initials, tone::classes};

const HUES: [&str; 12] = [
    "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8", "hue-9", "hue-10",
    "hue-11",
];

/// One of twelve hues. The same id has the same hue on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hue(u8);

impl Hue {
    /// The hue of an id, or of a name where there is no id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        // FNV-1a: stable over releases and platforms, unlike the standard library's hasher.
        let hash =
            id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self(u8::try_from(hash % 12).expect("a remainder of 12 fits a byte"))
    }

    /// The class that colours an avatar.
    #[must_use]
    pub fn class(self) -> &'static str {
        HUES[usize::from(self.0)]
    }
}

/// How large an avatar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AvatarSize {
    /// 22 units, in lines of text.
    S,
    /// 28 units, in rows.
    #[default]
    M,
    /// 48 units, in the head of a person's page.
    L,
}

/// The initials of a name. Hidden from assistive technology, because the name stands beside it.
#[component]
pub fn Avatar(
    /// The name of the person or workspace.
    #[prop(into)]
    name: String,
    /// Usually `Hue::of(id)`.
    hue: Hue,
    /// How large.
    #[prop(optional)]
    size: AvatarSize,
    /// Square, for workspaces.
    #[prop(optional)]
    square: bool,
) -> impl IntoView {
    let size = match size {
        AvatarSize::S => "avatar-s",
        AvatarSize::M => "",
        AvatarSize::L => "avatar-l",
    };
    let class = classes(&["avatar", hue.class(), size, if square { "avatar-sq" } else { "" }]);
    let letters: String = initials(&name).chars().take(if square { 1 } else { 2 }).collect();
    view! {
        <span class=class aria-hidden="true">
            {letters}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_hue_and_ids_spread_over_all_twelve() {
        assert_eq!(Hue::of("ctc_1"), Hue::of("ctc_1"));
        let mut seen: Vec<&str> = (0..200).map(|n| Hue::of(&format!("ctc_{n}")).class()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 12);
    }
}
