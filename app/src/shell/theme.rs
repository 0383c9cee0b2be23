//! Light, dark, or as the system is set: a cookie that the server reads, so that a page never flashes.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};

/// Receives the form that chooses a theme: field `theme`, one of [`Theme::as_str`].
pub const THEME_PATH: &str = "/theme";
/// The cookie in which the choice is kept. It is not secret and has no meaning beyond the look.
pub const THEME_COOKIE: &str = "theme";

/// The user's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system is set.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The choice as the form and the cookie name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads a form field or cookie. What it does not know is "as the system is set".
    #[must_use]
    pub fn parse(value: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == value).unwrap_or_default()
    }

    /// The value of `data-theme` on `<html>`; none leaves it to the system.
    #[must_use]
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.as_str()),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Screen,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The choice as three buttons of one form. The server sends the browser back to where it was.
#[component]
pub fn ThemeChoice(
    /// What is chosen now.
    current: Theme,
) -> impl IntoView {
    let choices = Theme::ALL
        .map(|theme| {
            let pressed = if theme == current { "true" } else { "false" };
            view! {
                <button
                    class="btn btn-s btn-icon"
                    name="theme"
                    value=theme.as_str()
                    aria-pressed=pressed
                    aria-label=theme.label()
                    title=theme.label()
                >
                    <Glyph icon=theme.icon()/>
                </button>
            }
        })
        .collect_view();
    view! {
        <form method="post" action=THEME_PATH class="row between">
            <span>"Theme"</span>
            <span class="btn-group" role="group" aria-label="Theme">
                {choices}
            </span>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_nobody_wrote_means_the_system() {
        assert_eq!(Theme::parse("dark"), Theme::Dark);
        assert_eq!(Theme::parse("\"><script>"), Theme::System);
        assert_eq!(Theme::System.attribute(), None);
    }
}
