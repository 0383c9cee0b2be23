//! The wizard in the browser: what the worker says, and what is changed in the form.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{Changed, Stage, Wizard};
use crate::imports::worker::{Heard, Line, go_to};

pub(super) type Form = NodeRef<leptos::html::Form>;
pub(super) type Wire = StoredValue<Option<Line>, LocalStorage>;

impl Wizard {
    fn refuse(self, sentence: String) {
        self.refusal.set(Some(sentence));
        if self.look.with_untracked(Option::is_none) {
            self.stage.set(Stage::Choosing);
        } else if matches!(self.stage.get_untracked(), Stage::Uploading(_)) {
            self.stage.set(Stage::Checking);
        }
    }

    /// Takes in what the worker says. `true` if the fields changed, so that the file must be checked.
    fn hear(self, heard: Heard) -> bool {
        let unreadable = || "The reader and this page do not fit together. Reload the page.".to_owned();
        match heard {
            Heard::Look(json) => match serde_json::from_str(&json) {
                Ok(look) => {
                    self.look.set(Some(look));
                    return true;
                }
                Err(_) => self.refuse(unreadable()),
            },
            Heard::Check(json, is_whole) => match serde_json::from_str(&json) {
                Ok(check) => {
                    self.check.set(Some(check));
                    self.is_whole.set(is_whole);
                }
                Err(_) => self.refuse(unreadable()),
            },
            Heard::Progress(percent) => self.stage.set(Stage::Uploading(percent)),
            Heard::Done(path) => go_to(&path),
            Heard::Refused(sentence) => self.refuse(sentence),
        }
        false
    }
}

/// Opens the line to the worker.
pub(super) fn connect(wizard: Wizard, form: Form, script: String, wasm: String) -> Wire {
    let wire: Wire = StoredValue::new_local(None);
    let hear = move |heard| {
        if wizard.hear(heard) {
            // The columns are in the form only after it was drawn anew.
            request_animation_frame(move || wire.with_value(|line| ask(line, form, "check")));
        }
    };
    wire.set_value(Line::open(&script, &wasm, hear));
    wire
}

/// Asks the worker for something about the form as it is now.
pub(super) fn ask(line: &Option<Line>, form: Form, what: &str) {
    if let (Some(line), Some(form)) = (line, form.get_untracked()) {
        line.ask(what, &form);
    }
}

/// Name and size of the file that a field holds, if it is one for files.
fn file_in(input: &web_sys::HtmlInputElement) -> Option<(String, u64)> {
    let file = input.files()?.get(0)?;
    Some((file.name(), file.size() as u64))
}

/// A file that was chosen before the page was awake.
pub(super) fn chosen_already(form: Form) -> Option<(String, u64)> {
    let input = form.get()?.query_selector("input[type=file]").ok()??;
    file_in(input.dyn_ref()?)
}

/// What was changed.
pub(super) fn changed_field(event: &leptos::ev::Event) -> Changed {
    let target = event.target();
    let input = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlInputElement>());
    if let Some((name, size)) = input.and_then(file_in) {
        return Changed::File(name, size);
    }
    let select = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlSelectElement>());
    match select.map(|select| select.name()) {
        Some(name) if name == "country" || name.starts_with("target-") => Changed::Rule,
        _ => Changed::Other,
    }
}
