//! What a browser with script adds to a dialog that the server rendered open.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlDialogElement, HtmlElement};

/// Makes the open dialog of the page modal: the focus stays inside, and Esc leads where its cross leads.
pub fn take_over() {
    let open = document().query_selector("dialog[open]").ok().flatten();
    let Some(dialog) = open.and_then(|element| element.dyn_into::<HtmlDialogElement>().ok()) else { return };
    dialog.close();
    if dialog.show_modal().is_err() {
        // As the server rendered it.
        dialog.set_open(true);
        return;
    }
    let way_back = dialog.query_selector("a[aria-label=Close]").ok().flatten();
    let Some(way_back) = way_back.and_then(|link| link.dyn_into::<HtmlElement>().ok()) else { return };
    let leave = Closure::<dyn Fn()>::new(move || way_back.click());
    // Without it, Esc only closes the dialog.
    let _ = dialog.add_event_listener_with_callback("cancel", leave.as_ref().unchecked_ref());
    // Dropped with the page.
    leave.forget();
}
