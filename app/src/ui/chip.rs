//! Small labels: states, tags, counts, and the marks of channels.

use leptos::prelude::*;

use super::{
    format::count,
    icon::{Glyph, Icon},
    tone::{Tone, classes},
    words::Words,
};

/// The shape that says the same as the colour of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Only the word.
    #[default]
    None,
    /// An empty ring: nothing has happened yet.
    Ring,
    /// A full dot: is so now.
    Dot,
    /// A pulsing dot: happens now.
    Pulse,
    /// A drawing.
    Icon(Icon),
}

/// A state in words, with its shape and tone: at most three words and a time or number.
#[component]
pub fn Chip(
    /// What the state means.
    tone: Tone,
    /// Its shape.
    #[prop(optional)]
    mark: Mark,
    /// The word.
    children: Children,
) -> impl IntoView {
    let mark = match mark {
        Mark::None => None,
        Mark::Ring => Some(view! { <span class="ring"></span> }.into_any()),
        Mark::Dot => Some(view! { <span class="dot"></span> }.into_any()),
        Mark::Pulse => Some(view! { <span class="dot pulse"></span> }.into_any()),
        Mark::Icon(icon) => Some(view! { <Glyph icon=icon/> }.into_any()),
    };
    view! { <span class=classes(&["chip", tone.class()])>{mark} {children()}</span> }.into_any()
}

/// A plain label that is not a state: a list's name, "Frozen 10:30".
#[component]
pub fn Tag(
    /// A drawing before the text.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="tag">
            {icon.map(|icon| view! { <Glyph icon=icon/> })}
            {children()}
        </span>
    }
    .into_any()
}

/// A count in a badge, beside a title or a tab.
#[component]
pub fn Count(
    /// How many.
    number: u64,
    /// What is counted, read after the number and not shown: `unanswered`.
    #[prop(optional, into)]
    noun: Words,
) -> impl IntoView {
    let shown = count(number);
    match noun.get() {
        Some(noun) => view! {
            <span class="count">
                <span aria-hidden="true">{shown.clone()}</span>
                <span class="vh">", "{shown}" "{noun}</span>
            </span>
        }
        .into_any(),
        None => view! { <span class="count">{shown}</span> }.into_any(),
    }
}

/// "Live": these numbers change by themselves.
#[component]
pub fn LiveMark(
    /// The word.
    #[prop(optional, into, default = "Live".into())]
    word: String,
) -> impl IntoView {
    view! {
        <span class="live-mark tone-positive">
            <span class="dot"></span>
            {word}
        </span>
    }
    .into_any()
}

/// A channel, by its tint and drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelMark {
    /// WhatsApp.
    WhatsApp,
    /// Gmail.
    Gmail,
    /// A mail server.
    Smtp,
}

impl ChannelMark {
    fn parts(self) -> (&'static str, Icon, &'static str) {
        match self {
            Self::WhatsApp => ("ch-whatsapp", Icon::WhatsApp, "WhatsApp"),
            Self::Gmail => ("ch-gmail", Icon::Mail, "Gmail"),
            Self::Smtp => ("ch-smtp", Icon::Server, "SMTP"),
        }
    }
}

/// How large a mark in a tinted square is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MarkSize {
    /// 22 units.
    S,
    /// 28 units.
    #[default]
    M,
    /// 36 units.
    L,
}

/// The square that stands for a channel. It carries the channel's name for those who cannot see it.
#[component]
pub fn ChannelGlyph(
    /// Which channel.
    channel: ChannelMark,
    /// How large.
    #[prop(optional)]
    size: MarkSize,
) -> impl IntoView {
    let (tint, icon, name) = channel.parts();
    let size = match size {
        MarkSize::S => "glyph-s",
        MarkSize::M => "",
        MarkSize::L => "glyph-l",
    };
    view! {
        <span class=classes(&["glyph", tint, size]) role="img" aria-label=name>
            <Glyph icon=icon/>
        </span>
    }
    .into_any()
}

/// A drawing in a disc of its tone, before a title or in a list.
#[component]
pub fn Bullet(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// The drawing.
    icon: Icon,
    /// How large: 20, 24 or 40 units.
    #[prop(optional)]
    size: MarkSize,
) -> impl IntoView {
    let size = match size {
        MarkSize::S => "bullet-s",
        MarkSize::M => "",
        MarkSize::L => "bullet-l",
    };
    view! {
        <span class=classes(&["bullet", tone.class(), size])>
            <Glyph icon=icon/>
        </span>
    }
    .into_any()
}
