//! One sender: everything Meta says about it, its token, and disconnecting it.

use domain::channel::AccountState;
use domain::delivery::PauseFix;
use domain::ids::ChannelAccountId;
use domain::workspace::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use service::access::{Administer, Read};
use service::channel_accounts::{self, ChannelAccount, WhatsAppNumber};

use super::card::{checked, manager_link, toned};
use super::connect::webhook_card;
use super::forms::{check_path, disconnect_path, token_path};
use super::state::{Moments, Standing, limit_in_words, quality, token_end};
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::chip::{ChannelGlyph, ChannelMark, Chip, Mark};
use crate::ui::field::TextField;
use crate::ui::form_errors::FormErrors;
use crate::ui::format::{count, plural};
use crate::ui::icon::Icon;
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::page_head::{Page, PageHead, Split};
use crate::ui::tone::Tone;

/// The page of a sender.
pub(crate) fn account_path(id: ChannelAccountId) -> String {
    format!("/channels/{id}")
}

fn id_in_path() -> Result<ChannelAccountId, AppError> {
    let text = use_params_map().get_untracked().get("id").unwrap_or_default();
    text.parse().map_err(|_| AppError::not_found())
}

/// One sender.
#[component]
pub fn AccountPage() -> impl IntoView {
    let id = id_in_path();
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let services = &request.services;
        let account = channel_accounts::get(services, &access, id?).await?.ok_or_else(AppError::not_found)?;
        let moments = Moments::of(&request, &access).await?;
        let may_administer = access.role().may(Permission::Administer);
        let may_send = access.role().may(Permission::Send);
        let token = token_end(&account, channel_accounts::knows_token_ends(services), moments);
        let webhook = webhook_card(&channel_accounts::webhook_setup(services)).into_any();
        let name = account.name.clone();
        let view = page(account, token, moments, webhook, may_administer, may_send);
        let crumbs = vec![Crumb::link("Channels", Section::Channels.path()), Crumb::here(name.clone())];
        Ok(Screen::new(Section::Channels, name, view).with_crumbs(crumbs))
    })
}

fn page(
    account: ChannelAccount,
    token: (String, Tone),
    moments: Moments,
    webhook: AnyView,
    may_administer: bool,
    may_send: bool,
) -> impl IntoView {
    let standing = Standing::of(&account);
    let id = account.id;
    let checkable = may_send && account.state != AccountState::Disconnected;
    let actions = checkable.then(|| {
        view! {
            <form method="post" action=check_path(id)>
                <input type="hidden" name="from" value="account"/>
                <Button icon=Icon::Refresh class="grow-s">"Check again"</Button>
            </form>
        }
        .into_any()
    });
    let problem = standing.problem.clone().map(|problem| {
        let fix = match standing.fix {
            Some(PauseFix::WhatsAppManager) => manager_link(),
            _ => ().into_any(),
        };
        let then = "When it is put right, check it again here.";
        let then = (standing.fix == Some(PauseFix::WhatsAppManager)).then_some(then);
        view! {
            <Banner tone=Tone::Danger actions=fix>
                {problem}
                " "
                {then}
            </Banner>
        }
    });
    let refused = FormState::of(&check_path(id)).error("").map(|error| {
        view! {
            <Banner tone=Tone::Danger alert=true>
                {error}
            </Banner>
        }
    });
    let (tone, icon, word) = (standing.tone, standing.icon, standing.word);
    let connected = account.state != AccountState::Disconnected;
    view! {
        <Page>
            <PageHead
                title=account.name.clone()
                mark=view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any()
                state=view! {
                    <Chip tone=tone mark=Mark::Icon(icon)>
                        {word}
                    </Chip>
                }
                    .into_any()
                actions=actions
            />
            {refused}
            {problem}
            <Split side_label="Webhook" side=webhook>
                {facts_card(&account, token, moments)}
                {(may_administer && account.whatsapp.is_some()).then(|| token_card(id, connected))}
                {(may_administer && connected).then(|| disconnect_card(id))}
            </Split>
        </Page>
    }
}

fn facts_card(account: &ChannelAccount, token: (String, Tone), moments: Moments) -> impl IntoView + use<> {
    let mut facts =
        account.whatsapp.as_ref().map(|number| number_facts(account, number, moments)).unwrap_or_default();
    facts.push(Fact::new("Token", toned(token.0, token.1)));
    facts.push(Fact::new("Here since", moments.date_time(account.created_at)));
    view! {
        <Card id="facts" title="What Meta says">
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
}

fn number_facts(account: &ChannelAccount, number: &WhatsAppNumber, moments: Moments) -> Vec<Fact> {
    let (quality, tone) = quality(number);
    let speed = count(account.plan.rate_per_second.get().into());
    let speed = if number.on_business_app {
        format!("{speed} a second is the most a number may send that is also in the Business app")
    } else {
        format!("{speed} a second")
    };
    vec![
        Fact::new("Number", number.display_phone_number.clone()),
        Fact::new("Name people see", number.verified_name.clone()),
        Fact::new("Quality", checked(quality, tone)),
        Fact::new("Speed", speed),
        Fact::new("Limit", limit_in_words(number)),
        Fact::new("Phone number ID", view! { <span class="mono">{number.phone_number_id.clone()}</span> }),
        Fact::new("Business account ID", view! { <span class="mono">{number.waba_id.clone()}</span> }),
        Fact::new(
            "Checked",
            format!("{}, {}", moments.ago(number.checked_at), moments.date_time(number.checked_at)),
        ),
    ]
}

fn token_card(id: ChannelAccountId, connected: bool) -> impl IntoView {
    let action = token_path(id);
    let form = FormState::of(&action);
    let (title, help, verb) = if connected {
        (
            "Replace the token",
            "The present one stays in use until Meta accepted the new one.",
            "Check and replace",
        )
    } else {
        ("Connect it again", "Its history and its campaigns are still here.", "Check and connect")
    };
    view! {
        <Card id="replace-token" title=title>
            <form method="post" action=action autocomplete="off">
                <CardBody>
                    <FormErrors errors=form.errors()/>
                    <TextField
                        label="Access token"
                        name="token"
                        kind="password"
                        autocomplete="off"
                        help=help
                        error=form.error("token")
                    />
                </CardBody>
                <CardFoot>
                    <Button icon=Icon::Key>{verb}</Button>
                </CardFoot>
            </form>
        </Card>
    }
}

fn disconnect_card(id: ChannelAccountId) -> impl IntoView {
    view! {
        <Card id="disconnect" title="Disconnect">
            <CardBody>
                <p class="s-13 t-2 measure">
                    "Its token is erased and nothing more is sent from it. What it sent stays, and late delivery reports are still taken."
                </p>
            </CardBody>
            <CardFoot>
                <ButtonLink href=disconnect_path(id) variant=Variant::Danger>
                    "Disconnect…"
                </ButtonLink>
            </CardFoot>
        </Card>
    }
}

/// Asks before a sender is disconnected.
#[component]
pub fn DisconnectPage() -> impl IntoView {
    let id = id_in_path();
    signed_in(|request| async move {
        let access = request.workspace_access::<Administer>().await?.require::<Read>()?;
        let id = id?;
        let account =
            channel_accounts::get(&request.services, &access, id).await?.ok_or_else(AppError::not_found)?;
        if account.state == AccountState::Disconnected {
            return Err(AppError::conflict("This sender is disconnected already."));
        }
        let running = channel_accounts::running_dispatches(&request.services, &access, id).await?;
        let name = account.name.clone();
        let crumbs = vec![
            Crumb::link("Channels", Section::Channels.path()),
            Crumb::link(name.clone(), account_path(id)),
            Crumb::here("Disconnect"),
        ];
        Ok(Screen::new(Section::Channels, format!("Disconnect {name}"), question(&account, running))
            .with_crumbs(crumbs))
    })
}

fn question(account: &ChannelAccount, running: usize) -> impl IntoView + use<> {
    let (action, way_back) = (disconnect_path(account.id), account_path(account.id));
    let name = account.name.clone();
    let number =
        account.whatsapp.as_ref().map(|number| number.display_phone_number.clone()).unwrap_or_default();
    let running = match running {
        0 => "No campaign is running on it.".to_owned(),
        running => format!(
            "{} running on it will be paused and can go on after it is connected again.",
            plural(running as u64, "campaign", "campaigns")
        ),
    };
    view! {
        <Page form=true>
            <PageHead title=format!("Disconnect {name}?") facts=vec![number.into_any()]/>
            <Card id="question" title="What happens" untitled=true>
                <form method="post" action=action>
                    <CardBody>
                        <p class="measure">
                            "Its token is erased from this server. " {running}
                            " Messages that are on their way cannot be called back; their delivery reports are still taken."
                        </p>
                    </CardBody>
                    <CardFoot>
                        <Button variant=Variant::DangerFill>{format!("Disconnect {name}")}</Button>
                        <ButtonLink href=way_back>"Keep it"</ButtonLink>
                    </CardFoot>
                </form>
            </Card>
        </Page>
    }
}
