//! Parts of tables. The rows themselves are plain `<tr>` and `<td>`; these are the classes they use:
//!
//! - `main` the link that opens the row, `sub-line` a second line, `end` figures, `shrink` as narrow as its content
//! - `col-3` on `th` and `td`: goes first when the card gets narrow, and `col-2` after it
//! - in a [`Table`] with `cards`, for when rows become cards: `cell-top`, `cell-full` (a line of its own),
//!   `cell-hide` (left out)
//! - a checkbox with the class `pick` that stands directly in its cell tints the row while it is ticked

use leptos::prelude::*;

use super::{
    avatar::{Avatar, Hue},
    icon::{Glyph, Icon},
    tone::classes,
};

/// How high the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// 44 units.
    #[default]
    Normal,
    /// 52 units: two lines.
    Tall,
    /// 36 units: controls in cells.
    Dense,
}

/// A table in its scrolling, focusable region.
#[component]
pub fn Table(
    /// What the table holds.
    #[prop(into)]
    label: String,
    /// How high the rows are.
    #[prop(optional)]
    rows: Rows,
    /// Rows become cards when the card around is narrow.
    #[prop(optional)]
    cards: bool,
    /// The rows are being replaced; the old ones stay, fainter.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// `<thead>` and `<tbody>`.
    children: Children,
) -> impl IntoView {
    let rows = match rows {
        Rows::Normal => "",
        Rows::Tall => "table-tall",
        Rows::Dense => "table-dense",
    };
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label=format!("{label}, table")>
            <table
                class=classes(&["table", rows, if cards { "cards" } else { "" }, &class])
                aria-busy=move || busy.get().then_some("true")
            >
                {children()}
            </table>
        </div>
    }
    .into_any()
}

/// How a column sorts the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sorting {
    /// It could; the link makes it so.
    Possible(String),
    /// From small to large; the link turns it round.
    Ascending(String),
    /// From large to small; the link turns it round.
    Descending(String),
}

/// The head of a column by which the table can be sorted.
#[component]
pub fn SortHeader(
    /// The name of the column.
    #[prop(into)]
    label: String,
    /// How it sorts now, and where the other way is.
    sorting: Sorting,
    /// Further classes: `end` for figures.
    #[prop(optional, into)]
    class: String,
) -> impl IntoView {
    let (state, href, arrow) = match sorting {
        Sorting::Possible(href) => (None, href, None),
        Sorting::Ascending(href) => (Some("ascending"), href, Some("icon-up")),
        Sorting::Descending(href) => (Some("descending"), href, Some("")),
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            <a class="sort" href=href>
                {label}
                {arrow.map(|class| view! { <Glyph icon=Icon::Down class=class/> })}
            </a>
        </th>
    }
    .into_any()
}

/// A person in a row: initials, the name as the link that opens the row, an address below.
#[component]
pub fn PersonCell(
    /// The name, or an address where there is none.
    #[prop(into)]
    name: String,
    /// Where the row leads.
    #[prop(into)]
    href: String,
    /// The line below.
    #[prop(optional, into)]
    detail: String,
    /// Usually `Hue::of(id)`.
    hue: Hue,
) -> impl IntoView {
    view! {
        <div class="row row-3">
            <Avatar name=name.clone() hue=hue/>
            <div class="min0">
                <a class="main" href=href>
                    {name}
                </a>
                <small class="num">{detail}</small>
            </div>
        </div>
    }
    .into_any()
}

/// What a cell shows when there is no figure yet.
#[component]
pub fn NotYet(
    /// Why, for assistive technology.
    #[prop(optional, into, default = "not yet".into())]
    reason: String,
) -> impl IntoView {
    view! {
        <span class="t-3" aria-hidden="true">
            "–"
        </span>
        <span class="vh">{reason}</span>
    }
    .into_any()
}
