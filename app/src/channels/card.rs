//! One sender, in short.

use domain::delivery::PauseFix;
use leptos::prelude::*;
use service::channel_accounts::{Allowance, ChannelAccount, WhatsAppNumber};

use super::WHATSAPP_MANAGER;
use super::account::account_path;
use super::forms::check_path;
use super::state::{Moments, Standing, limit_in_words, quality, token_end};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::chip::{ChannelGlyph, ChannelMark, Chip, Mark, MarkSize};
use crate::ui::format::{count, plural};
use crate::ui::icon::{Glyph, Icon, IconSize};
use crate::ui::kv::{Fact, KeyValues, KeyValuesLayout};
use crate::ui::meter::Meter;
use crate::ui::tone::Tone;

/// What the card of a sender shows.
pub(super) struct SenderCard {
    pub(super) account: ChannelAccount,
    /// How much of the limit is used that it shares with the other numbers of its portfolio.
    pub(super) allowance: Option<Allowance>,
    /// Messages handed over in the last 24 hours.
    pub(super) sent_today: u64,
    pub(super) ends_are_known: bool,
    pub(super) moments: Moments,
    pub(super) may_administer: bool,
    pub(super) may_send: bool,
}

impl SenderCard {
    pub(super) fn view(self) -> AnyView {
        let standing = Standing::of(&self.account);
        let class = if standing.problem.is_some() { "card sender card-alert" } else { "card sender" };
        view! {
            <li class=class>
                {self.head(&standing)} {standing.problem.clone().map(problem)} {self.meter()}
                <KeyValues facts=self.facts() layout=KeyValuesLayout::Figures/> {self.foot(&standing)}
            </li>
        }
        .into_any()
    }

    fn head(&self, standing: &Standing) -> impl IntoView + use<> {
        let detail = self.account.whatsapp.as_ref().map_or_else(
            || "Its number was connected elsewhere".to_owned(),
            |number| {
                let way =
                    if number.on_business_app { "also in the Business app" } else { "Business Platform" };
                format!("{}, {way}", number.display_phone_number)
            },
        );
        let href = account_path(self.account.id);
        let (tone, icon, word) = (standing.tone, standing.icon, standing.word.clone());
        view! {
            <div class="sender-head">
                <ChannelGlyph channel=ChannelMark::WhatsApp size=MarkSize::L/>
                <h2 class="ellipsis">
                    <a class="quiet" href=href>
                        {self.account.name.clone()}
                    </a>
                </h2>
                <Chip tone=tone mark=Mark::Icon(icon)>
                    {word}
                </Chip>
                <p class="s-12 t-3 ellipsis">{detail}</p>
            </div>
        }
    }

    fn meter(&self) -> Option<AnyView> {
        let allowance = self.allowance.as_ref()?;
        let most = u64::from(allowance.people_max?);
        let shared = (allowance.numbers > 1).then(|| {
            let others = plural(allowance.numbers - 1, "other number", "other numbers");
            format!("Shared with {others} of the business")
        });
        let free = allowance.left() == Some(0);
        let free = allowance.leaving.first().filter(|_| free).map(|(at, _)| self.moments.date_time(*at));
        let note = match (shared, free) {
            (Some(shared), Some(free)) => Some(format!("{shared}. Next place {free}.")),
            (None, Some(free)) => Some(format!("Next place {free}.")),
            (shared, None) => shared,
        };
        let used = allowance.used();
        Some(view! { <Meter label="People, last 24 h" used=used limit=most note=note/> }.into_any())
    }

    fn has_meter(&self) -> bool {
        self.allowance.as_ref().is_some_and(|allowance| allowance.people_max.is_some())
    }

    fn facts(&self) -> Vec<Fact> {
        let (token, token_tone) = token_end(&self.account, self.ends_are_known, self.moments);
        let mut facts =
            self.account.whatsapp.as_ref().map(|number| self.number_facts(number)).unwrap_or_default();
        facts.push(Fact::new("Token", toned(token, token_tone)));
        facts
    }

    fn number_facts(&self, number: &WhatsAppNumber) -> Vec<Fact> {
        let (quality, tone) = quality(number);
        let mut facts = vec![
            Fact::new("Quality", checked(quality, tone)),
            Fact::new("Speed", format!("{} a second", count(self.account.plan.rate_per_second.get().into()))),
        ];
        if !self.has_meter() {
            facts.push(Fact::new("Limit", limit_in_words(number)));
            facts.push(Fact::new("Sent, last 24 h", count(self.sent_today)));
        }
        facts.push(Fact::new("Name people see", number.verified_name.clone()));
        facts
    }

    fn foot(&self, standing: &Standing) -> impl IntoView + use<> {
        let href = account_path(self.account.id);
        let name = self.account.name.clone();
        let whose = name.clone();
        let checked = self.account.whatsapp.as_ref().map(|number| {
            let checked = format!("Checked {}", self.moments.ago(number.checked_at));
            view! { <span class="s-12 t-3">{checked}</span> }
        });
        let checked_whom = name.clone();
        let check = (self.may_send && standing.fix != Some(PauseFix::ReconnectSender)).then(|| {
            view! {
                <form method="post" action=check_path(self.account.id)>
                    <Button size=Size::S>"Check again" <span class="vh">" "{checked_whom}</span></Button>
                </form>
            }
        });
        let fix = match standing.fix {
            Some(PauseFix::ReconnectSender) => self.may_administer.then(|| {
                view! {
                    <ButtonLink href=format!("{href}#replace-token") variant=Variant::Primary size=Size::S icon=Icon::Key>
                        "Enter a new token"
                        <span class="vh">" for "{whose}</span>
                    </ButtonLink>
                }
                .into_any()
            }),
            Some(_) => Some(manager_link()),
            None => None,
        };
        view! {
            <div class="sender-foot">
                {checked}
                <span class="push row row-1">
                    {fix} {check}
                    <ButtonLink href=href variant=Variant::Ghost size=Size::S>
                        "Details"
                        <span class="vh">" of "{name}</span>
                    </ButtonLink>
                </span>
            </div>
        }
    }
}

/// To where the provider shows what is wrong with the business account.
pub(super) fn manager_link() -> AnyView {
    view! {
        <ButtonLink href=WHATSAPP_MANAGER variant=Variant::Primary size=Size::S>
            "Open WhatsApp Manager"
        </ButtonLink>
    }
    .into_any()
}

fn problem(sentence: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Danger small=true>
            <p>{sentence}</p>
        </Banner>
    }
}

/// A value whose colour says the same as its words.
pub(super) fn toned(words: String, tone: Tone) -> AnyView {
    let class = match tone {
        Tone::Caution => "t-caution",
        Tone::Danger => "t-danger",
        _ => return words.into_any(),
    };
    view! { <span class=class>{words}</span> }.into_any()
}

/// As [`toned`], with a check where all is well.
pub(super) fn checked(words: String, tone: Tone) -> AnyView {
    if tone != Tone::Positive {
        return toned(words, tone);
    }
    view! {
        <span class="check-line">
            <Glyph icon=Icon::Check size=IconSize::S class="t-positive"/>
            {words}
        </span>
    }
    .into_any()
}
