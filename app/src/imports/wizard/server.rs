//! The wizard on the server: it draws its first stage, and nothing happens to it.

use leptos::prelude::*;

use super::{Changed, Wizard};

pub(super) type Form = NodeRef<leptos::html::Form>;
pub(super) type Wire = StoredValue<()>;

pub(super) fn connect(_: Wizard, _: Form, _: String, _: String) -> Wire {
    StoredValue::new(())
}

pub(super) fn ask((): &(), _: Form, _: &str) {}

pub(super) fn chosen_already(_: Form) -> Option<(String, u64)> {
    None
}

pub(super) fn changed_field(_: &leptos::ev::Event) -> Changed {
    Changed::Other
}
