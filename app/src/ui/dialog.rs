//! Questions that must be answered before going on.
//!
//! A dialog works in three ways. A [`DialogButton`] opens it as a modal without script in browsers that know button
//! commands. An island can call `show_modal` on it. Where neither is at hand, a link to the same page with a query
//! (`?ask=cancel`) lets the server render it with `open`, and Cancel is then a link back.

use leptos::prelude::*;

use super::{
    button::{Size, Variant},
    icon::{Glyph, Icon},
    tone::classes,
    words::Words,
};

/// How wide a dialog is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DialogSize {
    /// 480 units: a question.
    #[default]
    S,
    /// 704 units: a form.
    M,
    /// 864 units: a choice with an explanation.
    L,
}

/// A native dialog. Cancel, the cross and Esc are the same. For a form, put `<form>` around `DialogBody` and
/// `DialogFoot`.
#[component]
pub fn Dialog(
    /// The id by which it is opened.
    #[prop(into)]
    id: String,
    /// A question or a noun, with the name and the number.
    #[prop(into)]
    title: String,
    /// What it is for, or what cannot be taken back.
    #[prop(optional, into)]
    text: Words,
    /// How wide.
    #[prop(optional)]
    size: DialogSize,
    /// Rendered open by the server: the address of the page without it.
    #[prop(optional, into)]
    open_with_way_back: Words,
    /// Body and foot.
    children: Children,
) -> impl IntoView {
    let size = match size {
        DialogSize::S => "dialog-s",
        DialogSize::M => "",
        DialogSize::L => "dialog-l",
    };
    let title_id = format!("{id}-title");
    let text_id = format!("{id}-text");
    let described = text.is_some().then(|| text_id.clone());
    let way_back = open_with_way_back.get();
    let open = way_back.is_some();
    let named = title_id.clone();
    view! {
        <dialog
            class=classes(&["dialog", size])
            id=id
            open=open
            aria-labelledby=named
            aria-describedby=described
        >
            <div class="dialog-head">
                <div>
                    <h2 id=title_id>{title}</h2>
                    {text.map(|text| view! { <p id=text_id>{text}</p> })}
                </div>
                <div class="push">{dismiss(way_back)}</div>
            </div>
            {children()}
        </dialog>
    }
    .into_any()
}

/// The cross of a dialog: a form that only closes it, or a link if the server opened it.
fn dismiss(way_back: Option<String>) -> AnyView {
    match way_back {
        Some(href) => view! {
            <a class="btn btn-ghost btn-icon" href=href aria-label="Close">
                <Glyph icon=Icon::Cross/>
            </a>
        }
        .into_any(),
        None => view! {
            <form method="dialog">
                <button class="btn btn-ghost btn-icon" aria-label="Close">
                    <Glyph icon=Icon::Cross/>
                </button>
            </form>
        }
        .into_any(),
    }
}

/// The part of a dialog that scrolls.
#[component]
pub fn DialogBody(
    /// The content, stacked.
    children: Children,
) -> impl IntoView {
    view! { <div class="dialog-body stack stack-4">{children()}</div> }.into_any()
}

/// The foot: context at the start, then Cancel, then the verb.
#[component]
pub fn DialogFoot(
    /// What is worth knowing at the moment of the click.
    #[prop(optional, into)]
    context: Words,
    /// The address of the page without the dialog, if the server opened it.
    #[prop(optional, into)]
    way_back: Words,
    /// What Cancel is called: "Keep sending" is clearer than "Cancel" where cancelling is the question.
    #[prop(optional, into, default = "Cancel".into())]
    cancel: String,
    /// The button that does it.
    children: Children,
) -> impl IntoView {
    let cancel = match way_back.get() {
        Some(href) => view! {
            <a class="btn" href=href autofocus=true>
                {cancel}
            </a>
        }
        .into_any(),
        // Inside a form that posts, this button closes instead, and does not ask for what is missing.
        None => view! {
            <button class="btn" type="submit" formmethod="dialog" formnovalidate=true>
                {cancel}
            </button>
        }
        .into_any(),
    };
    view! {
        <div class="dialog-foot">
            {context.map(|context| view! { <span class="context">{context}</span> })}
            {cancel}
            {children()}
        </div>
    }
    .into_any()
}

/// Opens a dialog by its id, without script.
#[component]
pub fn DialogButton(
    /// The id of the dialog.
    #[prop(into)]
    dialog: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How large.
    #[prop(optional)]
    size: Size,
    /// A drawing before the label.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// The label, with an ellipsis, because a question follows.
    children: Children,
) -> impl IntoView {
    use super::button::{Button, Kind};
    view! {
        <Button
            variant=variant
            size=size
            icon=icon
            kind=Kind::Button
            class=class
            attr:command="show-modal"
            attr:commandfor=dialog
            attr:aria-haspopup="dialog"
        >
            {children()}
        </Button>
    }
    .into_any()
}
