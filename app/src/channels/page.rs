//! The senders of the workspace.

use domain::channel::AccountState;
use domain::workspace::Permission;
use leptos::prelude::*;
use service::access::Read;
use service::channel_accounts::{self, ChannelAccount};

use super::card::SenderCard;
use super::connect::{CONNECT_PATH, setup_gap};
use super::state::{Moments, Standing};
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::Section;
use crate::ui::banner::Banner;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::empty::Empty;
use crate::ui::format::plural;
use crate::ui::icon::{Glyph, Icon, IconSize};
use crate::ui::page_head::{Page, PageHead};
use crate::ui::tone::Tone;

/// A card per sender: whether it can send, and how much.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let moments = Moments::of(&request, &access).await?;
        let services = &request.services;
        let (may_administer, may_send) =
            (access.role().may(Permission::Administer), access.role().may(Permission::Send));
        let accounts = channel_accounts::list(services, &access).await?;
        let facts = summary(&accounts);
        let mut cards = Vec::with_capacity(accounts.len());
        for account in accounts {
            let sent = channel_accounts::handed_over_today(services, &access, account.id).await?;
            let allowance = channel_accounts::allowance(services, &access, account.id).await?;
            cards.push(SenderCard {
                account,
                allowance,
                sent_today: u64::try_from(sent).unwrap_or(0),
                ends_are_known: channel_accounts::knows_token_ends(services),
                moments,
                may_administer,
                may_send,
            });
        }
        let gap = setup_gap(&channel_accounts::webhook_setup(services));
        let view = page(cards, facts, gap, may_administer);
        Ok(Screen::new(Section::Channels, "Channels", view))
    })
}

fn page(
    cards: Vec<SenderCard>,
    facts: Vec<AnyView>,
    gap: Option<String>,
    may_administer: bool,
) -> impl IntoView {
    let mistakes: Vec<_> = cards
        .iter()
        .filter_map(|card| FormState::of(&super::forms::check_path(card.account.id)).error(""))
        .map(|error| {
            view! {
                <Banner tone=Tone::Danger alert=true>
                    {error}
                </Banner>
            }
        })
        .collect();
    let actions = (may_administer && !cards.is_empty()).then(|| {
        view! {
            <ButtonLink href=CONNECT_PATH variant=Variant::Primary icon=Icon::Plus class="grow-s">
                "Connect a sender"
            </ButtonLink>
        }
        .into_any()
    });
    let gap = gap.filter(|_| !cards.is_empty()).map(|gap| {
        view! {
            <Banner tone=Tone::Caution>
                <strong>"Delivery reports and replies do not arrive yet. "</strong>
                {gap}
            </Banner>
        }
    });
    let content = if cards.is_empty() { empty(may_administer) } else { senders(cards, may_administer) };
    view! {
        <Page>
            <PageHead title="Channels" facts=facts actions=actions/>
            {mistakes}
            {gap}
            {content}
        </Page>
    }
}

fn senders(cards: Vec<SenderCard>, may_administer: bool) -> AnyView {
    let add = may_administer.then(|| {
        view! {
            <li>
                <a class="card add" href=CONNECT_PATH>
                    <Glyph icon=Icon::Plus size=IconSize::L/>
                    <span class="medium t-1">"Connect a sender"</span>
                    <span class="s-13">"WhatsApp"</span>
                </a>
            </li>
        }
    });
    view! {
        <ul class="senders" aria-label="Senders">
            {cards.into_iter().map(SenderCard::view).collect_view()}
            {add}
        </ul>
    }
    .into_any()
}

fn empty(may_administer: bool) -> AnyView {
    let (text, actions) = if may_administer {
        (
            "A WhatsApp Business number. You need its two ids and a token from Meta; they are checked before anything is kept.",
            Some(
                view! {
                    <ButtonLink href=CONNECT_PATH variant=Variant::Primary icon=Icon::Plus>
                        "Connect a WhatsApp number"
                    </ButtonLink>
                }
                .into_any(),
            ),
        )
    } else {
        ("An owner or admin of this workspace connects the first one.", None)
    };
    view! {
        <Card id="no-senders" title="Senders" untitled=true>
            <CardBody>
                <Empty icon=Icon::WhatsApp title="Connect the number that sends" text=text actions=actions/>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// How many there are, and how many of them need a look.
fn summary(accounts: &[ChannelAccount]) -> Vec<AnyView> {
    let count = |wanted: fn(&Standing) -> bool| {
        let standings =
            accounts.iter().filter(|account| account.state != AccountState::Disconnected).map(Standing::of);
        standings.filter(wanted).count() as u64
    };
    let (freely, watched) =
        (count(|standing| standing.tone == Tone::Positive), count(|standing| standing.tone == Tone::Caution));
    let stopped = count(|standing| standing.tone == Tone::Danger);
    if accounts.is_empty() {
        return Vec::new();
    }
    let mut facts = vec![
        plural(accounts.len() as u64, "sender", "senders").into_any(),
        format!("{freely} can send freely").into_any(),
    ];
    if watched > 0 {
        facts.push(format!("{watched} to watch").into_any());
    }
    if stopped > 0 {
        facts.push(view! { <span class="t-danger">{format!("{stopped} cannot send")}</span> }.into_any());
    }
    facts
}
