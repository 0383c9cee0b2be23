//! Text fields, selects and text areas, with label, help and error wired for assistive technology.
//!
//! A field's id is its name unless given. Its error has the id `{id}-error`, its help `{id}-help`; the summary of a
//! form's errors links to the id.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon, IconSize},
    tone::classes,
    words::Words,
};

/// How a field is announced: the ids of its help and error.
#[derive(Clone)]
pub(super) struct Wiring {
    id: String,
    helped: bool,
    error: MaybeProp<String>,
}

impl Wiring {
    pub(super) fn new(id: Words, name: &str, helped: bool, error: MaybeProp<String>) -> Self {
        Self { id: id.get().unwrap_or_else(|| name.to_owned()), helped, error }
    }

    pub(super) fn id(&self) -> String {
        self.id.clone()
    }

    pub(super) fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + Clone + use<> {
        let error = self.error;
        move || error.get().map(|_| "true")
    }

    pub(super) fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + Clone + use<> {
        let wiring = self.clone();
        move || match (wiring.error.get().is_some(), wiring.helped) {
            (true, _) => Some(format!("{}-error", wiring.id)),
            (false, true) => Some(format!("{}-help", wiring.id)),
            (false, false) => None,
        }
    }

    /// The help, or the error in its place.
    pub(super) fn notes(&self, help: Option<String>) -> impl IntoView + use<> {
        let Self { id, error, .. } = self.clone();
        move || match (error.get(), help.clone()) {
            (Some(error), _) => view! {
                <p class="error" id=format!("{id}-error")>
                    <Glyph icon=Icon::Warn size=IconSize::S/>
                    <span>{error}</span>
                </p>
            }
            .into_any(),
            (None, Some(help)) => view! {
                <span class="help" id=format!("{id}-help")>
                    {help}
                </span>
            }
            .into_any(),
            (None, None) => ().into_any(),
        }
    }
}

/// The label, with "optional" where an answer may be left out.
fn label(wiring: &Wiring, text: String, optional: bool, aside: Option<AnyView>) -> AnyView {
    let marker = optional.then(|| view! { " "<span class="optional">"optional"</span> });
    let label = view! {
        <label class="label" for=wiring.id()>
            {text}
            {marker}
        </label>
    };
    match aside {
        Some(aside) => view! { <div class="row between">{label} {aside}</div> }.into_any(),
        None => label.into_any(),
    }
}

/// One line of text. Attributes of the input that are not listed go through `kind`, `autocomplete` and so on; an
/// island listens on the component (`on:input`), because events bubble to its root.
#[component]
pub fn TextField(
    /// The label above.
    #[prop(into, name = "label")]
    text: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// The `type` of the input: `text`, `email`, `tel`, `date`, `search`, …
    #[prop(optional, default = "text")]
    kind: &'static str,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// A hint below.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong, and what would be right. Takes the place of the help.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// An example inside the empty field; never the only explanation.
    #[prop(optional, into)]
    placeholder: Words,
    /// What the browser may fill in.
    #[prop(optional_no_strip, into)]
    autocomplete: Option<&'static str>,
    /// Which keyboard a phone shows.
    #[prop(optional_no_strip, into)]
    inputmode: Option<&'static str>,
    /// The most characters it takes.
    #[prop(optional_no_strip, into)]
    maxlength: Option<u32>,
    /// 40 units high, for forms that are a page of their own.
    #[prop(optional)]
    large: bool,
    /// At the end of the label's line.
    #[prop(optional_no_strip, into)]
    aside: Option<AnyView>,
    /// Where one begins to type: for the first field of a dialog.
    #[prop(optional)]
    focused: bool,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, help.is_some(), error);
    view! {
        <div class="field">
            {label(&wiring, text, optional, aside)}
            <input
                class=classes(&["input", if large { "input-l" } else { "" }])
                id=wiring.id()
                name=name
                type=kind
                value=value
                required=!optional
                autofocus=focused
                placeholder=placeholder.get()
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength.map(|most| most.to_string())
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            />
            {wiring.notes(help.get())}
        </div>
    }
    .into_any()
}

/// A password, never filled in by the server.
#[component]
pub fn PasswordField(
    /// The label above.
    #[prop(into, name = "label")]
    text: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// A new password rather than the current one, so that the browser offers to make one up.
    #[prop(optional)]
    new: bool,
    /// A hint below.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// 40 units high.
    #[prop(optional)]
    large: bool,
    /// At the end of the label's line: "Forgot it?"
    #[prop(optional_no_strip, into)]
    aside: Option<AnyView>,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, help.is_some(), error);
    view! {
        <div class="field">
            {label(&wiring, text, false, aside)}
            <input
                class=classes(&["input", if large { "input-l" } else { "" }])
                id=wiring.id()
                name=name
                type="password"
                required=true
                autocomplete=if new { "new-password" } else { "current-password" }
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            />
            {wiring.notes(help.get())}
        </div>
    }
    .into_any()
}

/// One option of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectOption {
    /// What the form sends.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Shown, but cannot be picked.
    pub disabled: bool,
}

impl SelectOption {
    /// An option that can be picked.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), disabled: false }
    }
}

fn options(options: Vec<SelectOption>, chosen: &str) -> impl IntoView + use<> {
    options
        .into_iter()
        .map(|option| {
            let selected = option.value == chosen;
            view! {
                <option value=option.value selected=selected disabled=option.disabled>
                    {option.label}
                </option>
            }
        })
        .collect_view()
}

/// A choice from a list of up to a dozen, with label, help and error.
#[component]
pub fn SelectField(
    /// The label above.
    #[prop(into, name = "label")]
    text: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// What can be picked. For an optional choice, an option with an empty value comes first.
    #[prop(name = "options")]
    choices: Vec<SelectOption>,
    /// What is picked at first.
    #[prop(optional, into)]
    value: String,
    /// May be left unanswered.
    #[prop(optional)]
    optional: bool,
    /// A hint below.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, help.is_some(), error);
    view! {
        <div class="field">
            {label(&wiring, text, optional, None)}
            <select
                class="select"
                id=wiring.id()
                name=name
                required=!optional
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            >
                {options(choices, &value)}
            </select>
            {wiring.notes(help.get())}
        </div>
    }
    .into_any()
}

/// A select inside a row or table, named without a visible label.
#[component]
pub fn Select(
    /// What is chosen, for assistive technology.
    #[prop(into)]
    label: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What can be picked.
    #[prop(name = "options")]
    choices: Vec<SelectOption>,
    /// What is picked at first.
    #[prop(optional, into)]
    value: String,
    /// Further classes: a width such as `w-m`, or `select-s`.
    #[prop(optional, into)]
    class: String,
) -> impl IntoView {
    view! {
        <select class=classes(&["select", &class]) name=name aria-label=label>
            {options(choices, &value)}
        </select>
    }
    .into_any()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The label above.
    #[prop(into, name = "label")]
    text: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// How many lines it shows.
    #[prop(optional, default = 3)]
    rows: u32,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// The most characters it takes.
    #[prop(optional_no_strip, into)]
    maxlength: Option<u32>,
    /// A hint below.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, help.is_some(), error);
    view! {
        <div class="field">
            {label(&wiring, text, optional, None)}
            <textarea
                class="input textarea"
                id=wiring.id()
                name=name
                rows=rows.to_string()
                required=!optional
                maxlength=maxlength.map(|most| most.to_string())
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            >
                {value}
            </textarea>
            {wiring.notes(help.get())}
        </div>
    }
    .into_any()
}

/// A search field with its drawing, for tools above a table. The placeholder is an example; the label is said.
#[component]
pub fn SearchField(
    /// What is searched, for assistive technology.
    #[prop(into)]
    label: String,
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// What can be typed: "Name, phone or email".
    #[prop(into)]
    placeholder: String,
    /// Further classes: a width such as `w-xl`.
    #[prop(optional, into)]
    class: String,
) -> impl IntoView {
    view! {
        <label class=classes(&["input", "affix", &class])>
            <Glyph icon=Icon::Search/>
            <span class="vh">{label}</span>
            <input type="search" name=name value=value placeholder=placeholder/>
        </label>
    }
    .into_any()
}
