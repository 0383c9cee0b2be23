//! The bar above the page: which workspace, which page, whose account.

use leptos::prelude::*;

use super::theme::ThemeChoice;
use super::{Crumb, NEW_WORKSPACE_PATH, SIGN_OUT_PATH, SWITCH_WORKSPACE_PATH, Section, ShellData};
use crate::ui::{
    avatar::{Avatar, AvatarSize, Hue},
    icon::{Glyph, Icon},
    menu::{Menu, MenuForm, MenuLink, MenuRule},
};

pub(super) fn top_bar(data: &ShellData) -> AnyView {
    let crumbs = data.crumbs.clone();
    view! {
        <header class="topbar">
            <button
                class="btn btn-ghost btn-icon only-s"
                type="button"
                aria-label="Open navigation"
                popovertarget="navigation"
            >
                <Glyph icon=Icon::Menu/>
            </button>
            {workspace(data)}
            {(!crumbs.is_empty()).then(|| breadcrumb(crumbs))}
            <div class="topbar-end">{account(data)}</div>
        </header>
    }
    .into_any()
}

fn workspace(data: &ShellData) -> impl IntoView + use<> {
    let hue = Hue::of(&data.workspace_id);
    let name = data.workspace_name.clone();
    let label = view! {
        <Avatar name=name.clone() hue=hue size=AvatarSize::S square=true/>
        <span>{name}</span>
    };
    if data.other_workspaces.is_empty() && !data.may_add_workspace {
        return view! { <div class="workspace">{label}</div> }.into_any();
    }
    let others = data
        .other_workspaces
        .iter()
        .map(|other| {
            view! {
                <li>
                    <button name="workspace" value=other.id.clone()>
                        <Avatar name=other.name.clone() hue=Hue::of(&other.id) size=AvatarSize::S square=true/>
                        {other.name.clone()}
                    </button>
                </li>
            }
        })
        .collect_view();
    let others = (!data.other_workspaces.is_empty()).then(|| {
        view! {
            <form method="post" action=SWITCH_WORKSPACE_PATH>
                <input type="hidden" name="section" value=data.section.unwrap_or(Section::Dashboard).path()/>
                <ul>{others}</ul>
            </form>
        }
    });
    let add = data.may_add_workspace.then(|| {
        view! {
            <ul>
                {others.is_some().then(|| view! { <MenuRule/> })}
                <MenuLink href=NEW_WORKSPACE_PATH icon=Icon::Plus>
                    "New workspace"
                </MenuLink>
            </ul>
        }
    });
    view! {
        <button class="workspace" type="button" popovertarget="workspaces">
            {label}
            <Glyph icon=Icon::UpDown/>
            <span class="vh">", switch workspace"</span>
        </button>
        <div class="menu menu-start" id="workspaces" popover="auto" role="group" aria-label="Switch workspace">
            {others} {add}
        </div>
    }
    .into_any()
}

fn breadcrumb(crumbs: Vec<Crumb>) -> AnyView {
    let crumbs = crumbs
        .into_iter()
        .map(|Crumb { label, href }| {
            let step = match href {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => view! { <span aria-current="page">{label}</span> }.into_any(),
            };
            view! { <li><Glyph icon=Icon::Right/> {step}</li> }
        })
        .collect_view();
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>{crumbs}</ol>
        </nav>
    }
    .into_any()
}

fn account(data: &ShellData) -> AnyView {
    let (name, email) = (data.user_name.clone(), data.user_email.clone());
    let hue = Hue::of(&data.user_id);
    let theme = data.theme;
    view! {
        <button
            class="account"
            type="button"
            popovertarget="account"
        >
            <Avatar name=name.clone() hue=hue/>
            <span class="vh">{format!("{name}, your account")}</span>
        </button>
        <Menu id="account" label="Your account">
            <li class="menu-head"><b>{name}</b> {email}</li>
            <MenuRule/>
            <li class="menu-choice">
                <ThemeChoice current=theme/>
            </li>
            <MenuRule/>
            <MenuForm action=SIGN_OUT_PATH icon=Icon::Exit>
                "Sign out"
            </MenuForm>
        </Menu>
    }
    .into_any()
}
