//! What the browser starts: it shows panics in the console and wakes the islands. Everything else is in `app`.

// Without a mention the linker would drop the islands.
use app as _;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
