//! Senders, with one that needs a hand.

use app::ui::{
    banner::Banner,
    button::{Button, ButtonLink, Size, Variant},
    chip::{ChannelGlyph, ChannelMark, Chip, Mark, MarkSize},
    dialog::{Dialog, DialogBody, DialogFoot, DialogSize},
    field::TextField,
    icon::{Glyph, Icon, IconSize},
    kv::{Fact, KeyValues, KeyValuesLayout},
    meter::Meter,
    page_head::{Page, PageHead},
    tone::Tone,
};
use leptos::prelude::*;

pub fn page() -> AnyView {
    let actions = view! {
        <ButtonLink href="#" variant=Variant::Primary icon=Icon::Plus class="grow-s">
            "Connect a number"
        </ButtonLink>
    }
    .into_any();
    let facts = vec![
        "2 senders".into_any(),
        "1 can send".into_any(),
        view! { <span class="t-danger">"1 signed out"</span> }.into_any(),
    ];
    view! {
        <Page>
            <PageHead title="Channels" facts=facts actions=actions/>
            <ul class="senders" aria-label="Senders">
                {healthy()} {broken()} <li>
                    <a class="card add" href="#">
                        <Glyph icon=Icon::Plus size=IconSize::L/>
                        <span class="medium t-1">"Connect a number"</span>
                        <span class="s-13">"WhatsApp"</span>
                    </a>
                </li>
            </ul>
            {connect()}
        </Page>
    }
    .into_any()
}

fn healthy() -> AnyView {
    let facts = vec![
        Fact::new(
            "Quality",
            view! {
                <span class="check-line">
                    <Glyph icon=Icon::Check size=IconSize::S class="t-positive"/>
                    "High"
                </span>
            },
        ),
        Fact::new("Speed", "80 a second"),
        Fact::new("Webhook", "12 s ago"),
        Fact::new("Token", "does not expire"),
    ];
    view! {
        <li class="card sender">
            <div class="sender-head">
                <ChannelGlyph channel=ChannelMark::WhatsApp size=MarkSize::L/>
                <h2>"Halden shop"</h2>
                <Chip tone=Tone::Positive mark=Mark::Icon(Icon::Check)>
                    "Can send"
                </Chip>
                <p class="s-12 t-3 ellipsis">"+47 555 50 187, Business Platform"</p>
            </div>
            <Meter label="New conversations, 24 h" used=1_164 limit=10_000/>
            <KeyValues facts=facts layout=KeyValuesLayout::Figures/>
            <div class="sender-foot">
                <span class="s-12 t-3">"Checked 1 min ago"</span>
                <span class="push row row-1">
                    <Button size=Size::S>"Check again"</Button>
                </span>
            </div>
        </li>
    }
    .into_any()
}

fn broken() -> AnyView {
    view! {
        <li class="card sender card-alert">
            <div class="sender-head">
                <ChannelGlyph channel=ChannelMark::WhatsApp size=MarkSize::L/>
                <h2>"Market stall"</h2>
                <Chip tone=Tone::Danger mark=Mark::Icon(Icon::Cross)>
                    "Signed out"
                </Chip>
                <p class="s-12 t-3 ellipsis">"+47 555 50 177, Business Platform"</p>
            </div>
            <Banner tone=Tone::Danger small=true>
                <p>
                    <strong>"Meta refused the token today at 08:12."</strong>
                    " 588 messages of "
                    <a class="quiet" href="#">
                        "Survey of members"
                    </a>
                    " wait."
                </p>
            </Banner>
            <div class="sender-foot">
                <Button variant=Variant::Primary size=Size::S icon=Icon::Key>
                    "Enter a new token"
                </Button>
            </div>
        </li>
    }
    .into_any()
}

/// Rendered open by the server, as without script.
fn connect() -> AnyView {
    view! {
        <Dialog
            id="connect"
            title="Connect a number"
            text="It is checked with Meta before anything is kept."
            size=DialogSize::M
            open_with_way_back="#channels"
        >
            <form method="post" action="#">
                <DialogBody>
                    <TextField label="Phone number id" name="phone_number_id" inputmode="numeric"/>
                    <TextField label="Business account id" name="waba_id" inputmode="numeric"/>
                    <TextField label="Token" name="token" help="Sealed before it is stored, and never shown again."/>
                </DialogBody>
                <DialogFoot context="Only owners and admins see this." way_back="#channels">
                    <Button variant=Variant::Primary>"Connect"</Button>
                </DialogFoot>
            </form>
        </Dialog>
    }
    .into_any()
}
