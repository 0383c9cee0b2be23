//! The first step of the composer: the name of the campaign and who sends it.

use leptos::prelude::*;
use service::channel_accounts::ChannelAccount;

use crate::forms::FormState;
use crate::ui::button::ButtonLink;
use crate::ui::card::{Card, CardBody};
use crate::ui::chip::ChannelMark;
use crate::ui::choice::{Checkbox, ChoiceCard, ChoiceGroup};
use crate::ui::empty::Empty;
use crate::ui::field::TextField;
use crate::ui::form_errors::FormErrors;
use crate::ui::format::count;
use crate::ui::icon::Icon;

/// The name of the campaign and its senders.
pub(super) fn sender_fields(
    form: &FormState,
    name: String,
    chosen: String,
    further: &[String],
    senders: &[ChannelAccount],
) -> impl IntoView + use<> {
    let chosen = form.value_or("sender", chosen);
    let choices = if senders.is_empty() {
        let connect = view! {
            <ButtonLink href="/channels" icon=Icon::Plug>
                "Connect a sender"
            </ButtonLink>
        }
        .into_any();
        view! {
            <Empty
                small=true
                icon=Icon::Plug
                title="No sender yet"
                text="A campaign leaves from a WhatsApp number of yours. Connect one, then choose it here."
                actions=connect
            />
        }
        .into_any()
    } else {
        let cards = senders.iter().map(|sender| sender_card(sender, &chosen)).collect_view();
        let wrong = form.error("sender");
        view! {
            <CardBody>
                <ChoiceGroup legend="Sender" legend_hidden=true id="sender" error=wrong>
                    <div class="pick-list">{cards}</div>
                </ChoiceGroup>
            </CardBody>
        }
        .into_any()
    };
    let together = further_card(form, further, senders);
    let (name, wrong) = (form.value_or("name", name), form.error("name"));
    view! {
        <FormErrors errors=form.errors()/>
        <Card id="name-card" title="Campaign" untitled=true>
            <CardBody>
                <TextField
                    label="Name"
                    name="name"
                    value=name
                    maxlength=120_u32
                    autocomplete="off"
                    help="Only your team sees it."
                    error=wrong
                />
            </CardBody>
        </Card>
        <Card id="sender-card" title="Sender" hint="The number that people see">
            {choices}
        </Card>
        {together}
    }
}

/// Which senders share the sending with the main one; nothing to choose with a single one.
fn further_card(form: &FormState, further: &[String], senders: &[ChannelAccount]) -> Option<AnyView> {
    let able: Vec<&ChannelAccount> =
        senders.iter().filter(|sender| sender.state.cannot_send().is_none()).collect();
    if able.len() < 2 {
        return None;
    }
    let boxes = able
        .into_iter()
        .map(|sender| {
            let id = sender.id.to_string();
            let number = sender.whatsapp.as_ref().map(|number| number.display_phone_number.as_str());
            let rate = count(sender.plan.rate_per_second.get().into());
            let hint = format!("{} · at most {rate} a second", number.unwrap_or_default());
            let (checked, name) = (further.contains(&id), sender.name.clone());
            view! {
                <Checkbox name="further" id=format!("further-{id}") value=id hint=hint checked=checked>
                    {name}
                </Checkbox>
            }
        })
        .collect_view();
    let wrong = form.error("further");
    let card = view! {
        <Card id="further-card" title="Send side by side" hint="Optional, for large audiences">
            <CardBody>
                <p class="t-2 s-13">
                    "Senders ticked here share the audience with the one above, so that it is done sooner. Each person hears from one of them."
                </p>
                <ChoiceGroup legend="Further senders" legend_hidden=true id="further" error=wrong>
                    <div class="stack stack-3">{boxes}</div>
                </ChoiceGroup>
            </CardBody>
        </Card>
    };
    Some(card.into_any())
}

fn sender_card(sender: &ChannelAccount, chosen: &str) -> impl IntoView + use<> {
    let id = sender.id.to_string();
    let refused = sender.state.cannot_send();
    let number =
        sender.whatsapp.as_ref().map(|number| number.display_phone_number.as_str()).unwrap_or_default();
    let hint = match &refused {
        Some(why) => format!("{number} · cannot send. {why}"),
        None => format!("{number} · at most {} a second", count(sender.plan.rate_per_second.get().into())),
    };
    view! {
        <ChoiceCard
            name="sender"
            value=id.clone()
            title=sender.name.clone()
            hint=hint
            checked=refused.is_none() && id == chosen
            disabled=refused.is_some()
            channel=ChannelMark::WhatsApp
        />
    }
}
