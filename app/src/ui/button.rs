//! Buttons and links that look like them. Their types are not erased, so that what an island attaches to them
//! (`on:click`, reactive attributes) belongs to the element itself.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::classes,
    words::Words,
};

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// The one thing this screen is for. At most one per view.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Quiet: in rows, beside other buttons.
    Ghost,
    /// Leads to something that cannot be taken back. Asks first.
    Danger,
    /// Filled red, only inside the confirmation of a dangerous act.
    DangerFill,
}

impl Variant {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn-primary",
            Self::Secondary => "",
            Self::Ghost => "btn-ghost",
            Self::Danger => "btn-danger",
            Self::DangerFill => "btn-danger-fill",
        }
    }
}

/// How large a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 28 units, in rows and heads of cards.
    S,
    /// 32 units.
    #[default]
    M,
    /// 40 units, at the end of a form.
    L,
}

impl Size {
    fn class(self) -> &'static str {
        match self {
            Self::S => "btn-s",
            Self::M => "",
            Self::L => "btn-l",
        }
    }
}

/// What a button does in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Sends the form.
    #[default]
    Submit,
    /// Nothing by itself: an island listens to it, or it opens a menu or dialog.
    Button,
}

/// A button: verb, object and number. It sends its form unless told otherwise; events and further attributes
/// (`on:click`, `attr:name`, `attr:form`, `attr:popovertarget`) go to the `<button>`.
#[component]
pub fn Button(
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How large.
    #[prop(optional)]
    size: Size,
    /// What it does in a form.
    #[prop(optional)]
    kind: Kind,
    /// A drawing before the label.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// A drawing after the label.
    #[prop(optional_no_strip, into)]
    icon_end: Option<Icon>,
    /// Is its work going on? Then it cannot be pressed again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Cannot be pressed now. The reason must be readable beside it: see `reason`.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Why it cannot be pressed, shown beside it. Given, it disables the button.
    #[prop(optional, into)]
    reason: Words,
    /// As wide as what it is in.
    #[prop(optional)]
    block: bool,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// The label.
    children: Children,
) -> impl IntoView {
    let class =
        classes(&["btn", variant.class(), size.class(), if block { "btn-block" } else { "" }, &class]);
    let kind = match kind {
        Kind::Submit => "submit",
        Kind::Button => "button",
    };
    let refused = reason.is_some();
    let button = view! {
        <button
            class=class
            type=kind
            aria-busy=move || busy.get().then_some("true")
            disabled=move || refused || busy.get() || disabled.get()
        >
            {icon.map(|icon| {
                view! {
                    {move || {
                        let icon = if busy.get() { Icon::Refresh } else { icon };
                        view! { <Glyph icon=icon/> }
                    }}
                }
            })}
            {children()}
            {icon_end.map(|icon| view! { <Glyph icon=icon/> })}
        </button>
    };
    view! {
        {button}
        {reason.map(|reason| view! { <span class="btn-reason">{reason}</span> })}
    }
}

/// A link with the look of a button, for whatever only leads somewhere.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How large.
    #[prop(optional)]
    size: Size,
    /// A drawing before the label.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// A drawing after the label.
    #[prop(optional_no_strip, into)]
    icon_end: Option<Icon>,
    /// As wide as what it is in.
    #[prop(optional)]
    block: bool,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// The label.
    children: Children,
) -> impl IntoView {
    let class =
        classes(&["btn", variant.class(), size.class(), if block { "btn-block" } else { "" }, &class]);
    view! {
        <a class=class href=href>
            {icon.map(|icon| view! { <Glyph icon=icon/> })}
            {children()}
            {icon_end.map(|icon| view! { <Glyph icon=icon/> })}
        </a>
    }
}

/// A button that is only a drawing. Its name is said, and shown when pointed at.
#[component]
pub fn IconButton(
    /// The drawing.
    icon: Icon,
    /// What it does.
    #[prop(into)]
    label: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How large.
    #[prop(optional)]
    size: Size,
    /// What it does in a form.
    #[prop(optional)]
    kind: Kind,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
) -> impl IntoView {
    let class = classes(&["btn", "btn-icon", variant.class(), size.class(), &class]);
    let kind = match kind {
        Kind::Submit => "submit",
        Kind::Button => "button",
    };
    view! {
        <button class=class type=kind aria-label=label.clone() title=label>
            <Glyph icon=icon/>
        </button>
    }
}

/// One choice of a [`ButtonGroup`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLink {
    /// The word.
    pub label: String,
    /// The page that shows this choice.
    pub href: String,
    /// Whether it is what the page shows now.
    pub current: bool,
}

/// Two to five ways of showing the same thing, as links. For an island, put `Button`s with `aria-pressed` into a
/// `<span class="btn-group" role="group">`.
#[component]
pub fn ButtonGroup(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The choices.
    links: Vec<GroupLink>,
) -> impl IntoView {
    let links = links
        .into_iter()
        .map(|link| {
            view! {
                <a class="btn btn-s" href=link.href aria-current=link.current.then_some("true")>
                    {link.label}
                </a>
            }
        })
        .collect_view();
    view! {
        <span class="btn-group" role="group" aria-label=label>
            {links}
        </span>
    }
    .into_any()
}
