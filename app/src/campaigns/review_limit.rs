//! What the limit of the business portfolio means for the campaign under review.

use domain::channel::DailyLimit;
use service::campaigns::Preflight;
use service::channel_accounts::{Forecast, WhatsAppNumber};

use super::times::Times;
use crate::ui::format::count;

/// What happens to those for whom there is no place at once: a title and a text. `None` if there are none.
pub(super) fn rest(found: &Preflight, is_planned: bool, times: Times) -> Option<(&'static str, String)> {
    let most = found.allowance.as_ref()?.people_max?;
    let Forecast { at_once, rest: Some((rest, from)), .. } = found.forecast? else { return None };
    let limit = format!(
        "WhatsApp lets your business write to {} people in 24 hours, over all its numbers.",
        count(most.into())
    );
    let Some(from) = from else {
        let title = "WhatsApp lets your business write to nobody at the moment";
        return Some((
            title,
            "They wait until it does. See at Meta what is wrong with the account.".to_owned(),
        ));
    };
    let from = times.near(from);
    let text = match at_once {
        0 => format!("{limit} All of it is used; the first of the {} go out {from}.", count(rest)),
        at_once => {
            let first = if is_planned { "at first" } else { "today" };
            format!("{} {first}, the other {} from {from}. {limit}", count(at_once), count(rest))
        }
    };
    Some(("Not everybody can be written to at once", text))
}

/// What is left of the limit after the campaign, and of how much.
pub(super) fn left_after(found: &Preflight, number: Option<&WhatsAppNumber>) -> (String, String) {
    let limited = found.allowance.as_ref().and_then(|allowance| allowance.people_max.zip(allowance.left()));
    if let Some((most, left)) = limited {
        let left = left.saturating_sub(u64::try_from(found.eligible).unwrap_or(0));
        return (count(left), format!("of {} people in 24 hours", count(most.into())));
    }
    let word = number.and_then(|number| number.messaging_limit.as_deref());
    match word.and_then(DailyLimit::of_whatsapp_tier) {
        Some(DailyLimit::Unlimited) => {
            ("No limit".to_owned(), "WhatsApp does not count this number".to_owned())
        }
        _ => ("–".to_owned(), "WhatsApp has not said its limit".to_owned()),
    }
}
