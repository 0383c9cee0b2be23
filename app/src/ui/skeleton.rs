//! The shape of rows that are being fetched. Islands show it only after 300 ms; server pages need none.

use leptos::prelude::*;

/// Rows with a disc, a name and a figure.
#[component]
pub fn SkeletonRows(
    /// What is being fetched: "Loading recipients".
    #[prop(into)]
    label: String,
    /// How many rows.
    rows: usize,
) -> impl IntoView {
    let rows = (0..rows)
        .map(|_| {
            view! {
                <div class="row">
                    <span class="skeleton skeleton-round"></span>
                    <span class="skeleton"></span>
                    <span class="skeleton skeleton-short push"></span>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="stack stack-3" role="status" aria-busy="true">
            <span class="vh">{label}</span>
            {rows}
        </div>
    }
    .into_any()
}
