//! Connecting a WhatsApp number by its ids and a token.

use leptos::prelude::*;
use service::access::Administer;
use service::channel_accounts::{self, WebhookSetup};

use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::button::{Button, ButtonLink, Variant};
use crate::ui::card::{Card, CardBody, CardFoot};
use crate::ui::field::TextField;
use crate::ui::form_errors::FormErrors;
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead, Split};

/// The form, and where it is posted.
pub(crate) const CONNECT_PATH: &str = "/channels/connect/whatsapp";

/// The form that connects a number.
#[component]
pub fn ConnectWhatsAppPage() -> impl IntoView {
    signed_in(|request| async move {
        request.workspace_access::<Administer>().await?;
        let setup = channel_accounts::webhook_setup(&request.services);
        let crumbs = vec![Crumb::link("Channels", Section::Channels.path()), Crumb::here("Connect WhatsApp")];
        Ok(Screen::new(Section::Channels, "Connect WhatsApp", page(&setup)).with_crumbs(crumbs))
    })
}

fn page(setup: &WebhookSetup) -> impl IntoView + use<> {
    let side = view! {
        {where_to_find()}
        {webhook_card(setup)}
    };
    view! {
        <Page>
            <PageHead
                title="Connect a WhatsApp number"
                facts=vec!["Everything is checked with Meta before anything is kept.".into_any()]
            />
            <Split side_label="How to set this up at Meta" side=side.into_any()>
                {form()}
            </Split>
        </Page>
    }
}

fn form() -> impl IntoView {
    let form = FormState::of(CONNECT_PATH);
    view! {
        <Card id="number" title="The number">
            <form method="post" action=CONNECT_PATH autocomplete="off">
                <CardBody>
                    <FormErrors errors=form.errors()/>
                    <TextField
                        label="Name"
                        name="name"
                        value=form.value("name")
                        help="What your team calls this sender. People who get messages see the name that Meta verified."
                        error=form.error("name")
                        maxlength=80
                    />
                    <TextField
                        label="Phone number ID"
                        name="phone_number_id"
                        inputmode="numeric"
                        value=form.value("phone_number_id")
                        help="About 15 digits; not the phone number itself."
                        error=form.error("phone_number_id")
                    />
                    <TextField
                        label="WhatsApp Business account ID"
                        name="waba_id"
                        inputmode="numeric"
                        value=form.value("waba_id")
                        help="About 15 digits, from the same page at Meta."
                        error=form.error("waba_id")
                    />
                    <TextField
                        label="Access token"
                        name="token"
                        kind="password"
                        autocomplete="off"
                        help="Sealed before it is stored, and never shown again. If something here is refused, paste it once more."
                        error=form.error("token")
                    />
                </CardBody>
                <CardFoot>
                    <Button variant=Variant::Primary icon=Icon::Plug>
                        "Check and connect"
                    </Button>
                    <ButtonLink href=Section::Channels.path() variant=Variant::Ghost>
                        "Cancel"
                    </ButtonLink>
                </CardFoot>
            </form>
        </Card>
    }
}

fn where_to_find() -> impl IntoView {
    view! {
        <Card id="where" title="Where these are at Meta">
            <CardBody>
                <ol class="howto">
                    <li>
                        "In your app’s dashboard, open " <b>"WhatsApp, API setup"</b>
                        ". It shows the phone number ID and the WhatsApp Business account ID."
                    </li>
                    <li>
                        "In " <b>"Business settings, System users"</b>
                        ", give a system user the app and the account with full control."
                    </li>
                    <li>
                        "Generate a token for that user with " <b class="mono">"whatsapp_business_messaging"</b> " and "
                        <b class="mono">"whatsapp_business_management"</b> ". Let it never expire."
                    </li>
                </ol>
            </CardBody>
        </Card>
    }
}

/// What has to be entered at Meta so that delivery reports arrive.
pub(super) fn webhook_card(setup: &WebhookSetup) -> impl IntoView + use<> {
    let gap = setup_gap(setup).map(|gap| view! { <p class="s-13 t-caution">{gap}</p> });
    let url = setup.url.clone();
    view! {
        <Card id="webhook" title="Webhook" hint="Once per installation">
            <CardBody>
                {gap}
                <ol class="howto">
                    <li>
                        "In your app’s dashboard, open " <b>"WhatsApp, Configuration"</b>
                        " and enter as callback URL:" <code class="code code-wrap">{url}</code>
                    </li>
                    <li>
                        "As verify token, enter the word that this server’s settings have as "
                        <span class="mono">"webhook_verify_token"</span> "."
                    </li>
                    <li>
                        "Subscribe to the fields " <b>"messages"</b> " and " <b>"user_preferences"</b>
                        ": delivery reports, replies, opt-outs. And to " <b>"message_template_status_update"</b> ", "
                        <b>"account_update"</b> ", " <b>"phone_number_quality_update"</b> " and "
                        <b>"business_capability_update"</b> ": templates that are paused, bans, limits."
                    </li>
                </ol>
            </CardBody>
        </Card>
    }
}

/// What is missing here before Meta's webhooks are taken, as a sentence with the next step.
pub(super) fn setup_gap(setup: &WebhookSetup) -> Option<String> {
    let missing: Vec<&str> = [
        (!setup.has_app_secret).then_some("whatsapp.app_secret"),
        (!setup.has_verify_token).then_some("whatsapp.webhook_verify_token"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !missing.is_empty() {
        return Some(format!(
            "Whoever runs this server sets {} in its settings first.",
            missing.join(" and ")
        ));
    }
    let local = setup.url.contains("://127.0.0.1") || setup.url.contains("://localhost");
    (!setup.is_https && !local).then(|| {
        "Meta sends webhooks only to https addresses; this server’s server.public_url is not one.".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(url: &str, complete: bool) -> WebhookSetup {
        WebhookSetup {
            url: url.to_owned(),
            is_https: url.starts_with("https"),
            has_app_secret: complete,
            has_verify_token: complete,
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(setup_gap(&setup("https://fanfare.example/webhooks/whatsapp", true)), None);
        assert_eq!(setup_gap(&setup("http://127.0.0.1:8080/webhooks/whatsapp", true)), None);
        let gap = setup_gap(&setup("https://fanfare.example/webhooks/whatsapp", false)).expect("a gap");
        assert!(gap.contains("whatsapp.app_secret and whatsapp.webhook_verify_token"));
        let gap = setup_gap(&setup("http://fanfare.example/webhooks/whatsapp", true)).expect("a gap");
        assert!(gap.contains("https"));
    }
}
