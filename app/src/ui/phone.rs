//! A chat on a phone, as the person will see it. What is personal is tinted, so that one sees what changes.

use leptos::prelude::*;

use super::{
    format::initials,
    icon::{Glyph, Icon, IconSize},
    tone::classes,
    words::Words,
};

pub mod markup;

use markup::{Piece, Run, paragraphs};

/// Above the text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BubbleHeader {
    /// A line of text.
    Text(Vec<Run>),
    /// A picture; without an address its place is shown.
    Image {
        /// Where it is, on our own server.
        src: Option<String>,
        /// What it shows.
        alt: String,
    },
    /// A video.
    Video,
    /// A file, by its name.
    File(String),
    /// A place on a map.
    Place,
}

/// What a button under a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BubbleAction {
    /// Answers with its own text.
    Reply,
    /// Opens a page.
    Open,
    /// Calls a number.
    Call,
    /// Copies a code.
    Copy,
    /// Opens a form.
    Form,
}

impl BubbleAction {
    fn icon(self) -> Icon {
        match self {
            Self::Reply => Icon::Reply,
            Self::Open => Icon::Open,
            Self::Call => Icon::Phone,
            Self::Copy => Icon::Copy,
            Self::Form => Icon::Flow,
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bubble {
    /// Written by the person rather than by the business.
    pub from_person: bool,
    /// Above the text.
    pub header: Option<BubbleHeader>,
    /// The text, in the provider's markup, with what is personal marked.
    pub body: Vec<Run>,
    /// Below the text, fainter.
    pub footer: String,
    /// `10:36`, or empty.
    pub time: String,
    /// The buttons.
    pub buttons: Vec<(BubbleAction, String)>,
    /// The language of the message (BCP 47), for reading aloud and hyphenation.
    pub lang: Option<String>,
    /// Written from right to left.
    pub right_to_left: bool,
}

/// How wide the phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhoneSize {
    /// 248 units.
    S,
    /// 260 units.
    #[default]
    M,
    /// 280 units, with room below the last message.
    L,
}

/// Whether the phone is set to light or dark; otherwise it follows the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneTheme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The phone with its messages.
#[component]
pub fn PhonePreview(
    /// The name above the chat.
    #[prop(into)]
    business: String,
    /// The messages, oldest first.
    bubbles: Vec<Bubble>,
    /// How wide.
    #[prop(optional)]
    size: PhoneSize,
    /// Light or dark, apart from the page.
    #[prop(optional_no_strip, into)]
    theme: Option<PhoneTheme>,
    /// A day above the first message: "Today".
    #[prop(optional, into)]
    day: Words,
) -> impl IntoView {
    let size = match size {
        PhoneSize::S => "phone-xs",
        PhoneSize::M => "phone-s",
        PhoneSize::L => "phone-tall",
    };
    let theme = theme.map(|theme| match theme {
        PhoneTheme::Light => "light",
        PhoneTheme::Dark => "dark",
    });
    let letter: String = initials(&business).chars().take(1).collect();
    view! {
        <div class=classes(&["phone", size]) data-phone=theme>
            <div class="phone-screen">
                <div class="phone-bar">
                    <span class="avatar avatar-s" aria-hidden="true">
                        {letter}
                    </span>
                    <span>{business} <small>"business account"</small></span>
                </div>
                <div class="chat">
                    {day.map(|day| view! { <span class="daymark">{day}</span> })}
                    {bubbles.into_iter().map(bubble_view).collect_view()}
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn bubble_view(bubble: Bubble) -> AnyView {
    let Bubble { from_person, header, body, footer, time, buttons, lang, right_to_left } = bubble;
    let foot = (!footer.is_empty() || !time.is_empty()).then(|| {
        view! {
            <p class="foot">
                <span>{footer}</span>
                {(!time.is_empty()).then(|| view! { <span class="num">{time}</span> })}
            </p>
        }
    });
    let buttons = (!buttons.is_empty()).then(|| {
        let buttons = buttons
            .into_iter()
            .map(|(action, label)| view! { <li><Glyph icon=action.icon() size=IconSize::S/> {label}</li> })
            .collect_view();
        view! { <ul class="btns">{buttons}</ul> }
    });
    let (media, title) = match header {
        Some(BubbleHeader::Text(runs)) => (None, Some(view! { <b class="block">{text_view(&runs)}</b> })),
        Some(header) => (Some(media_view(header)), None),
        None => (None, None),
    };
    view! {
        <div
            class=if from_person { "bubble out" } else { "bubble" }
            lang=lang
            dir=if right_to_left { "rtl" } else { "ltr" }
        >
            {media}
            <div class="txt">{title} {text_view(&body)} {foot}</div>
            {buttons}
        </div>
    }
    .into_any()
}

fn media_view(header: BubbleHeader) -> AnyView {
    let place = |icon: Icon, label: String, class: &'static str| {
        view! {
            <div class=class>
                <span class="media-kind">
                    <Glyph icon=icon size=IconSize::L/>
                    {label}
                </span>
            </div>
        }
        .into_any()
    };
    match header {
        BubbleHeader::Image { src: Some(src), alt } => view! {
            <div class="media">
                <img src=src alt=alt loading="lazy"/>
            </div>
        }
        .into_any(),
        BubbleHeader::Image { src: None, alt } => {
            place(Icon::Picture, if alt.is_empty() { "Picture".to_owned() } else { alt }, "media")
        }
        BubbleHeader::Video => place(Icon::Play, "Video".to_owned(), "media"),
        BubbleHeader::File(name) => place(Icon::File, name, "media media-file"),
        BubbleHeader::Place => place(Icon::Globe, "Map".to_owned(), "media"),
        BubbleHeader::Text(_) => ().into_any(),
    }
}

/// Paragraphs, their lines, and the pieces of each line.
fn text_view(runs: &[Run]) -> impl IntoView + use<> {
    paragraphs(runs)
        .into_iter()
        .map(|lines| {
            let lines = lines
                .into_iter()
                .enumerate()
                .map(|(index, line)| {
                    let pieces = line.into_iter().map(piece_view).collect_view();
                    view! {
                        {(index > 0).then(|| view! { <br/> })}
                        {pieces}
                    }
                })
                .collect_view();
            view! { <p>{lines}</p> }
        })
        .collect_view()
}

fn piece_view(piece: Piece) -> AnyView {
    let Piece { text, personal, style } = piece;
    let mut view =
        if personal { view! { <span class="var">{text}</span> }.into_any() } else { text.into_any() };
    if style.mono {
        view = view! { <code class="mono">{view}</code> }.into_any();
    }
    if style.strike {
        view = view! { <s>{view}</s> }.into_any();
    }
    if style.italic {
        view = view! { <i>{view}</i> }.into_any();
    }
    if style.bold {
        view = view! { <b>{view}</b> }.into_any();
    }
    view
}
