//! The wizard: what reacts while a file is chosen, checked and uploaded.

use domain::import::{Check, Look};
use leptos::prelude::*;

use super::drawing::{Shown, columns_card, country_note, import_label, rows_card, rows_table, tally_card};
use super::{IMPORT_PATH, SAMPLE_PATH, UPLOAD_PATH};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::file_drop::FileDrop;
use crate::ui::format::{bytes, plural};
use crate::ui::icon::Icon;
use crate::ui::page_head::{PageHead, WizardFoot};
use crate::ui::steps::{Step, Steps};
use crate::ui::tabs::FilterButton;
use crate::ui::tone::Tone;

#[cfg(feature = "wizard")]
mod browser;
#[cfg(not(feature = "wizard"))]
#[path = "wizard/server.rs"]
mod browser;

use browser::{ask, changed_field, chosen_already, connect};

/// What the drop zone says about itself.
pub(super) const DROP_TITLE: &str = "Drop a CSV file here, or choose one";
/// Formats, size, and what happens to the file.
pub(super) const DROP_HELP: &str =
    "CSV with a row of headings, up to 256 MB. Nothing is saved before you have seen what it holds.";
/// Without script the file is uploaded first. As text, because a browser with script does not look inside.
const WITHOUT_SCRIPT: &str =
    "<p class=\"row\"><button class=\"btn btn-primary\" type=\"submit\">Upload and check</button></p>";
/// What the file dialog offers.
pub(super) const ACCEPT: &str = ".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain";

/// Where the wizard stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No file yet.
    Choosing,
    /// The file is being read or has been; its columns can be changed.
    Checking,
    /// It is on its way; so much of it in percent.
    Uploading(u8),
}

#[derive(Clone, Copy)]
struct Wizard {
    stage: RwSignal<Stage>,
    file: RwSignal<(String, u64)>,
    look: RwSignal<Option<Look>>,
    check: RwSignal<Option<Check>>,
    is_whole: RwSignal<bool>,
    refusal: RwSignal<Option<String>>,
    shown: RwSignal<Shown>,
}

impl Wizard {
    fn new() -> Self {
        Self {
            stage: RwSignal::new(Stage::Choosing),
            file: RwSignal::new((String::new(), 0)),
            look: RwSignal::new(None),
            check: RwSignal::new(None),
            is_whole: RwSignal::new(false),
            refusal: RwSignal::new(None),
            shown: RwSignal::new(Shown::All),
        }
    }

    /// Another file was chosen: whatever was known is about the one before.
    fn begin(self, name: String, size: u64) {
        self.file.set((name, size));
        self.refusal.set(None);
        self.look.set(None);
        self.check.set(None);
        self.is_whole.set(false);
        self.stage.set(Stage::Checking);
    }

    fn is_choosing(self) -> bool {
        self.stage.get() == Stage::Choosing
    }

    /// How many people would be imported, once that is known.
    fn people(self) -> u32 {
        self.check.with(|check| check.as_ref().map_or(0, |check| check.tally.people()))
    }

    fn head(self) -> AnyView {
        let (name, size) = self.file.get();
        let choosing = self.is_choosing();
        let facts = if choosing {
            vec!["People, their numbers and addresses, and whether they agreed".into_any()]
        } else {
            let rows = self.check.with(|check| {
                let rows = check.as_ref().map_or(0, |check| u64::from(check.tally.rows));
                let is_over = self.is_whole.get() || self.refusal.with(Option::is_some);
                let so_far = if is_over { "" } else { " so far" };
                format!("{}{so_far}", plural(rows, "row", "rows"))
            });
            let place = if matches!(self.stage.get(), Stage::Uploading(_)) {
                "being uploaded"
            } else {
                "read in your browser, not uploaded yet"
            };
            vec![name.into_any(), bytes(size).into_any(), rows.into_any(), place.into_any()]
        };
        let steps = steps_of(!choosing, matches!(self.stage.get(), Stage::Uploading(_)));
        view! {
            <PageHead title="Import contacts" facts=facts actions=view! { <Steps steps=steps/> }.into_any() bare=true/>
        }
        .into_any()
    }

    fn banner(self) -> AnyView {
        let refusal = self.refusal.get().map(|sentence| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    {sentence}
                </Banner>
            }
        });
        refusal.into_any()
    }

    fn columns(self, known: &[String]) -> AnyView {
        self.look.with(|look| look.as_ref().map(|look| columns_card(look, known))).into_any()
    }

    fn tally(self) -> AnyView {
        self.check.with(|check| check.as_ref().map(|check| tally_card(&check.tally))).into_any()
    }

    fn country(self) -> AnyView {
        self.check.with(|check| check.as_ref().map(|check| country_note(&check.tally))).into_any()
    }

    fn rows(self) -> AnyView {
        let shown = self.shown.get();
        self.check.with(|check| check.as_ref().map(|check| rows_table(check, shown))).into_any()
    }

    fn filters(self) -> AnyView {
        let buttons = Shown::ALL.map(|choice| {
            let number = Signal::derive(move || {
                self.check.with(|check| check.as_ref().map(|check| choice.count(&check.tally)))
            });
            view! {
                <FilterButton
                    label=choice.label()
                    count=number
                    pressed=Signal::derive(move || self.shown.get() == choice)
                    on:click=move |_| self.shown.set(choice)
                />
            }
        });
        view! {
            <div class="filters" role="group" aria-label="Show rows">
                {buttons.collect_view()}
            </div>
        }
        .into_any()
    }

    fn foot(self) -> AnyView {
        let people = self.people();
        let label = move || match self.stage.get() {
            Stage::Uploading(100) => "Importing".to_owned(),
            Stage::Uploading(percent) => format!("Uploading, {percent}%"),
            _ if self.is_whole.get() => self
                .check
                .with(|check| check.as_ref().map_or_else(String::new, |check| import_label(&check.tally))),
            _ if self.refusal.with(Option::is_some) => "Nothing to import".to_owned(),
            _ => "Reading the file".to_owned(),
        };
        let busy = Signal::derive(move || matches!(self.stage.get(), Stage::Uploading(_)));
        let is_ready = self.is_whole.get() && people > 0;
        let back = view! { <ButtonLink href=IMPORT_PATH>"Another file"</ButtonLink> }.into_any();
        let forward = view! {
            <Button variant=Variant::Primary icon=Icon::Upload busy=busy disabled=!is_ready>
                {label}
            </Button>
        }
        .into_any();
        view! { <WizardFoot back=back note="Nothing is saved yet. An import never clears an opt-out." forward=forward/> }
            .into_any()
    }
}

/// The steps of an import, by how far it has come.
pub(super) fn steps_of(has_file: bool, is_importing: bool) -> Vec<Step> {
    let step = |label: &str, state| Step { label: label.to_owned(), state };
    use crate::ui::steps::StepState::{Current, Done, Next};
    let file = if has_file { Done(IMPORT_PATH.to_owned()) } else { Current };
    let check = match (has_file, is_importing) {
        (false, _) => Next(None),
        (true, false) => Current,
        (true, true) => Done(IMPORT_PATH.to_owned()),
    };
    let import = if is_importing { Current } else { Next(None) };
    vec![
        step("File", file),
        step("Columns and check", check),
        step("Import", import),
        step("Report", Next(None)),
    ]
}

/// Reads a file in a Web Worker, shows what it holds, and uploads it when its reader says so. Its children are the
/// cards with the rules of the import, which the server draws. Without script it is a form that uploads a file.
#[island]
pub fn ImportWizard(
    /// The worker's script.
    script: String,
    /// The worker's WASM.
    wasm: String,
    /// Fields that contacts of the workspace have already.
    known: Vec<String>,
    /// Why the file was refused that was uploaded before, without script.
    refusal: Option<String>,
    /// The cards with the rules.
    children: Children,
) -> impl IntoView {
    let wizard = Wizard::new();
    wizard.refusal.set(refusal);
    let form = NodeRef::<leptos::html::Form>::new();
    let line = connect(wizard, form, script, wasm);
    let ask = move |what: &'static str| line.with_value(|line| ask(line, form, what));
    Effect::new(move |_| {
        if let Some((name, size)) = chosen_already(form) {
            wizard.begin(name, size);
            ask("look");
        }
    });
    let on_change = move |event: leptos::ev::Event| match changed_field(&event) {
        Changed::File(name, size) => {
            wizard.begin(name, size);
            ask("look");
        }
        Changed::Rule => {
            wizard.refusal.set(None);
            wizard.is_whole.set(false);
            ask("check");
        }
        Changed::Other => {}
    };
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        if wizard.is_choosing() {
            return;
        }
        event.prevent_default();
        if wizard.is_whole.get_untracked() && wizard.stage.get_untracked() == Stage::Checking {
            wizard.refusal.set(None);
            wizard.stage.set(Stage::Uploading(0));
            ask("upload");
        }
    };
    let is_choosing = move || wizard.is_choosing();
    view! {
        <form
            class="page"
            method="post"
            enctype="multipart/form-data"
            action=UPLOAD_PATH
            node_ref=form
            on:change=on_change
            on:submit=on_submit
        >
            {move || wizard.head()}
            {move || wizard.banner()}
            <div class="page-form stack stack-3" hidden=move || !is_choosing()>
                {beginning()}
            </div>
            <div class="stack" hidden=is_choosing>
                {move || wizard.tally()}
                <div class="split">
                    <div class="stack">
                        {move || wizard.columns(&known)}
                        {move || wizard.country()}
                        {rows_card(wizard.filters(), (move || wizard.rows()).into_any())}
                    </div>
                    <aside class="stack" aria-label="Rules for this import">
                        {children()}
                    </aside>
                </div>
            </div>
            {move || (!is_choosing()).then(|| wizard.foot())}
        </form>
    }
}

/// What is there before a file is chosen.
fn beginning() -> AnyView {
    view! {
        <FileDrop name="file" title=DROP_TITLE help=DROP_HELP accept=ACCEPT/>
        <p class="s-13 t-2">
            "Not sure what belongs in it? " <a href=SAMPLE_PATH download="">
                "Download a sample file"
            </a> " and fill in your own people."
        </p>
        <noscript inner_html=WITHOUT_SCRIPT></noscript>
    }
    .into_any()
}

/// What was changed in the form.
#[cfg_attr(not(feature = "wizard"), expect(dead_code, reason = "only a browser changes a form"))]
enum Changed {
    /// A file was chosen: its name and size.
    File(String, u64),
    /// A column or the country: the file must be checked again.
    Rule,
    /// Something that matters to the import only.
    Other,
}
