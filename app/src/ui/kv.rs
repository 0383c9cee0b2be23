//! Facts as a list of keys and values.

use leptos::prelude::*;

use super::tone::classes;

/// One fact.
pub struct Fact {
    key: String,
    value: AnyView,
}

impl Fact {
    /// A fact with any content.
    pub fn new(key: impl Into<String>, value: impl IntoView + 'static) -> Self {
        Self { key: key.into(), value: value.into_any() }
    }
}

/// How a [`KeyValues`] is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyValuesLayout {
    /// Values start in a column of their own.
    #[default]
    Columns,
    /// Values stand at the end, for figures.
    Figures,
}

/// Keys in grey, values in black. Long values wrap.
#[component]
pub fn KeyValues(
    /// The facts.
    facts: Vec<Fact>,
    /// The layout.
    #[prop(optional)]
    layout: KeyValuesLayout,
) -> impl IntoView {
    let layout = match layout {
        KeyValuesLayout::Columns => "",
        KeyValuesLayout::Figures => "kv-tight kv-end",
    };
    let facts = facts
        .into_iter()
        .map(|fact| {
            view! {
                <dt>{fact.key}</dt>
                <dd>{fact.value}</dd>
            }
        })
        .collect_view();
    view! { <dl class=classes(&["kv", layout])>{facts}</dl> }.into_any()
}
