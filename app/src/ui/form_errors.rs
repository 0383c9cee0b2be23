//! What is wrong with a form, above it.

use leptos::prelude::*;

use super::{
    format::plural,
    icon::{Glyph, Icon},
};

/// One mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    /// The id of the field, without `#`. Empty if the mistake belongs to the whole form.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl FieldError {
    /// A mistake in one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// The first message for a field, to be shown beside it.
    #[must_use]
    pub fn of(errors: &[Self], field: &str) -> Option<String> {
        errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
    }
}

/// The list of mistakes, with links to the fields. Renders nothing if there are none. After a failed post the
/// browser starts here, because it is marked as the element to focus.
#[component]
pub fn FormErrors(
    /// The mistakes, in the order of the fields.
    errors: Vec<FieldError>,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let title = format!("{} to fix", plural(errors.len() as u64, "thing", "things"));
        let rows = errors
            .into_iter()
            .map(|error| {
                let message = if error.field.is_empty() {
                    error.message.into_any()
                } else {
                    view! { <a href=format!("#{}", error.field)>{error.message}</a> }.into_any()
                };
                view! { <li>{message}</li> }
            })
            .collect_view();
        view! {
            <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
                <h2>
                    <Glyph icon=Icon::Warn/>
                    {title}
                </h2>
                <ul>{rows}</ul>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_finds_its_own_error() {
        let errors = [FieldError::new("phone", "Too short"), FieldError::new("", "Nobody is left")];
        assert_eq!(FieldError::of(&errors, "phone").as_deref(), Some("Too short"));
        assert_eq!(FieldError::of(&errors, "email"), None);
    }
}
