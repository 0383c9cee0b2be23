//! What the browser starts: it shows panics in the console, wakes the islands, and makes an open dialog modal.
//! Everything else is in `app`.

/// Called by the page's script once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::ui::modal::take_over();
    leptos::mount::hydrate_islands();
}
