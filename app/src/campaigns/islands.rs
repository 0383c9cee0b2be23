//! What reacts in the browser.

use leptos::html::Div;
use leptos::prelude::*;

/// The live page of a campaign. The server draws everything in it; in the browser it keeps a line open and puts the
/// parts that the server sends in the place of those it shows. `data-line` says how new they are: `served` with the page,
/// `live`, `lost` while the line is down, `closed` for good.
#[island]
pub fn LiveCampaign(
    /// The id of the campaign.
    campaign: String,
    /// Which of its people the page shows, as a query.
    people: String,
    /// The page.
    children: Children,
) -> impl IntoView {
    let page = NodeRef::<Div>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(page) = page.get_untracked() {
            super::connection::keep_live(page.into());
        }
    });
    view! {
        <div class="page" node_ref=page data-campaign=campaign data-people=people data-line="served">
            {children()}
        </div>
    }
}
