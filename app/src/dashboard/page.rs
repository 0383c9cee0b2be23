//! The dashboard.

use leptos::prelude::*;
use service::access::Read;
use service::accounts::workspaces::{self, Progress};

use crate::campaigns::recent::recent_campaigns;
use crate::page::{Screen, signed_in};
use crate::shell::Section;
use crate::ui::button::{ButtonLink, Size, Variant};
use crate::ui::card::Card;
use crate::ui::groups::{Finding, Groups};
use crate::ui::icon::Icon;
use crate::ui::page_head::{Page, PageHead};
use crate::ui::tone::Tone;

/// One of the first steps.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FirstStep {
    title: &'static str,
    text: &'static str,
    href: &'static str,
    verb: &'static str,
    done: bool,
}

fn first_steps(progress: Progress) -> [FirstStep; 4] {
    [
        FirstStep {
            title: "Connect a sender",
            text: "A WhatsApp number that messages go out from.",
            href: Section::Channels.path(),
            verb: "Connect a sender",
            done: progress.has_sender,
        },
        FirstStep {
            title: "Import contacts",
            text: "A CSV file is read in your browser first, so that you see what will happen.",
            href: "/contacts/import",
            verb: "Import contacts",
            done: progress.has_contacts,
        },
        FirstStep {
            title: "Get a template approved",
            text: "WhatsApp approves the words before you send them. Approved ones are read from your account.",
            href: Section::Templates.path(),
            verb: "See templates",
            done: progress.has_template,
        },
        FirstStep {
            title: "Send your first campaign",
            text: "You see who gets it, who does not and why, before anything leaves.",
            href: "/campaigns/new",
            verb: "New campaign",
            done: progress.has_campaign,
        },
    ]
}

/// The dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    signed_in(|request| async move {
        let access = request.workspace_access::<Read>().await?;
        let progress = workspaces::progress(&request.services, &access).await?;
        let recent = recent_campaigns(&request, &access).await?;
        Ok(Screen::new(Section::Dashboard, "Dashboard", dashboard(progress, recent)).with_crumbs(Vec::new()))
    })
}

fn dashboard(progress: Progress, recent: Option<AnyView>) -> impl IntoView {
    let steps = first_steps(progress);
    let all_done = steps.iter().all(|step| step.done);
    let checklist = (!all_done).then(|| checklist(steps));
    view! {
        <Page>
            <PageHead
                title="Dashboard"
                actions=view! {
                    <ButtonLink href="/campaigns/new" icon=Icon::Plus variant=Variant::Primary class="grow-s">
                        "New campaign"
                    </ButtonLink>
                }
                    .into_any()
            />
            {checklist}
            {recent}
        </Page>
    }
}

fn checklist(steps: [FirstStep; 4]) -> impl IntoView {
    let done = steps.iter().filter(|step| step.done).count();
    let next = steps.iter().find(|step| !step.done).map(|step| step.title);
    let rows = steps
        .map(|step| {
            let (tone, icon) = if step.done {
                (Tone::Positive, Icon::Check)
            } else if next == Some(step.title) {
                (Tone::Accent, Icon::Right)
            } else {
                (Tone::Neutral, Icon::Right)
            };
            let actions = if step.done {
                view! { <span class="t-3 s-13">"Done"</span> }.into_any()
            } else {
                view! { <ButtonLink href=step.href size=Size::S>{step.verb}</ButtonLink> }.into_any()
            };
            view! { <Finding tone=tone icon=icon title=step.title text=step.text actions=actions/> }
        })
        .collect_view();
    view! {
        <Card id="first-steps" title="First steps" hint=format!("{done} of 4 done")>
            <Groups>{rows}</Groups>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_follow_what_is_there() {
        let progress =
            Progress { has_sender: true, has_contacts: false, has_template: true, has_campaign: false };
        assert_eq!(first_steps(progress).map(|step| step.done), [true, false, true, false]);
    }
}
