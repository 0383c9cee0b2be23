//! Where the pages of contacts are.

use domain::ids::{ContactId, ListId};

use crate::shell::SubPage;

pub(crate) const PEOPLE_PATH: &str = "/contacts";
pub(crate) const NEW_PATH: &str = "/contacts/new";
pub(crate) const LISTS_PATH: &str = "/contacts/lists";
pub(crate) const IMPORTS_PATH: &str = "/contacts/imports";
pub(crate) const IMPORT_PATH: &str = "/contacts/import";
pub(crate) const SUPPRESSIONS_PATH: &str = "/contacts/suppressions";

/// The page of a person.
pub(crate) fn contact_path(id: ContactId) -> String {
    format!("{PEOPLE_PATH}/{id}")
}

/// The people on a list.
pub(crate) fn list_path(id: ListId) -> String {
    format!("{PEOPLE_PATH}?list={id}")
}

/// Which page of the section is on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    People,
    Lists,
    Imports,
    Suppressions,
}

/// The pages of the section, for the navigation.
pub(crate) fn sub_pages(here: Place) -> Vec<SubPage> {
    [
        (Place::People, "People", PEOPLE_PATH),
        (Place::Lists, "Lists", LISTS_PATH),
        (Place::Imports, "Imports", IMPORTS_PATH),
        (Place::Suppressions, "Suppressions", SUPPRESSIONS_PATH),
    ]
    .into_iter()
    .map(|(place, label, href)| SubPage { label: label.into(), href: href.into(), current: place == here })
    .collect()
}
