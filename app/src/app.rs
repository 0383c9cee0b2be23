//! Every page and every form of the product. A new page is a route in [`App`]; a new form is a route of its
//! feature, merged in [`form_routes`].

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router as PageRouter, Routes};
use leptos_router::{SsrMode, path};

use crate::accounts::new_workspace::NewWorkspacePage;
use crate::accounts::page::{InvitationPage, LoginPage, SetupPage};
use crate::accounts::settings::{SettingsPage, WorkspacePage};
use crate::accounts::team::TeamPage;
use crate::campaigns::compose_page::{ComposePage, NewCampaignPage};
use crate::campaigns::list_page::CampaignsPage;
use crate::campaigns::live_page::CampaignPage;
use crate::campaigns::retry_page::RetryPage;
use crate::channels::account::{AccountPage, DisconnectPage};
use crate::channels::connect::ConnectWhatsAppPage;
use crate::channels::page::ChannelsPage;
use crate::contacts::detail::ContactPage;
use crate::contacts::edit::{EditContactPage, NewContactPage};
use crate::contacts::lists::ListsPage;
use crate::contacts::page::PeoplePage;
use crate::contacts::suppressions::SuppressionsPage;
use crate::dashboard::page::DashboardPage;
use crate::error::AppError;
use crate::form_routes::FormRoutes;
use crate::imports::history::ImportsPage;
use crate::imports::mapped::UploadedPage;
use crate::imports::page::ImportPage;
use crate::imports::report::ReportPage;
use crate::page::failed;
use crate::templates::detail::TemplatePage;
use crate::templates::page::TemplatesPage;

/// What to show in place of whatever is at this path. The server provides it when something before the pages failed.
#[derive(Debug, Clone)]
pub struct Instead(pub AppError);

/// The pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let title =
        |text: String| if text.is_empty() { "Fanfare".to_owned() } else { format!("{text} · Fanfare") };
    view! {
        <Title formatter=title/>
        {match use_context::<Instead>() {
            Some(Instead(error)) => Suspend::new(failed(error)).into_any(),
            None => pages().into_any(),
        }}
    }
}

fn pages() -> impl IntoView {
    view! {
        <PageRouter>
            <Routes fallback=|| Suspend::new(failed(AppError::not_found()))>
                <Route path=path!("/") view=DashboardPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/invitation/:token") view=InvitationPage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns") view=CampaignsPage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/new") view=NewCampaignPage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id") view=CampaignPage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id/compose") view=ComposePage ssr=SsrMode::Async/>
                <Route path=path!("/campaigns/:id/retry") view=RetryPage ssr=SsrMode::Async/>
                <Route path=path!("/channels") view=ChannelsPage ssr=SsrMode::Async/>
                <Route path=path!("/channels/connect/whatsapp") view=ConnectWhatsAppPage ssr=SsrMode::Async/>
                <Route path=path!("/channels/:id") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/channels/:id/disconnect") view=DisconnectPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/new") view=NewContactPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/lists") view=ListsPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/imports") view=ImportsPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/imports/:id") view=ReportPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/import") view=ImportPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/import/:upload") view=UploadedPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/suppressions") view=SuppressionsPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/:id") view=ContactPage ssr=SsrMode::Async/>
                <Route path=path!("/contacts/:id/edit") view=EditContactPage ssr=SsrMode::Async/>
                <Route path=path!("/templates") view=TemplatesPage ssr=SsrMode::Async/>
                <Route path=path!("/templates/:id") view=TemplatePage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/team") view=TeamPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/workspace") view=WorkspacePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/workspace/new") view=NewWorkspacePage ssr=SsrMode::Async/>
            </Routes>
        </PageRouter>
    }
}

/// Where forms are posted to.
pub fn form_routes() -> FormRoutes {
    FormRoutes::new()
        .merge(crate::accounts::forms::routes())
        .merge(crate::campaigns::forms::routes())
        .merge(crate::channels::forms::routes())
        .merge(crate::contacts::forms::routes())
        .merge(crate::imports::forms::routes())
        .merge(crate::templates::forms::routes())
}

/// Where files are posted to. Each route brings its own limit of bytes: the one for forms does not apply here.
pub fn upload_routes() -> FormRoutes {
    crate::imports::upload::routes()
}
