//! The pages before one is signed in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use service::accounts::{first_run, invitations, password};

use super::forms::{LOGIN_PATH, SETUP_PATH, invitation_path, local_path};
use super::places::PlaceFields;
use crate::forms::FormState;
use crate::page::{public, redirect};
use crate::shell::auth::AuthShell;
use crate::ui::banner::Banner;
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::choice::Checkbox;
use crate::ui::field::{PasswordField, TextField};
use crate::ui::form_errors::FormErrors;
use crate::ui::tone::Tone;

fn password_rule() -> String {
    format!("At least {} characters. A few words in a row are easy to keep in mind.", password::CHARS_MIN)
}

/// Signing in.
#[component]
pub fn LoginPage() -> impl IntoView {
    let next = local_path(&use_query_map().get_untracked().get("next").unwrap_or_default()).to_owned();
    public(|request| async move {
        if request.identity().is_ok() {
            redirect(&next);
        } else if first_run::is_needed(&request.services).await? {
            redirect(SETUP_PATH);
        }
        let host = request.services.settings.public_origin.split("://").nth(1).unwrap_or_default().to_owned();
        Ok(login_form(host, next).into_any())
    })
}

fn login_form(host: String, next: String) -> impl IntoView {
    let form = FormState::of(LOGIN_PATH);
    let whole = form.error("").map(|error| {
        view! {
            <Banner tone=Tone::Danger small=true alert=true>
                {error}
            </Banner>
        }
    });
    view! {
        <Title text="Sign in"/>
        <AuthShell title="Sign in" subtitle=format!("to {host}") foot=view! { "Fanfare runs on your own server." }.into_any()>
            <form method="post" action=LOGIN_PATH class="stack stack-4">
                {whole}
                <input type="hidden" name="next" value=form.value_or("next", next)/>
                <TextField
                    label="Email"
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value=form.value("email")
                    error=form.error("email")
                    large=true
                />
                <PasswordField label="Password" name="password" error=form.error("password") large=true/>
                <Checkbox name="stay" checked=form.ticked_or("stay", true)>
                    "Stay signed in for 30 days"
                </Checkbox>
                <Button variant=Variant::Primary size=Size::L block=true>
                    "Sign in"
                </Button>
            </form>
        </AuthShell>
    }
}

/// The first account.
#[component]
pub fn SetupPage() -> impl IntoView {
    public(|request| async move {
        if !first_run::is_needed(&request.services).await? {
            redirect(if request.identity().is_ok() { "/" } else { LOGIN_PATH });
        }
        Ok(setup_form(first_run::asks_for_token(&request.services)).into_any())
    })
}

fn setup_form(asks_for_token: bool) -> impl IntoView {
    let form = FormState::of(SETUP_PATH);
    let token = asks_for_token.then(|| {
        view! {
            <PasswordField
                label="Set-up word"
                name="setup_token"
                help="The server’s settings have it as server.setup_token."
                error=form.error("setup_token")
                large=true
            />
        }
    });
    view! {
        <Title text="Set up"/>
        <AuthShell
            title="Set up Fanfare"
            subtitle="You become the owner of the first workspace."
            foot=view! { "Fanfare runs on your own server." }.into_any()
        >
            <form method="post" action=SETUP_PATH class="stack stack-4">
                <FormErrors errors=form.errors()/>
                {token}
                <TextField
                    label="Your name"
                    name="name"
                    autocomplete="name"
                    value=form.value("name")
                    error=form.error("name")
                    large=true
                />
                <TextField
                    label="Email"
                    name="email"
                    kind="email"
                    autocomplete="username"
                    help="You sign in with it."
                    value=form.value("email")
                    error=form.error("email")
                    large=true
                />
                <PasswordField
                    label="Password"
                    name="password"
                    new=true
                    help=password_rule()
                    error=form.error("password")
                    large=true
                />
                <TextField
                    label="Workspace"
                    name="workspace"
                    autocomplete="organization"
                    help="The name of your company or team."
                    value=form.value("workspace")
                    error=form.error("workspace")
                    large=true
                />
                <PlaceFields form=form time_zone="UTC".to_owned() country=String::new()/>
                <Button variant=Variant::Primary size=Size::L block=true>
                    "Create account and workspace"
                </Button>
            </form>
        </AuthShell>
    }
}

/// Choosing a password after an invitation.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    public(|request| async move {
        let invited = invitations::find(&request.services, &token).await?;
        Ok(match invited {
            Some(person) => {
                invitation_form(&token, person.name.to_string(), person.email.as_str().to_owned()).into_any()
            }
            None => void_invitation().into_any(),
        })
    })
}

fn invitation_form(token: &str, name: String, email: String) -> impl IntoView + use<> {
    let action = invitation_path(token);
    let form = FormState::of(&action);
    view! {
        <Title text="Join"/>
        <AuthShell title=format!("Welcome, {name}") subtitle="Choose a password to join.">
            <form method="post" action=action class="stack stack-4">
                // Read-only: it is there for the browser's password store.
                <div class="field">
                    <label class="label" for="email">"Email"</label>
                    <input class="input input-l" id="email" type="email" autocomplete="username" value=email readonly/>
                </div>
                <PasswordField
                    label="New password"
                    name="password"
                    new=true
                    help=password_rule()
                    error=form.error("password")
                    large=true
                />
                <Button variant=Variant::Primary size=Size::L block=true>
                    "Save password and sign in"
                </Button>
            </form>
        </AuthShell>
    }
}

fn void_invitation() -> impl IntoView {
    view! {
        <Title text="Invitation"/>
        <AuthShell title="This invitation is not good any more">
            <p class="t-2">
                "It was used, replaced by a newer one, or is older than seven days. Ask whoever invited you for a new link."
            </p>
            <ButtonLink href=LOGIN_PATH size=Size::L block=true>
                "Sign in"
            </ButtonLink>
        </AuthShell>
    }
}
