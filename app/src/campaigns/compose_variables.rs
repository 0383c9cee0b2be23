//! The variables of a template, as the composer asks for them and reads the answer.

use domain::contact::AttributeKey;
use domain::template::{
    ContactField, VariableMapping, VariablePlace, VariableSlot, VariableSource, clean_value,
};
use leptos::prelude::*;

use crate::forms::{FormState, PostedForm};
use crate::ui::field::{SelectField, SelectOption, TextField};

/// What the select holds for a text that is the same for everybody.
const FIXED: &str = "fixed";
/// The longest text of a variable, in characters; the body of a message has room for about a thousand.
const TEXT_CHARS_MAX: u32 = 300;

fn source_name(position: usize) -> String {
    format!("source_{position}")
}

fn text_name(position: usize) -> String {
    format!("text_{position}")
}

/// How a variable is filled at first: as it was saved, or a guess from its name.
pub(super) fn at_first(
    slots: &[VariableSlot],
    saved: &VariableMapping,
    fields: &[ContactField],
) -> Vec<VariableSource> {
    if saved.0.len() == slots.len() {
        return saved.0.clone();
    }
    slots.iter().map(|slot| guess(slot, fields)).collect()
}

fn guess(slot: &VariableSlot, fields: &[ContactField]) -> VariableSource {
    let key = slot.key.to_lowercase();
    let of = |field: ContactField| VariableSource::Field { field, fallback: None };
    let same_name = fields
        .iter()
        .find(|field| matches!(field, ContactField::Attribute(name) if name.to_lowercase() == key));
    match (same_name, key.as_str()) {
        (Some(field), _) => of(field.clone()),
        (None, "name" | "full_name") => of(ContactField::Name),
        (None, "email") => of(ContactField::Email),
        (None, "phone") => of(ContactField::Phone),
        // The first value of a text without names is most often the person's.
        (None, "1") if slot.place == VariablePlace::Body => of(ContactField::FirstName),
        (None, key) if key.contains("name") => of(ContactField::FirstName),
        _ => VariableSource::Fixed { text: String::new() },
    }
}

/// How a field is called, as on the pages of contacts.
fn field_words(field: &ContactField) -> String {
    match field {
        ContactField::Attribute(key) => {
            key.parse::<AttributeKey>().map_or_else(|_| key.clone(), |key| key.heading())
        }
        other => other.label().to_owned(),
    }
}

fn choices(fields: &[ContactField]) -> Vec<SelectOption> {
    let mut choices: Vec<SelectOption> =
        fields.iter().map(|field| SelectOption::new(field.to_string(), field_words(field))).collect();
    choices.push(SelectOption::new(FIXED, "The same text for everybody"));
    choices
}

/// The fields of every variable, in the order of the template.
pub(super) fn variable_fields(
    slots: &[VariableSlot],
    sources: &[VariableSource],
    fields: &[ContactField],
    form: &FormState,
) -> impl IntoView + use<> {
    slots
        .iter()
        .zip(sources)
        .enumerate()
        .map(|(position, (slot, source))| {
            let (source_name, text_name) = (source_name(position), text_name(position));
            let chosen = match source {
                VariableSource::Field { field, .. } => field.to_string(),
                VariableSource::Fixed { .. } => FIXED.to_owned(),
            };
            let fixed = chosen == FIXED;
            let mut choices = choices(fields);
            // A field that no contact has any more is still what was chosen.
            if !choices.iter().any(|choice| choice.value == chosen) {
                choices.insert(0, SelectOption::new(chosen.clone(), chosen.trim_start_matches("attribute:")));
            }
            let help =
                slot.example.as_ref().map(|example| format!("In WhatsApp’s example it is “{example}”."));
            view! {
                <fieldset class="fieldset cols-2">
                    <legend class="vh">{slot.label()}</legend>
                    <SelectField
                        label=slot.label()
                        name=source_name.clone()
                        options=choices
                        value=form.value_or(&source_name, chosen)
                        help=help
                        error=form.error(&source_name)
                    />
                    <TextField
                        label=if fixed { "The text" } else { "If it is empty" }
                        name=text_name.clone()
                        value=form.value_or(&text_name, source.fallback())
                        optional=!fixed
                        maxlength=TEXT_CHARS_MAX
                        error=form.error(&text_name)
                    />
                </fieldset>
            }
        })
        .collect_view()
}

/// Reads the fields of every variable. `None` notes what is wrong.
pub(super) fn read(form: &mut PostedForm, slots: &[VariableSlot]) -> Option<VariableMapping> {
    let mut sources = Vec::with_capacity(slots.len());
    for (position, slot) in slots.iter().enumerate() {
        let (source_name, text_name) = (source_name(position), text_name(position));
        let source = form.text(&source_name);
        let text = form.text(&text_name);
        let empty = clean_value(&text).is_empty();
        if source == FIXED && empty {
            form.error(&text_name, format!("Write the text for {}.", slot.label()));
        } else if source == FIXED {
            sources.push(VariableSource::Fixed { text });
        } else if let Ok(field) = source.parse::<ContactField>() {
            sources.push(VariableSource::Field { field, fallback: Some(text).filter(|_| !empty) });
        } else {
            form.error(&source_name, format!("Choose what fills {}.", slot.label()));
        }
    }
    (sources.len() == slots.len()).then_some(VariableMapping(sources))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(key: &str) -> VariableSlot {
        VariableSlot { place: VariablePlace::Body, key: key.to_owned(), example: None }
    }

    #[test]
    fn a_guess_follows_the_name_of_the_variable() {
        let fields = [ContactField::FirstName, ContactField::Attribute("City".to_owned())];
        let guessed = |key: &str| match guess(&slot(key), &fields) {
            VariableSource::Field { field, .. } => field.to_string(),
            VariableSource::Fixed { .. } => FIXED.to_owned(),
        };
        assert_eq!(guessed("1"), "first_name");
        assert_eq!(guessed("2"), FIXED);
        assert_eq!(guessed("first_name"), "first_name");
        assert_eq!(guessed("city"), "attribute:City");
        assert_eq!(guessed("email"), "email");
        let in_header = VariableSlot { place: VariablePlace::Header, ..slot("1") };
        assert!(matches!(guess(&in_header, &fields), VariableSource::Fixed { .. }));
    }

    #[test]
    fn what_was_saved_for_this_template_stays() {
        let saved = VariableMapping(vec![VariableSource::Fixed { text: "Porto".to_owned() }]);
        assert_eq!(at_first(&[slot("1")], &saved, &[]), saved.0);
        assert_eq!(at_first(&[slot("1"), slot("2")], &saved, &[]).len(), 2);
    }
}
