//! The story that the samples share: a seed library invites its members to a swap.

use app::{
    shell::{Badge, Crumb, Section, SendingNow, ShellData, SubPage, WorkspaceChoice, theme::Theme},
    ui::{
        button::{Button, Size},
        phone::{Bubble, BubbleAction, BubbleHeader, markup::Run},
        toast::Toast,
    },
};
use leptos::prelude::*;

pub fn shell(crumbs: Vec<Crumb>) -> ShellData {
    ShellData {
        workspace_id: "wsp_seeds".into(),
        workspace_name: "Halden Seed Library".into(),
        may_add_workspace: false,
        other_workspaces: vec![WorkspaceChoice { id: "wsp_bakery".into(), name: "Rye and Salt".into() }],
        user_id: "usr_signe".into(),
        user_name: "Signe Aas".into(),
        user_email: "signe@halden.example".into(),
        section: Some(Section::Campaigns),
        sub_pages: Vec::new(),
        badges: vec![Badge {
            section: Section::Channels,
            mark: "!".into(),
            spoken: "1 needs attention".into(),
        }],
        crumbs,
        sending_now: Some(SendingNow {
            name: "Spring seed swap".into(),
            href: "#live".into(),
            done: 6_433,
            total: 9_873,
            campaigns: 1,
        }),
        theme: Theme::System,
    }
}

pub fn campaign_shell(page: &str) -> ShellData {
    shell(vec![Crumb::link("Campaigns", "#campaigns"), Crumb::here(page)])
}

pub fn contacts_shell() -> ShellData {
    let page = |label: &str, current| SubPage { label: label.into(), href: "#".into(), current };
    ShellData {
        section: Some(Section::Contacts),
        sub_pages: vec![page("People", false), page("Lists", false), page("Imports", true)],
        sending_now: None,
        other_workspaces: Vec::new(),
        ..shell(vec![Crumb::link("Contacts", "#contacts"), Crumb::here("members.csv")])
    }
}

pub fn channels_shell() -> ShellData {
    ShellData { section: Some(Section::Channels), ..shell(vec![Crumb::here("Channels")]) }
}

pub fn toast() -> AnyView {
    let undo = view! {
        <form method="post" action="#resume">
            <Button size=Size::S>"Resume"</Button>
        </form>
    }
    .into_any();
    view! { <Toast stays=true action=undo>"Paused. 12 messages were already on their way."</Toast> }
        .into_any()
}

pub fn message() -> Bubble {
    Bubble {
        header: Some(BubbleHeader::Image { src: None, alt: "Photo: paper bags of seeds on a table".into() }),
        body: vec![
            Run::fixed("*Hei "),
            Run::personal("Jonas"),
            Run::fixed(
                ", the swap is on.*\n\nBring what you saved, take what you miss: beans, kale, heritage rye. On Saturday in ",
            ),
            Run::personal("Halden"),
            Run::fixed(" from ten."),
        ],
        footer: "Reply STOP to hear no more".into(),
        time: "10:36".into(),
        buttons: vec![
            (BubbleAction::Reply, "Keep a place for me".into()),
            (BubbleAction::Open, "See the list".into()),
        ],
        lang: Some("en".into()),
        ..Bubble::default()
    }
}

pub fn answer() -> Bubble {
    Bubble {
        from_person: true,
        body: vec![Run::fixed("Keep a place for me")],
        lang: Some("en".into()),
        ..Bubble::default()
    }
}
