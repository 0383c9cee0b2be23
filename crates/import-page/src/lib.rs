//! What the browser starts on the import page, in the place of `frontend`: the wizard is larger than all other islands
//! together, and needed on this page alone. Everything else is in `app`.

// Without a mention the linker would drop the island.
use app as _;

/// Called by the page's script (`frontend/js/import_page.js`) once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
