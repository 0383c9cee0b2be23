//! Settings of one's own account and of the workspace.

use domain::workspace::Permission;
use leptos::prelude::*;
use service::access::Read;
use service::accounts::{password, workspaces};

use super::places::PlaceFields;
use super::settings_forms::{PASSWORD_PATH, WORKSPACE_PATH};
use crate::error::AppError;
use crate::forms::FormState;
use crate::page::{Screen, signed_in};
use crate::shell::{Crumb, Section};
use crate::ui::banner::Banner;
use crate::ui::button::{Button, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::field::{PasswordField, TextField};
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::page_head::{Page, PageHead};
use crate::ui::tone::Tone;

/// The pages of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Account,
    Workspace,
    Team,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Account, Self::Workspace, Self::Team];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Account => "/settings",
            Self::Workspace => WORKSPACE_PATH,
            Self::Team => "/settings/team",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Account => "Your account",
            Self::Workspace => "Workspace",
            Self::Team => "Team",
        }
    }
}

/// A page of the settings, with the way to its neighbours.
pub(super) fn settings_screen(tab: Tab, content: impl IntoView + 'static) -> Screen {
    let links = Tab::ALL
        .map(|other| view! { <a href=other.path() aria-current=(other == tab).then_some("page")>{other.label()}</a> })
        .collect_view();
    let view = view! {
        <Page>
            <PageHead title=tab.label()/>
            <div class="settings">
                <nav class="settings-nav" aria-label="Settings">
                    {links}
                </nav>
                <div class="stack">{content}</div>
            </div>
        </Page>
    };
    let crumbs = vec![Crumb::link("Settings", Tab::Account.path()), Crumb::here(tab.label())];
    Screen::new(Section::Settings, tab.label(), view).with_crumbs(crumbs)
}

/// One's own account.
#[component]
pub fn SettingsPage() -> impl IntoView {
    signed_in(|request| async move {
        let user = request.user()?;
        let person =
            workspaces::person(&request.services, user).await?.ok_or_else(AppError::unauthenticated)?;
        let facts = vec![
            Fact::new("Name", person.name.to_string()),
            Fact::new("Email", person.email.as_str().to_owned()),
        ];
        let content = view! {
            <Card id="you" title="You">
                <CardBody>
                    <KeyValues facts=facts/>
                </CardBody>
            </Card>
            {password_card(person.email.as_str().to_owned())}
        };
        Ok(settings_screen(Tab::Account, content))
    })
}

fn password_card(email: String) -> impl IntoView {
    let form = FormState::of(PASSWORD_PATH);
    let whole = form.error("").map(|error| {
        view! {
            <Banner tone=Tone::Danger small=true alert=true>
                {error}
            </Banner>
        }
    });
    view! {
        <Card id="password-card" title="Password" hint="A new one signs you out everywhere else">
            <CardBody>
                <form method="post" action=PASSWORD_PATH class="stack stack-4">
                    {whole}
                    // For the browser's password store.
                    <input hidden type="text" name="username" autocomplete="username" readonly value=email/>
                    <PasswordField label="Present password" name="present" error=form.error("present")/>
                    <PasswordField
                        label="New password"
                        name="password"
                        new=true
                        help=format!("At least {} characters.", password::CHARS_MIN)
                        error=form.error("password")
                    />
                    <div class="row">
                        <Button variant=Variant::Primary>"Change password"</Button>
                    </div>
                </form>
            </CardBody>
        </Card>
    }
}

/// Name, time zone and country of the workspace.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let workspace = workspaces::get(&request.services, &access).await?.ok_or_else(AppError::not_found)?;
        let may_change = access.role().may(Permission::Administer);
        let content = if may_change {
            workspace_form(workspace).into_any()
        } else {
            workspace_facts(workspace).into_any()
        };
        Ok(settings_screen(Tab::Workspace, content))
    })
}

fn workspace_form(workspace: workspaces::Workspace) -> impl IntoView {
    let form = FormState::of(WORKSPACE_PATH);
    let country = workspace.default_country.map(|country| country.to_string()).unwrap_or_default();
    view! {
        <Card id="workspace" title="Workspace" untitled=true>
            <CardBody>
                <form method="post" action=WORKSPACE_PATH class="stack stack-4">
                    <TextField
                        label="Name"
                        name="name"
                        value=form.value_or("name", workspace.name.as_str())
                        error=form.error("name")
                    />
                    <PlaceFields form=form time_zone=workspace.time_zone country=country/>
                    <div class="row">
                        <Button variant=Variant::Primary>"Save workspace"</Button>
                    </div>
                </form>
            </CardBody>
        </Card>
    }
}

fn workspace_facts(workspace: workspaces::Workspace) -> impl IntoView {
    let country = workspace.default_country.map_or("None", |country| country.name());
    let facts = vec![
        Fact::new("Name", workspace.name.to_string()),
        Fact::new("Time zone", workspace.time_zone.replace('_', " ")),
        Fact::new("Country", country),
    ];
    view! {
        <Card id="workspace" title="Workspace" hint="Owners and admins change it">
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
}
