//! The icon set: one sprite in the page, small references to it everywhere else.

use leptos::prelude::*;

/// Declares the icons: variant, name of the symbol, and its drawing on a grid of 16 units.
macro_rules! icons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $drawing:literal;)+) => {
        /// A drawing of the product's own set: 16 units, stroke 1.5, in the colour of the text around it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon {
            $($(#[$doc])* $variant,)+
        }

        impl Icon {
            /// Each icon, in the order of the sprite.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The reference to the symbol, as `<use>` wants it.
            #[must_use]
            pub fn href(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("#i-", $name),)+
                }
            }

            #[cfg(feature = "ssr")]
            fn symbol(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!(
                        "<symbol id=\"i-", $name, "\" viewBox=\"0 0 16 16\">", $drawing, "</symbol>"
                    ),)+
                }
            }
        }
    };
}

icons! {
    /// A box: put away.
    Archive = "archive",
        "<rect x='1.9' y='2.8' width='12.2' height='3.2' rx='.8'/><path d='M3.1 6.2v6.2c0 .5.4.9.9.9h8c.5 0 .9-.4.9-.9V6.2M6.5 8.9h3'/>";
    /// A question in a circle: unknown.
    Ask = "ask",
        "<circle cx='8' cy='8' r='6'/><path d='M6.3 6.4c.1-1 .8-1.6 1.8-1.6s1.7.6 1.7 1.5c0 1.3-1.8 1.3-1.8 2.6M8 11.2h.01'/>";
    /// A bell: notifications.
    Bell = "bell",
        "<path d='M3.3 11.3c.9-.9 1.1-1.8 1.1-4a3.6 3.6 0 0 1 7.2 0c0 2.2.2 3.1 1.1 4z'/><path d='M6.7 13.5c.7.6 1.9.6 2.6 0'/>";
    /// Bold text.
    Bold = "bold",
        "<path d='M4.6 2.9h3.9a2.4 2.4 0 0 1 0 4.9H4.6zM4.6 7.8h4.5a2.65 2.65 0 0 1 0 5.3H4.6z'/>";
    /// Braces: a variable.
    Braces = "braces",
        "<path d='M6.2 2.6c-1.5 0-2 .6-2 1.9v1.6c0 1-.5 1.6-1.6 1.9 1.1.3 1.6.9 1.6 1.9v1.6c0 1.3.5 1.9 2 1.9M9.8 2.6c1.5 0 2 .6 2 1.9v1.6c0 1 .5 1.6 1.6 1.9-1.1.3-1.6.9-1.6 1.9v1.6c0 1.3-.5 1.9-2 1.9'/>";
    /// A calendar: planned.
    Calendar = "calendar",
        "<rect x='2.2' y='3.1' width='11.6' height='10.6' rx='1.4'/><path d='M2.4 6.5h11.2M5.3 1.8v2.4M10.7 1.8v2.4'/>";
    /// Columns: figures.
    Chart = "chart",
        "<path d='M2.2 13.6h11.6'/><path d='M4.2 10.9V8.2M8 10.9V3M11.8 10.9V6'/>";
    /// A speech bubble: conversation.
    Chat = "chat",
        "<path d='M13.6 7.6c0 2.9-2.5 5-5.6 5-.8 0-1.6-.1-2.3-.4l-3.2.9.9-2.6c-.7-.8-1-1.8-1-2.9 0-2.9 2.5-5 5.6-5s5.6 2.1 5.6 5z'/>";
    /// A tick: done, submitted.
    Check = "check",
        "<path d='m3.2 8.5 3.2 3.2 6.4-7'/>";
    /// Two ticks: delivered, read.
    Checks = "checks",
        "<path d='m1.2 8.6 2.9 2.9 5.6-6.3M8 11.4l.2.1 6-6.6'/>";
    /// A clock: waits.
    Clock = "clock",
        "<circle cx='8' cy='8' r='6'/><path d='M8 4.7V8l2.2 1.5'/>";
    /// Two sheets: copy.
    Copy = "copy",
        "<rect x='5.4' y='5.4' width='8.2' height='8.2' rx='1.3'/><path d='M10.6 5.2V3.6c0-.6-.5-1.1-1.1-1.1H3.6c-.6 0-1.1.5-1.1 1.1v5.9c0 .6.5 1.1 1.1 1.1h1.6'/>";
    /// A cross: failed, close.
    Cross = "x",
        "<path d='m4 4 8 8M12 4l-8 8'/>";
    /// A sheet with lines: template.
    Document = "doc",
        "<path d='M4 1.9h5.2l3 3v8.4a.8.8 0 0 1-.8.8H4a.8.8 0 0 1-.8-.8V2.7c0-.5.3-.8.8-.8z'/><path d='M9 2.1v3h3M5.5 8h4.6M5.5 10.7h3.2'/>";
    /// Three dots: more actions.
    Dots = "dots",
        "<path d='M3.6 8h.01M8 8h.01M12.4 8h.01' stroke-width='2'/>";
    /// A chevron downwards.
    Down = "down",
        "<path d='m4.5 6.4 3.5 3.5 3.5-3.5'/>";
    /// An arrow into a tray.
    Download = "download",
        "<path d='M8 2.6v7.6M5 7.4l3 3 3-3M2.6 10.6v2.2c0 .5.4.8.8.8h9.2c.4 0 .8-.3.8-.8v-2.2'/>";
    /// A pencil.
    Edit = "edit",
        "<path d='m10.6 2.9 2.5 2.5-7.4 7.4-3.2.7.7-3.2z'/>";
    /// An arrow out of a door: sign out.
    Exit = "exit",
        "<path d='M6.4 13.4H3.6c-.5 0-.9-.4-.9-.9v-9c0-.5.4-.9.9-.9h2.8M10.4 11l3-3-3-3M13.2 8H6.2'/>";
    /// An eye: opened.
    Eye = "eye",
        "<path d='M1.6 8S3.9 3.6 8 3.6 14.4 8 14.4 8 12.1 12.4 8 12.4 1.6 8 1.6 8z'/><circle cx='8' cy='8' r='1.9'/>";
    /// A sheet: a file.
    File = "file",
        "<path d='M4 1.9h5.2l3 3v8.4a.8.8 0 0 1-.8.8H4a.8.8 0 0 1-.8-.8V2.7c0-.5.3-.8.8-.8z'/><path d='M9 2.1v3h3'/>";
    /// A flask: experiment.
    Flask = "flask",
        "<path d='M6.4 2.2h3.2M6.9 2.4v4L3.2 12.5c-.4.7.1 1.4.8 1.4h8c.7 0 1.2-.7.8-1.4L9.1 6.4v-4'/>";
    /// Two boxes and a path: a flow.
    Flow = "flow",
        "<rect x='1.9' y='2.4' width='4.4' height='3.4' rx='.9'/><rect x='9.7' y='10.2' width='4.4' height='3.4' rx='.9'/><path d='M4.1 5.9v3.2c0 1.6 1 2.8 2.8 2.8h2.6'/>";
    /// A dial: speed, limit.
    Gauge = "gauge",
        "<path d='M2.9 12.4a6 6 0 1 1 10.2 0M8 9.4l2.6-3.3'/>";
    /// A gear: settings.
    Gear = "gear",
        "<circle cx='8' cy='8' r='2.1'/><path d='M8 1.9v1.7M8 12.4v1.7M1.9 8h1.7M12.4 8h1.7M3.7 3.7l1.2 1.2M11.1 11.1l1.2 1.2M12.3 3.7l-1.2 1.2M4.9 11.1l-1.2 1.2'/>";
    /// A globe: country, web.
    Globe = "globe",
        "<circle cx='8' cy='8' r='6'/><path d='M2.2 8h11.6M8 2.1c1.6 1.6 2.4 3.6 2.4 5.9S9.6 12.3 8 13.9C6.4 12.3 5.6 10.3 5.6 8S6.4 3.7 8 2.1z'/>";
    /// Six dots: a row that can be moved.
    Grip = "grip",
        "<path d='M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01' stroke-width='1.8'/>";
    /// A raised hand: held.
    Hand = "hand",
        "<path d='M4.9 8.4V4.3a1 1 0 0 1 2 0V7m0-3.5a1 1 0 0 1 2 0V7m0-2.6a1 1 0 0 1 2 0v5.2c0 2.6-1.6 4.6-4.1 4.6-2 0-3-.9-3.7-2.4L2 9.3c-.3-.7.9-1.5 1.6-.7L4.9 10'/>";
    /// A house: dashboard.
    Home = "home",
        "<path d='M2.5 7.2 8 2.6l5.5 4.6v5.3a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z'/><path d='M6.4 13.3V9.6h3.2v3.7'/>";
    /// A horn: campaigns.
    Horn = "horn",
        "<path d='M2.5 6.6h2.4l7.1-3.4v9.6L4.9 9.4H2.5z'/><path d='m5 9.6.9 3.6h1.8l-.8-2.9'/><path d='M13.9 6.7v2.6'/>";
    /// An i in a circle.
    Info = "info",
        "<circle cx='8' cy='8' r='6'/><path d='M8 7.4v3.4M8 5.1h.01'/>";
    /// Italic text.
    Italic = "italic",
        "<path d='M6.6 2.9h4.6M4.8 13.1h4.6M9.4 2.9l-2.8 10.2'/>";
    /// A key: credentials.
    Key = "key",
        "<circle cx='5.2' cy='10.8' r='2.9'/><path d='m7.3 8.7 6-6M10.6 5.4l1.9 1.9'/>";
    /// A chevron to the start.
    Left = "left",
        "<path d='M9.6 4.5 6.1 8l3.5 3.5'/>";
    /// A chain: link, clicked.
    Link = "link",
        "<path d='M6.6 9.4a2.7 2.7 0 0 0 3.8 0l2.2-2.2a2.7 2.7 0 0 0-3.8-3.8l-.9.9'/><path d='M9.4 6.6a2.7 2.7 0 0 0-3.8 0L3.4 8.8a2.7 2.7 0 0 0 3.8 3.8l.9-.9'/>";
    /// Lines with points: a list.
    List = "list",
        "<path d='M5.8 4.2h8M5.8 8h8M5.8 11.8h8M2.4 4.2h.01M2.4 8h.01M2.4 11.8h.01'/>";
    /// A padlock: frozen.
    Lock = "lock",
        "<rect x='3' y='7' width='10' height='6.6' rx='1.3'/><path d='M5.2 6.8V5a2.8 2.8 0 0 1 5.6 0v1.8'/>";
    /// An envelope: email.
    Mail = "mail",
        "<rect x='1.9' y='3.2' width='12.2' height='9.6' rx='1.3'/><path d='m2.3 4.5 5.7 4.3 5.7-4.3'/>";
    /// Three lines: navigation.
    Menu = "menu",
        "<path d='M2.4 4.5h11.2M2.4 8h11.2M2.4 11.5h11.2'/>";
    /// A minus: left out.
    Minus = "minus",
        "<path d='M3.5 8h9'/>";
    /// A moon: quiet hours, dark.
    Moon = "moon",
        "<path d='M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z'/>";
    /// An arrow out of a box: opens elsewhere.
    Open = "open",
        "<path d='M9.4 2.6h4v4M13.2 2.8 7.6 8.4M11.6 9.2v3.4c0 .5-.4.9-.9.9H3.4c-.5 0-.9-.4-.9-.9V5.3c0-.5.4-.9.9-.9h3.4'/>";
    /// Two bars: paused.
    Pause = "pause",
        "<path d='M5.5 3.2v9.6M10.5 3.2v9.6'/>";
    /// Two people: contacts.
    People = "people",
        "<circle cx='6' cy='5.4' r='2.4'/><path d='M1.8 13.2c.3-2.5 2-3.9 4.2-3.9s3.9 1.4 4.2 3.9'/><path d='M10.6 3.2a2.4 2.4 0 0 1 0 4.4M11.7 9.7c1.5.5 2.4 1.7 2.6 3.5'/>";
    /// A picture.
    Picture = "picture",
        "<rect x='2' y='2.8' width='12' height='10.4' rx='1.3'/><circle cx='5.6' cy='6.2' r='1.1'/><path d='m2.4 11.6 3.4-3 2.4 2 2.6-3 3 3.2'/>";
    /// One person: account.
    Person = "user",
        "<circle cx='8' cy='5.4' r='2.6'/><path d='M3.2 13.4c.4-2.7 2.3-4.1 4.8-4.1s4.4 1.4 4.8 4.1'/>";
    /// A phone.
    Phone = "phone",
        "<rect x='4.2' y='1.7' width='7.6' height='12.6' rx='1.6'/><path d='M7.2 12h1.6'/>";
    /// A paper plane: send.
    Plane = "plane",
        "<path d='M13.8 2.2 7 9M13.8 2.2 9.5 13.8 7 9 2.2 6.5z'/>";
    /// A triangle: resume.
    Play = "play",
        "<path d='M5 3.2v9.6l7.4-4.8z'/>";
    /// A plug: channels.
    Plug = "plug",
        "<path d='M5.6 1.9v3M10.4 1.9v3M4 5h8v2.4a4 4 0 0 1-8 0zM8 11.5v2.6'/>";
    /// A plus: new.
    Plus = "plus",
        "<path d='M8 3v10M3 8h10'/>";
    /// Two arrows in a circle: again.
    Refresh = "refresh",
        "<path d='M13.2 7A5.3 5.3 0 0 0 3.4 5.2L2.6 6.6M2.8 9a5.3 5.3 0 0 0 9.8 1.8l.8-1.4'/><path d='M2.5 3.4v3.3h3.2M13.5 12.6V9.3h-3.2'/>";
    /// An arrow back: replied.
    Reply = "reply",
        "<path d='M6.2 4 2.6 7.5 6.2 11'/><path d='M2.9 7.5h6c2.6 0 4.3 1.6 4.5 4.5'/>";
    /// A chevron to the end.
    Right = "right",
        "<path d='m6.4 4.5 3.5 3.5-3.5 3.5'/>";
    /// A screen: as the system is set.
    Screen = "screen",
        "<rect x='2' y='2.8' width='12' height='8.2' rx='1.2'/><path d='M6 13.4h4M8 11.2v2'/>";
    /// A magnifying glass.
    Search = "search",
        "<circle cx='7.1' cy='7.1' r='4.4'/><path d='m10.4 10.4 3.2 3.2'/>";
    /// Two racks: an SMTP server.
    Server = "server",
        "<rect x='2.2' y='2.6' width='11.6' height='4.6' rx='1.1'/><rect x='2.2' y='8.8' width='11.6' height='4.6' rx='1.1'/><path d='M4.8 4.9h.01M4.8 11.1h.01'/>";
    /// A shield: opted out, protected.
    Shield = "shield",
        "<path d='M8 1.9 2.9 3.8v4c0 3 2 5.1 5.1 6.3 3.1-1.2 5.1-3.3 5.1-6.3v-4z'/>";
    /// A shield with a tick: consent, approved.
    ShieldCheck = "shieldcheck",
        "<path d='M8 1.9 2.9 3.8v4c0 3 2 5.1 5.1 6.3 3.1-1.2 5.1-3.3 5.1-6.3v-4z'/><path d='m5.8 7.9 1.6 1.6 2.9-3.1'/>";
    /// A bar and a triangle: skipped.
    Skip = "skip",
        "<path d='M3 3.4v9.2L9.4 8zM12.4 3.4v9.2'/>";
    /// A fork: a group of conditions.
    Split = "split",
        "<path d='M8 13.6V9.4L3.4 4.6M8 9.4l4.6-4.8M3.2 7.4v-3h3M9.8 4.4h3v3'/>";
    /// A crossed circle: cancelled, blocked.
    Stop = "stop",
        "<circle cx='8' cy='8' r='5.8'/><path d='m4 4 8 8'/>";
    /// Text struck through.
    Strike = "strike",
        "<path d='M2.6 8h10.8M11 4.7C10.6 3.5 9.5 2.9 8 2.9c-1.8 0-3 .9-3 2.3 0 .5.2.9.4 1.3M5 11.1c.3 1.2 1.4 2 3 2 1.9 0 3.1-.9 3.1-2.5 0-.5-.1-.9-.3-1.2'/>";
    /// A sun: light.
    Sun = "sun",
        "<circle cx='8' cy='8' r='2.7'/><path d='M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8'/>";
    /// A label: purchase, tag.
    Tag = "tag",
        "<path d='M2.4 2.6h5l6.2 6.2-4.8 4.8-6.4-6.2z'/><path d='M5.2 5.4h.01'/>";
    /// A bin: delete.
    Trash = "trash",
        "<path d='M2.8 4.4h10.4M6.2 4.2V2.8c0-.3.3-.6.6-.6h2.4c.3 0 .6.3.6.6v1.4M4.2 4.6l.6 8.2c0 .5.4.9.9.9h4.6c.5 0 .9-.4.9-.9l.6-8.2'/>";
    /// An arrow back: bounced, undo.
    Undo = "undo",
        "<path d='M5 2.8 2.4 5.5 5 8.2'/><path d='M2.7 5.5h6.4a4 4 0 0 1 0 8H6'/>";
    /// Chevrons up and down: choose another.
    UpDown = "updown",
        "<path d='m5 6 3-3 3 3M5 10l3 3 3-3'/>";
    /// An arrow out of a tray.
    Upload = "upload",
        "<path d='M8 10.4V2.8M5 5.6l3-3 3 3M2.6 10.6v2.2c0 .5.4.8.8.8h9.2c.4 0 .8-.3.8-.8v-2.2'/>";
    /// A triangle: needs a look.
    Warn = "warn",
        "<path d='M7.1 2.7 1.8 12a1 1 0 0 0 .9 1.5h10.6a1 1 0 0 0 .9-1.5L8.9 2.7a1 1 0 0 0-1.8 0z'/><path d='M8 6.2v3.2M8 11.5h.01'/>";
    /// A bubble with a receiver: WhatsApp.
    WhatsApp = "whatsapp",
        "<path d='M13.7 7.7a5.6 5.6 0 0 1-8.3 4.9l-3 .9.9-2.9a5.6 5.6 0 1 1 10.4-2.9z'/><path d='M6.2 5.5c-.6.4-.7 1.3-.1 2.3.6 1 1.4 1.7 2.3 2.1.9.3 1.6 0 1.9-.6l-1.3-.9-.8.4c-.5-.3-.9-.7-1.2-1.3l.5-.7z'/>";
}

impl Icon {
    /// Whether the drawing points along the line of text and must be mirrored in right-to-left scripts.
    fn points_along(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }
}

/// How large an icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IconSize {
    /// 14 units, beside small text.
    S,
    /// 16 units.
    #[default]
    M,
    /// 20 units, alone or above a sentence.
    L,
}

/// One icon. It is decoration: whoever uses it alone gives the element around it a name.
#[component]
pub fn Glyph(
    /// Which drawing.
    icon: Icon,
    /// How large.
    #[prop(optional)]
    size: IconSize,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
) -> impl IntoView {
    let mut classes = String::from("icon");
    classes.push_str(match size {
        IconSize::S => " icon-s",
        IconSize::M => "",
        IconSize::L => " icon-l",
    });
    if icon.points_along() {
        classes.push_str(" icon-flip");
    }
    if !class.is_empty() {
        classes.push(' ');
        classes.push_str(&class);
    }
    view! {
        <svg class=classes viewBox="0 0 16 16" aria-hidden="true">
            <use href=icon.href()></use>
        </svg>
    }
    .into_any()
}

/// The symbols that [`Glyph`] refers to. The shell renders it once, at the start of the page.
#[cfg(feature = "ssr")]
#[component]
pub fn IconSprite() -> AnyView {
    let symbols: String = Icon::ALL.iter().map(|icon| icon.symbol()).collect();
    view! { <svg class="sprite" width="0" height="0" aria-hidden="true" inner_html=symbols></svg> }.into_any()
}
