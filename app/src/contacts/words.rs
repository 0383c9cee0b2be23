//! Consent and suppressions, as they are said.

use domain::address::{Address, AddressKind};
use domain::contact::{Consent, SuppressionReason};
use leptos::prelude::*;

use crate::ui::chip::{Chip, Mark};
use crate::ui::icon::Icon;
use crate::ui::tone::Tone;

/// Whether somebody agreed.
pub(super) fn consent_chip(consent: Consent) -> AnyView {
    let (tone, mark, word) = match consent {
        Consent::Confirmed => (Tone::Positive, Mark::Icon(Icon::Check), "Confirmed"),
        Consent::Pending => (Tone::Caution, Mark::Icon(Icon::Clock), "Pending"),
        Consent::Withdrawn => (Tone::Danger, Mark::Icon(Icon::Cross), "Withdrawn"),
        Consent::None => (Tone::Neutral, Mark::Ring, "None"),
    };
    view! {
        <Chip tone=tone mark=mark>
            {word}
        </Chip>
    }
    .into_any()
}

/// Consent, or why it does not matter: an address that is suppressed gets nothing.
pub(super) fn standing_chip(consent: Consent, suppressed: bool) -> AnyView {
    if !suppressed || consent == Consent::Withdrawn {
        return consent_chip(consent);
    }
    view! {
        <Chip tone=Tone::Danger mark=Mark::Icon(Icon::Shield)>
            "Never sent to"
        </Chip>
    }
    .into_any()
}

/// Why an address is never sent to.
pub(super) fn reason_chip(reason: SuppressionReason) -> AnyView {
    let (tone, icon) = match reason {
        SuppressionReason::Unsubscribed | SuppressionReason::Complaint => (Tone::Danger, Icon::Cross),
        SuppressionReason::HardBounce => (Tone::Danger, Icon::Mail),
        SuppressionReason::Manual => (Tone::Neutral, Icon::Hand),
    };
    view! {
        <Chip tone=tone mark=Mark::Icon(icon)>
            {reason_word(reason)}
        </Chip>
    }
    .into_any()
}

pub(super) const fn reason_word(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::Unsubscribed => "Opted out",
        SuppressionReason::HardBounce => "Bounced",
        SuppressionReason::Complaint => "Complained",
        SuppressionReason::Manual => "Added by hand",
    }
}

/// An address as people read it.
pub(super) fn spoken(address: &Address) -> String {
    match address {
        Address::Phone(phone) => phone.spaced(),
        Address::Email(email) => email.as_str().to_owned(),
        Address::WhatsappUser(id) => id.clone(),
    }
}

pub(super) const fn kind_word(kind: AddressKind) -> &'static str {
    match kind {
        AddressKind::Phone => "WhatsApp",
        AddressKind::Email => "Email",
        AddressKind::WhatsappUser => "WhatsApp, without a number",
    }
}
