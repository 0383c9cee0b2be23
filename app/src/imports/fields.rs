//! The fields of an import's form, read into what the use case takes.

use domain::address::country::CountryCode;
use domain::contact::{ConsentProof, ListName, ProofError};
use domain::import::{ColumnMapping, Mapping, Target};
use service::imports::{ImportRequest, ListChoice};

use super::rules::{NEW_LIST, NONE};
use super::{COLUMNS_MAX, heading_field, target_field};
use crate::forms::PostedForm;
use crate::page::percent_encode;

/// Reads the mapping: none if the form holds no column. `Err` notes what is wrong.
pub(super) fn mapping(form: &mut PostedForm) -> Result<Option<Mapping>, ()> {
    let mut columns = Vec::new();
    for column in 0..COLUMNS_MAX {
        let (Some(heading), Some(target)) =
            (form.all(&heading_field(column)).pop(), form.all(&target_field(column)).pop())
        else {
            break;
        };
        let target = target.parse::<Target>().map_err(|error| form.error("", sentence(&error)))?;
        columns.push(ColumnMapping { heading, target });
    }
    if columns.is_empty() {
        return Ok(None);
    }
    Mapping::new(columns).map(Some).map_err(|error| form.error("", sentence(&error)))
}

/// The mapping and the country as a query, so that the page of a refused form shows them again.
pub(super) fn repeated(form: &PostedForm) -> String {
    let mut query = Vec::new();
    let mut repeat = |name: &str| {
        let value = form.all(name).pop();
        query.extend(value.as_ref().map(|value| format!("{name}={}", percent_encode(value))));
        value.is_some()
    };
    repeat("country");
    for column in 0..COLUMNS_MAX {
        if !repeat(&heading_field(column)) || !repeat(&target_field(column)) {
            break;
        }
    }
    query.join("&")
}

/// Reads everything. `None` notes what is wrong.
pub(super) fn request(form: &mut PostedForm, file_name: &str) -> Option<ImportRequest> {
    let mapping = mapping(form);
    let country = form.text("country").parse::<CountryCode>().ok();
    let list = list(form, file_name);
    let proof = proof(form);
    Some(ImportRequest {
        file_name: file_name.to_owned(),
        mapping: mapping.ok()??,
        default_country: country,
        list: list?,
        proof: proof?,
    })
}

fn list(form: &mut PostedForm, file_name: &str) -> Option<ListChoice> {
    let (choice, name) = (form.text("list"), form.text("list_name"));
    match choice.as_str() {
        NONE => Some(ListChoice::None),
        NEW_LIST => {
            let name = if name.is_empty() { list_name(file_name) } else { name };
            match name.parse::<ListName>() {
                Ok(name) => Some(ListChoice::Named(name)),
                Err(error) => {
                    form.error("list_name", sentence(&error));
                    None
                }
            }
        }
        id => match id.parse() {
            Ok(id) => Some(ListChoice::Existing(id)),
            Err(_) => {
                form.error("list", "Choose a list.");
                None
            }
        },
    }
}

/// What a list is called that gets no other name: the file's, without its ending.
pub(super) fn list_name(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let words = stem.replace(['_', '-'], " ");
    words.chars().take(ListName::LENGTH_MAX).collect()
}

fn proof(form: &mut PostedForm) -> Option<Option<ConsentProof>> {
    let (source, wording) = (form.text("source"), form.text("wording"));
    if form.text("consent") != "agreed" {
        return Some(None);
    }
    match ConsentProof::new(&source, &wording) {
        Ok(proof) => Some(Some(proof)),
        Err(ProofError::NoSource) => {
            form.error("source", "Say where these people agreed: a form, a page, a conversation.");
            None
        }
        Err(error) => {
            form.error("wording", sentence(&error));
            None
        }
    }
}

/// A reason as a sentence.
pub(super) fn sentence(reason: &impl std::fmt::Display) -> String {
    let reason = reason.to_string();
    let mut characters = reason.chars();
    let start = characters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let stop = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{start}{}{stop}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_called_like_its_file() {
        assert_eq!(list_name("recall-list_november.csv"), "recall list november");
        assert_eq!(list_name("people"), "people");
    }
}
