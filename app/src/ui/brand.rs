//! The mark and the name of the product.

use leptos::prelude::*;

/// The mark: three brass arcs that go out from one point.
#[component]
pub fn BrandMark() -> AnyView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
            <defs>
                <linearGradient id="brass" x1="0" y1="1" x2="1" y2="0">
                    <stop class="brass-from" offset="0"></stop>
                    <stop class="brass-to" offset="1"></stop>
                </linearGradient>
            </defs>
            <rect width="24" height="24" rx="6.5" fill="currentColor"></rect>
            <g fill="none" stroke="url(#brass)" stroke-width="2.1" stroke-linecap="round">
                <path d="M6.4 13.2a4.4 4.4 0 0 1 4.4 4.4"></path>
                <path d="M6.4 9.3a8.3 8.3 0 0 1 8.3 8.3"></path>
                <path d="M6.4 5.4a12.2 12.2 0 0 1 12.2 12.2"></path>
            </g>
            <circle cx="6.9" cy="17.1" r="1.65" fill="url(#brass)"></circle>
        </svg>
    }
    .into_any()
}

/// Mark and name as a link to the first page. Once per page: the gradient of the mark has an id.
#[component]
pub fn Brand(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// What the link is called, with its destination.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a class="brand" href=href aria-label=label>
            <BrandMark/>
            "Fanfare"
        </a>
    }
    .into_any()
}
