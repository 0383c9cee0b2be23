//! What stands around every page: navigation, workspace, account, and the page's place in it.
//!
//! Everything here works without script. Menus and the phone's drawer are popovers; switching the workspace, choosing
//! a theme and signing out are forms. The server answers those forms at the paths named below.

use leptos::prelude::*;

use crate::ui::icon::Icon;
use crate::ui::toast::ToastRegion;

pub mod auth;
mod navigation;
pub mod theme;
mod top_bar;

use navigation::{navigation, tab_bar};
use theme::Theme;
use top_bar::top_bar;

/// Receives the form that signs out.
pub const SIGN_OUT_PATH: &str = "/sign-out";
/// Receives the form that picks another workspace: field `workspace`, the id, and `section`, a [`Section::path`].
pub const SWITCH_WORKSPACE_PATH: &str = "/switch-workspace";

/// The page and the form of another workspace.
pub const NEW_WORKSPACE_PATH: &str = "/settings/workspace/new";

/// The parts of the product, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// What runs and what needs a look.
    Dashboard,
    /// Campaigns: the list, the composer, the live page.
    Campaigns,
    /// People, lists, imports.
    Contacts,
    /// WhatsApp templates.
    Templates,
    /// Senders.
    Channels,
    /// Workspace and team.
    Settings,
}

impl Section {
    const ALL: [Self; 6] =
        [Self::Dashboard, Self::Campaigns, Self::Contacts, Self::Templates, Self::Channels, Self::Settings];
    /// What has a place in the phone's bar; the rest is behind "More".
    const ON_PHONE: [Self; 4] = [Self::Campaigns, Self::Contacts, Self::Templates, Self::Channels];

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Campaigns => "Campaigns",
            Self::Contacts => "Contacts",
            Self::Templates => "Templates",
            Self::Channels => "Channels",
            Self::Settings => "Settings",
        }
    }

    /// Its first page.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/",
            Self::Campaigns => "/campaigns",
            Self::Contacts => "/contacts",
            Self::Templates => "/templates",
            Self::Channels => "/channels",
            Self::Settings => "/settings",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Dashboard => Icon::Home,
            Self::Campaigns => Icon::Horn,
            Self::Contacts => Icon::People,
            Self::Templates => Icon::Document,
            Self::Channels => Icon::Plug,
            Self::Settings => Icon::Gear,
        }
    }
}

/// A page of the current section, below it in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubPage {
    /// Its name.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// Whether it is the one on screen.
    pub current: bool,
}

/// Work that waits in a section: a badge in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The section.
    pub section: Section,
    /// A number, or `!`.
    pub mark: String,
    /// The same in words: "1 needs attention".
    pub spoken: String,
}

/// One step on the way to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Its name.
    pub label: String,
    /// Where it is; the page itself has none.
    pub href: Option<String>,
}

impl Crumb {
    /// A page above this one.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The page on screen: the last crumb.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// A workspace that the user may switch to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceChoice {
    /// Its id, as sent by the form.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The campaign that is being sent, at the foot of the navigation: the one with the least left, if there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingNow {
    /// Its name.
    pub name: String,
    /// Its live page, or the list of those that are being sent.
    pub href: String,
    /// How many people are handled.
    pub done: u64,
    /// Out of how many.
    pub total: u64,
    /// How many campaigns are being sent in all.
    pub campaigns: u64,
}

/// What the shell shows around a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellData {
    /// The id of the workspace: it picks the colour of its square.
    pub workspace_id: String,
    /// Its name.
    pub workspace_name: String,
    /// The other workspaces of the user. Without any, and without the right to make one, there is no switcher.
    pub other_workspaces: Vec<WorkspaceChoice>,
    /// The user may make another workspace.
    pub may_add_workspace: bool,
    /// The id of the user: it picks the colour of the avatar.
    pub user_id: String,
    /// The user's name.
    pub user_name: String,
    /// The user's address, in the account menu.
    pub user_email: String,
    /// Where the page belongs; an error page belongs nowhere.
    pub section: Option<Section>,
    /// The pages of the section, if it has several.
    pub sub_pages: Vec<SubPage>,
    /// Work that waits.
    pub badges: Vec<Badge>,
    /// The way to the page.
    pub crumbs: Vec<Crumb>,
    /// What is being sent, if anything.
    pub sending_now: Option<SendingNow>,
    /// The user's choice of theme.
    pub theme: Theme,
}

/// The shell with a page in it. It goes straight into `<body>`, after the icon sprite.
#[component]
pub fn AppShell(
    /// What it shows.
    data: ShellData,
    /// Toasts: results of the act that led here.
    #[prop(optional_no_strip, into)]
    toasts: Option<AnyView>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let navigation = navigation(&data);
    let bar = top_bar(&data);
    let tabs = tab_bar(data.section);
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <div class="shell">
            {navigation}
            {bar}
            <main id="main" tabindex="-1">
                {children()}
            </main>
            {tabs}
        </div>
        <ToastRegion>{toasts}</ToastRegion>
    }
    .into_any()
}
