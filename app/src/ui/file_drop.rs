//! A place for a file.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon, IconSize},
    words::Words,
};

/// A label around a file input: it can be clicked, reached by keyboard, and dropped upon. Without script the browser
/// shows the file's name in the field that follows; an island sets `data-over` while a file hovers.
#[component]
pub fn FileDrop(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// "Drop a file, or choose one".
    #[prop(into)]
    title: String,
    /// Formats, size, and what happens to it.
    #[prop(into)]
    help: String,
    /// What the file dialog offers: `.csv,text/csv`.
    #[prop(into)]
    accept: String,
    /// What is wrong with the file.
    #[prop(optional, into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let id = id.get().unwrap_or_else(|| name.clone());
    let target = id.clone();
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="field">
            <label class="drop" for=target>
                <Glyph icon=Icon::Upload size=IconSize::L/>
                <span class="drop-title">{title}</span>
                <span class="drop-help">{help}</span>
                <input
                    class="drop-input"
                    type="file"
                    id=id
                    name=name
                    accept=accept
                    required=true
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=move || error.get().map(|_| described.clone())
                />
            </label>
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <p class="error" id=error_id.clone()>
                                <Glyph icon=Icon::Warn size=IconSize::S/>
                                <span>{error}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
