//! The fields of a person's forms, read into what use cases take.

use domain::address::country::CountryCode;
use domain::address::{Address, EmailAddress, PhoneNumber};
use domain::contact::{AttributeKey, AttributeValue, Attributes, ConsentProof, ProofError};

use crate::forms::PostedForm;

/// What stands before the key in the name of a field that holds an attribute.
pub(super) const ATTRIBUTE_PREFIX: &str = "attribute-";

/// Reads an address that a page of ours put into hidden fields.
pub(super) fn hidden_address(form: &mut PostedForm) -> Option<Address> {
    let (kind, value) = (form.text("kind"), form.text("value"));
    match kind.as_str() {
        "phone" => value.parse().ok().map(Address::Phone),
        "email" => value.parse().ok().map(Address::Email),
        "whatsapp_user" if !value.is_empty() => Some(Address::WhatsappUser(value)),
        _ => None,
    }
}

/// Reads a field that takes a phone number or an email address. `None` notes what is wrong.
pub(super) fn typed_address(
    form: &mut PostedForm,
    name: &str,
    country: Option<CountryCode>,
) -> Option<Address> {
    let text = form.text(name);
    if text.contains('@') {
        return form.parse::<EmailAddress>(name).map(Address::Email);
    }
    phone(form, name, country)?.map(Address::Phone)
}

/// Reads a phone number; a number without a country code is one of `country`. `None` notes what is wrong.
pub(super) fn phone(
    form: &mut PostedForm,
    name: &str,
    country: Option<CountryCode>,
) -> Option<Option<PhoneNumber>> {
    let text = form.text(name);
    if text.is_empty() {
        return Some(None);
    }
    match PhoneNumber::parse(&text, country) {
        Ok(parsed) => Some(Some(parsed.number)),
        Err(wrong) => {
            form.error(name, format!("{}.", super::forms::capital(&wrong.to_string())));
            None
        }
    }
}

/// Reads where and to what somebody agreed, if the form says that somebody did. `None` notes what is wrong.
pub(super) fn proof(form: &mut PostedForm) -> Option<Option<ConsentProof>> {
    let (source, wording) = (form.text("source"), form.text("wording"));
    if form.text("consent") != "agreed" {
        return Some(None);
    }
    match ConsentProof::new(&source, &wording) {
        Ok(proof) => Some(Some(proof)),
        Err(error) => {
            let field = if matches!(error, ProofError::NoSource) { "source" } else { "wording" };
            form.error(
                field,
                format!("{}: a form, a page, a conversation.", super::forms::capital(&error.to_string())),
            );
            None
        }
    }
}

/// Reads the attributes of a form: those it names, and a new one. `None` notes what is wrong.
pub(super) fn attributes(form: &mut PostedForm, keys: &[AttributeKey]) -> Option<Attributes> {
    let mut attributes = Attributes::new();
    let mut is_right = true;
    for key in keys {
        let name = format!("{ATTRIBUTE_PREFIX}{key}");
        is_right &= keep(form, &name, key.clone(), &mut attributes);
    }
    let (heading, value) = (form.text("new_field"), form.text("new_value"));
    if !heading.is_empty() || !value.is_empty() {
        match AttributeKey::from_heading(&heading) {
            Ok(key) => is_right &= keep(form, "new_value", key, &mut attributes),
            Err(error) => {
                form.error("new_field", format!("{}.", super::forms::capital(&error.to_string())));
                is_right = false;
            }
        }
    }
    is_right.then_some(attributes)
}

/// An empty field means that the person has no such attribute.
fn keep(form: &mut PostedForm, name: &str, key: AttributeKey, attributes: &mut Attributes) -> bool {
    let text = form.text(name);
    if text.is_empty() {
        return true;
    }
    match text.parse::<AttributeValue>() {
        Ok(value) => {
            attributes.insert(key, value);
            true
        }
        Err(error) => {
            form.error(name, format!("{}.", super::forms::capital(&error.to_string())));
            false
        }
    }
}
