//! Menus: a popover with links and small forms. The browser opens it, closes it on Esc and on a click elsewhere, and
//! gives the focus back; no script takes part. It is a list of controls reached with Tab, not an application menu.

use leptos::prelude::*;

use super::{
    button::{Button, IconButton, Kind, Size, Variant},
    icon::{Glyph, Icon},
    tone::classes,
};

/// The panel of a menu. Its button names it: `attr:popovertarget=id`.
#[component]
pub fn Menu(
    /// The id by which its button opens it.
    #[prop(into)]
    id: String,
    /// What it holds: "Actions for Winter harvest launch".
    #[prop(into)]
    label: String,
    /// Opens towards the end of the line instead of its start.
    #[prop(optional)]
    from_start: bool,
    /// `MenuLink`, `MenuForm` and rules between them.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class=classes(&["menu", if from_start { "menu-start" } else { "" }])
            id=id
            popover="auto"
            role="group"
            aria-label=label
        >
            <ul>{children()}</ul>
        </div>
    }
    .into_any()
}

/// A button with three dots and its menu, at the end of a row or head.
#[component]
pub fn MoreMenu(
    /// The id of the menu, unique on the page.
    #[prop(into)]
    id: String,
    /// What it holds: "Actions for Winter harvest launch".
    #[prop(into)]
    label: String,
    /// How much the button asks for attention.
    #[prop(optional, default = Variant::Ghost)]
    variant: Variant,
    /// How large the button is.
    #[prop(optional)]
    size: Size,
    /// `MenuLink`, `MenuForm` and rules between them.
    children: Children,
) -> impl IntoView {
    view! {
        <IconButton
            icon=Icon::Dots
            label=label.clone()
            variant=variant
            size=size
            kind=Kind::Button
            attr:popovertarget=id.clone()
        />
        <Menu id=id label=label>
            {children()}
        </Menu>
    }
    .into_any()
}

/// A labelled button and its menu.
#[component]
pub fn MenuButton(
    /// The id of the menu, unique on the page.
    #[prop(into)]
    id: String,
    /// The label of the button.
    #[prop(into)]
    label: String,
    /// How much the button asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// A drawing before the label.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// `MenuLink`, `MenuForm` and rules between them.
    children: Children,
) -> impl IntoView {
    let word = label.clone();
    view! {
        <Button variant=variant icon=icon icon_end=Icon::Down kind=Kind::Button attr:popovertarget=id.clone()>
            {word}
        </Button>
        <Menu id=id label=label from_start=true>
            {children()}
        </Menu>
    }
    .into_any()
}

/// A line that leads somewhere.
#[component]
pub fn MenuLink(
    /// Where.
    #[prop(into)]
    href: String,
    /// Its drawing.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// Saved as a file rather than opened.
    #[prop(optional)]
    download: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <a href=href download=download.then_some("")>
                {icon.map(|icon| view! { <Glyph icon=icon/> })}
                {children()}
            </a>
        </li>
    }
    .into_any()
}

/// A line that does something: a form with one button. Dangerous ones come last, after a [`MenuRule`].
#[component]
pub fn MenuForm(
    /// Where the form is posted.
    #[prop(into)]
    action: String,
    /// What is sent along.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
    /// Its drawing.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// In red.
    #[prop(optional)]
    danger: bool,
    /// The verb.
    children: Children,
) -> impl IntoView {
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <li>
            <form method="post" action=action>
                {fields}
                <button class=danger.then_some("danger")>
                    {icon.map(|icon| view! { <Glyph icon=icon/> })}
                    {children()}
                </button>
            </form>
        </li>
    }
    .into_any()
}

/// A line between groups of a menu.
#[component]
pub fn MenuRule() -> AnyView {
    view! { <li class="menu-rule" aria-hidden="true"></li> }.into_any()
}
