//! The ways to the parts of the product: the sidebar, which is a drawer on a phone, and the phone's bar.

use leptos::prelude::*;

use super::{Section, SendingNow, ShellData};
use crate::ui::{
    bar::{Bar, BarRole, Segment},
    brand::Brand,
    format::{count, percent_floor},
    icon::{Glyph, Icon, IconSize},
    tone::Fill,
};

pub(super) fn navigation(data: &ShellData) -> AnyView {
    let sections = Section::ALL.map(|section| nav_item(section, data)).collect_view();
    let foot = data.sending_now.clone().map(sending_now);
    view! {
        <nav class="sidebar" id="navigation" popover="auto" aria-label="Main">
            <Brand href=Section::Dashboard.path() label="Fanfare, go to dashboard"/>
            <div class="nav">
                <ul>{sections}</ul>
            </div>
            <div class="nav-foot">{foot}</div>
        </nav>
    }
    .into_any()
}

fn nav_item(section: Section, data: &ShellData) -> AnyView {
    let here = Some(section) == data.section;
    let sub_pages = if here { data.sub_pages.as_slice() } else { &[] };
    // The section itself is "page" only if no page below it is the one on screen.
    let state = here.then_some(if sub_pages.iter().any(|page| page.current) { "true" } else { "page" });
    let badge = data.badges.iter().find(|badge| badge.section == section).cloned().map(|badge| {
        view! {
            <span class="count">
                <span aria-hidden="true">{badge.mark}</span>
                <span class="vh">", "{badge.spoken}</span>
            </span>
        }
    });
    let sub = (!sub_pages.is_empty()).then(|| {
        let pages = sub_pages
            .iter()
            .map(|page| {
                view! {
                    <li>
                        <a href=page.href.clone() aria-current=page.current.then_some("page")>
                            {page.label.clone()}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="sub">{pages}</ul> }
    });
    view! {
        <li>
            <a href=section.path() aria-current=state>
                <Glyph icon=section.icon()/>
                {section.label()}
                {badge}
            </a>
            {sub}
        </li>
    }
    .into_any()
}

fn sending_now(campaign: SendingNow) -> AnyView {
    let SendingNow { name, href, done, total, campaigns } = campaign;
    let title = if campaigns > 1 {
        format!("{} campaigns sending", count(campaigns))
    } else {
        "Sending now".to_owned()
    };
    view! {
        <a class="sending-now" href=href>
            <span class="top">
                <span class="live tone-accent">
                    <span class="dot pulse"></span>
                    {title}
                </span>
                " "
                <span class="num">{percent_floor(done, total)}</span>
            </span>
            " "
            <b>{name}</b>
            <Bar
                segments=vec![Segment::new("Handled", done, Fill::Data3)]
                total=total
                role=BarRole::Decoration
            />
        </a>
    }
    .into_any()
}

pub(super) fn tab_bar(current: Option<Section>) -> AnyView {
    let tabs = Section::ON_PHONE
        .map(|section| {
            view! {
                <li>
                    <a href=section.path() aria-current=(Some(section) == current).then_some("page")>
                        <Glyph icon=section.icon() size=IconSize::L/>
                        {section.label()}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabbar" aria-label="Main, compact">
            <ul>
                {tabs}
                <li>
                    <button type="button" popovertarget="navigation">
                        <Glyph icon=Icon::Menu size=IconSize::L/>
                        "More"
                    </button>
                </li>
            </ul>
        </nav>
    }
    .into_any()
}
