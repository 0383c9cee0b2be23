//! The wizard's line to the Web Worker that reads the file (`frontend/js/import_worker.js`).
//!
//! Messages are arrays: a word and what belongs to it. To the worker: `look`, `check` and `upload`. From it: `look`,
//! `check`, `progress`, `done`, `refused`.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{FormData, HtmlFormElement, MessageEvent, Worker, WorkerOptions, WorkerType};

/// What the worker says.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// The first look at a file, as JSON.
    Look(String),
    /// What the file holds, as JSON, and whether that is all.
    Check(String, bool),
    /// How much of the upload is done, in percent.
    Progress(u8),
    /// The import is done; its report is here.
    Done(String),
    /// It cannot be imported, and why.
    Refused(String),
}

/// An open line. Worker and listener live as long as the page.
#[derive(Clone)]
pub struct Line(Worker);

impl Line {
    /// Starts the worker. `None` if the browser cannot run it; the plain form still works.
    pub fn open(script: &str, wasm: &str, hear: impl Fn(Heard) + 'static) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options).ok()?;
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(heard) = heard(&event.data()) {
                hear(heard);
            }
        });
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // Dropped with the page.
        listener.forget();
        worker.post_message(&Array::of2(&"start".into(), &wasm.into())).ok()?;
        Some(Self(worker))
    }

    /// Asks for something about the form as it is now, its file included.
    pub fn ask(&self, what: &str, form: &HtmlFormElement) {
        if let Ok(fields) = FormData::new_with_form(form) {
            let fields = Array::from(fields.as_ref());
            let _ = self.0.post_message(&Array::of2(&what.into(), &fields));
        }
    }
}

fn heard(data: &JsValue) -> Option<Heard> {
    let parts = data.dyn_ref::<Array>()?;
    let text = || parts.get(1).as_string();
    Some(match parts.get(0).as_string()?.as_str() {
        "look" => Heard::Look(text()?),
        "check" => Heard::Check(text()?, parts.get(2).is_truthy()),
        // Cut, not rounded: 100 is said when it is.
        "progress" => Heard::Progress(parts.get(1).as_f64().map_or(0, |percent| percent as u8)),
        "done" => Heard::Done(text()?),
        _ => Heard::Refused(text()?),
    })
}

/// Leaves for another page.
pub fn go_to(path: &str) {
    let _ = window().location().set_href(path);
}
