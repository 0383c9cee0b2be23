//! The addresses of a person: consent with its proof, and what members may record.

use domain::address::{Address, AddressKind};
use domain::contact::{Consent, SuppressionReason};
use leptos::prelude::*;
use service::contacts::ContactAddress;

use super::detail::Person;
use super::forms::{add_address_path, consent_path, opt_out_path};
use super::words::{kind_word, reason_word, spoken, standing_chip};
use crate::forms::FormState;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::card::{Card, CardFoot};
use crate::ui::chip::{Bullet, ChannelGlyph, ChannelMark, MarkSize};
use crate::ui::dialog::{Dialog, DialogBody, DialogButton, DialogFoot};
use crate::ui::field::{TextArea, TextField};
use crate::ui::icon::Icon;
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::tone::Tone;

impl Person {
    pub(super) fn consent_card(&self) -> AnyView {
        let cards = self
            .contact
            .addresses
            .iter()
            .enumerate()
            .map(|(index, address)| self.proof_card(index, address))
            .collect_view();
        let id = self.contact.id;
        let form = FormState::of(&add_address_path(id));
        let add = self.may_change.then(|| {
            view! {
                <CardFoot>
                    <form method="post" action=add_address_path(id) class="row grow">
                        <input
                            class="input grow"
                            name="address"
                            aria-label="Another number or email address"
                            placeholder="Another number or email"
                            value=form.value("address")
                            required=true
                        />
                        <Button size=Size::S>"Add"</Button>
                    </form>
                </CardFoot>
            }
        });
        view! {
            <Card id="consent-proof" title="Consent, with proof">
                {cards}
                {add}
            </Card>
        }
        .into_any()
    }

    fn proof_card(&self, index: usize, address: &ContactAddress) -> AnyView {
        let mut facts = Vec::new();
        if let Some(at) = address.consent_changed_at {
            let key = if address.consent == Consent::Withdrawn { "Withdrawn" } else { "Agreed" };
            facts.push(Fact::new(key, self.moments.date_time(at)));
        }
        if let Some(source) = address.consent_source.clone() {
            facts.push(Fact::new("Where", source));
        }
        // An opt-out is told already, by the consent that was withdrawn.
        let is_told =
            |reason| reason == SuppressionReason::Unsubscribed && address.consent == Consent::Withdrawn;
        if let Some((reason, source, at)) = &address.suppression
            && !is_told(*reason)
        {
            facts.push(Fact::new("Never sent to", format!("{}: {source}", reason_word(*reason))));
            facts.push(Fact::new("Since", self.moments.date_time(*at)));
        }
        if let Some(region) = address.region {
            facts.push(Fact::new("Country", region.name()));
        }
        let facts = (!facts.is_empty()).then(|| view! { <KeyValues facts=facts/> });
        let wording = address.consent_wording.clone().map(|wording| view! { <p class="quote">{wording}</p> });
        let mark = match address.address.kind() {
            AddressKind::Phone | AddressKind::WhatsappUser => {
                view! { <ChannelGlyph channel=ChannelMark::WhatsApp size=MarkSize::S/> }.into_any()
            }
            AddressKind::Email => {
                view! { <Bullet tone=Tone::Neutral icon=Icon::Mail size=MarkSize::S/> }.into_any()
            }
        };
        let chip = standing_chip(address.consent, address.suppression.is_some());
        let actions = self.may_change.then(|| self.address_actions(index, address));
        view! {
            <div class="proofcard">
                <header>
                    {mark}
                    <b class="medium s-13 num ellipsis" title=kind_word(address.address.kind())>
                        {spoken(&address.address)}
                    </b>
                    <span class="push">{chip}</span>
                </header>
                {facts}
                {wording}
                {actions}
            </div>
        }
        .into_any()
    }

    fn address_actions(&self, index: usize, address: &ContactAddress) -> AnyView {
        let id = self.contact.id;
        let may_confirm = matches!(address.consent, Consent::None | Consent::Pending);
        let confirm = may_confirm.then(|| {
            view! {
                <DialogButton dialog=format!("agree-{index}") size=Size::S>
                    "Record consent…"
                </DialogButton>
            }
        });
        let opt_out = (address.consent != Consent::Withdrawn).then(|| {
            view! {
                <form method="post" action=opt_out_path(id)>
                    {hidden(&address.address)}
                    <Button size=Size::S variant=Variant::Ghost>
                        "They asked us to stop"
                    </Button>
                </form>
            }
        });
        let stays = (address.consent == Consent::Withdrawn).then(
            || view! { <p class="s-12 t-3">"Only the person can take this back. No import changes it."</p> },
        );
        view! {
            <div class="row wrap">{confirm} {opt_out}</div>
            {stays}
        }
        .into_any()
    }

    pub(super) fn consent_dialogs(&self) -> AnyView {
        let id = self.contact.id;
        let dialogs = self.contact.addresses.iter().enumerate();
        let dialogs =
            dialogs.filter(|(_, address)| matches!(address.consent, Consent::None | Consent::Pending));
        dialogs
            .map(|(index, address)| {
                let title = format!("{} agreed to messages at {}?", self.name, spoken(&address.address));
                let hidden = hidden(&address.address);
                view! {
                    <Dialog
                        id=format!("agree-{index}")
                        title=title
                        text="Your answer is kept with the address as proof."
                    >
                        <form method="post" action=consent_path(id)>
                            {hidden}
                            <input type="hidden" name="consent" value="agreed"/>
                            <DialogBody>
                                <TextField
                                    label="Where they agreed"
                                    name="source"
                                    id=format!("source-{index}")
                                    placeholder="Paper form at reception"
                                    maxlength=200
                                />
                                <TextArea
                                    label="Wording they saw"
                                    name="wording"
                                    id=format!("wording-{index}")
                                    optional=true
                                    maxlength=2000
                                />
                            </DialogBody>
                            <DialogFoot>
                                <Button variant=Variant::Primary>"Record consent"</Button>
                            </DialogFoot>
                        </form>
                    </Dialog>
                }
            })
            .collect_view()
            .into_any()
    }
}

fn hidden(address: &Address) -> AnyView {
    view! {
        <input type="hidden" name="kind" value=address.kind().as_str()/>
        <input type="hidden" name="value" value=address.as_str().to_owned()/>
    }
    .into_any()
}
