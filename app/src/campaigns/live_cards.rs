//! The parts of the live page that change while it is open, each drawn from a snapshot.

use leptos::prelude::*;

use super::drawing::{funnel, ledger, reason_href, throughput};
use super::live_again::offers;
use super::live_parts::parts_card;
use super::snapshot::{Group, GroupKind, PaceLine, Pause, Remedy, Snapshot, Standing};
use super::words::{facts, lead, progress_text, state, why};
use crate::channels::WHATSAPP_MANAGER;
use crate::ui::banner::{Banner, Why};
use crate::ui::bar::{Bar, BarRole, BarSize, LedgerSum, Legend};
use crate::ui::button::{Button, ButtonLink, Size, Variant};
use crate::ui::card::{Card, CardBody};
use crate::ui::chart::TimeSeriesChart;
use crate::ui::chip::{ChannelGlyph, ChannelMark, Chip, LiveMark};
use crate::ui::format::{clock_seconds_of, count};
use crate::ui::funnel::Funnel;
use crate::ui::groups::{FailureGroup, Groups};
use crate::ui::icon::Icon;
use crate::ui::page_head::PageHead;
use crate::ui::stats::{Lead, SmallFacts};
use crate::ui::tone::Tone;

/// What does not change: who, from where, since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiveHead {
    /// The id of the campaign.
    pub(super) campaign: String,
    /// Its name.
    pub(super) name: String,
    /// What the sender is called.
    pub(super) sender: String,
    /// The number of the sender.
    pub(super) number: String,
    /// Who launched it and when, in words.
    pub(super) launched: String,
    /// The zone of all times.
    pub(super) zone: String,
    /// The person may pause, resume and cancel.
    pub(super) may_send: bool,
}

/// A part of the page that changes while it is open, and the place it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Head,
    Progress,
    Parts,
    Funnel,
    Throughput,
    NotThrough,
}

impl Part {
    pub(super) const ALL: [Self; 6] =
        [Self::Head, Self::Progress, Self::Parts, Self::Funnel, Self::Throughput, Self::NotThrough];

    /// The value of `data-live`.
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Progress => "progress",
            Self::Parts => "parts",
            Self::Funnel => "funnel",
            Self::Throughput => "throughput",
            Self::NotThrough => "not-through",
        }
    }

    /// Draws it, for the page and for every change of it.
    pub(super) fn draw(self, fixed: &LiveHead, snapshot: &Snapshot) -> AnyView {
        let campaign = &fixed.campaign;
        match self {
            Self::Head => head(fixed, snapshot),
            Self::Progress => progress(campaign, snapshot),
            Self::Parts => parts_card(fixed, snapshot),
            Self::Funnel => funnel_card(campaign, snapshot),
            Self::Throughput => throughput_card(snapshot),
            Self::NotThrough => groups_card(campaign, snapshot),
        }
    }

    /// The part in its place.
    pub(super) fn placed(self, fixed: &LiveHead, snapshot: &Snapshot) -> impl IntoView + use<> {
        view! { <div data-live=self.place()>{self.draw(fixed, snapshot)}</div> }
    }
}

/// Title, state, facts, and what can be done.
fn head(head: &LiveHead, snapshot: &Snapshot) -> AnyView {
    let words = state(snapshot);
    let mark = view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any();
    let chip = view! {
        <Chip tone=words.tone mark=words.mark>
            {words.words}
        </Chip>
    }
    .into_any();
    let facts = vec![
        view! {
            "From "
            <b class="medium">{head.sender.clone()}</b>
            " "
            <span class="num nowrap">{head.number.clone()}</span>
        }
        .into_any(),
        head.launched.clone().into_any(),
        head.zone.clone().into_any(),
    ];
    let actions = match (head.may_send, snapshot.has_ended()) {
        (true, false) => Some(actions(&head.campaign, snapshot)),
        (true, true) => offers(&head.campaign, snapshot),
        (false, _) => None,
    };
    let stopped = snapshot.pause.as_ref().and_then(|pause| stopped(&head.campaign, pause, head.may_send));
    view! {
        <PageHead title=head.name.clone() mark=mark state=chip facts=facts actions=actions/>
        {stopped}
    }
    .into_any()
}

/// Why the provider stopped it, with the button that leads to where that is put right.
fn stopped(campaign: &str, pause: &Pause, may_send: bool) -> Option<AnyView> {
    let remedy = pause.remedy.as_ref()?;
    let link = |href: String, words: &'static str| {
        view! {
            <ButtonLink href=href size=Size::S variant=Variant::Primary>
                {words}
            </ButtonLink>
        }
        .into_any()
    };
    let (tone, then, actions) = match remedy {
        Remedy::Failures => {
            let failures = link(format!("/campaigns/{campaign}?show=failed#recipients"), "See who failed");
            (Tone::Danger, "", Some(failures))
        }
        Remedy::Resume => {
            let resume = may_send.then(|| {
                view! {
                    <Button size=Size::S variant=Variant::Primary attr:form="pause-or-resume">
                        "Resume"
                    </Button>
                }
                .into_any()
            });
            (Tone::Positive, " That is put right: the campaign can go on.", resume)
        }
        Remedy::Reconnect(sender) => {
            let link = link(format!("{sender}#replace-token"), "Reconnect the sender");
            (Tone::Danger, " Then resume.", Some(link))
        }
        Remedy::AtTheProvider(sender) => {
            let check = sender.clone();
            let both = view! {
                <ButtonLink href=WHATSAPP_MANAGER size=Size::S variant=Variant::Primary>
                    "Open WhatsApp Manager"
                </ButtonLink>
                <ButtonLink href=check size=Size::S>
                    "Check the sender"
                </ButtonLink>
            }
            .into_any();
            (Tone::Danger, " When it is put right there, check the sender here and resume.", Some(both))
        }
        Remedy::Template(template) => {
            (Tone::Danger, " Then resume.", Some(link(template.clone(), "Open the template")))
        }
    };
    let (label, sentence) = (format!("{}. ", pause.label), pause.sentence.clone());
    let banner = view! {
        <Banner tone=tone actions=actions>
            <strong>{label}</strong>
            {sentence}
            {then}
        </Banner>
    };
    Some(banner.into_any())
}

fn actions(campaign: &str, snapshot: &Snapshot) -> AnyView {
    let (action, label, icon, variant) = match snapshot.standing {
        _ if snapshot.undo_left_s().is_some() => ("undo", "Undo", Icon::Undo, Variant::Primary),
        Standing::Paused => ("resume", "Resume", Icon::Play, Variant::Primary),
        _ => ("pause", "Pause", Icon::Pause, Variant::Secondary),
    };
    view! {
        <form id="pause-or-resume" method="post" action=format!("/campaigns/{campaign}/{action}") hidden></form>
        <Button variant=variant icon=icon class="grow-s" attr:form="pause-or-resume">
            {label}
        </Button>
        <ButtonLink
            href=format!("/campaigns/{campaign}?ask=cancel")
            variant=Variant::Danger
            icon=Icon::Stop
            class="grow-s"
        >
            "Cancel send…"
        </ButtonLink>
    }
    .into_any()
}

/// Said above everything while the numbers on screen are not those of now; the page shows it by its `data-line`.
pub(super) fn line_banners(campaign: &str, as_of: String) -> impl IntoView + use<> {
    let reload = |campaign: &str| {
        view! {
            <ButtonLink href=format!("/campaigns/{campaign}") size=Size::S icon=Icon::Refresh>
                "Reload"
            </ButtonLink>
        }
        .into_any()
    };
    view! {
        <div class="when-lost">
            <Banner tone=Tone::Caution actions=reload(campaign)>
                <strong>"Connection lost"</strong>
                ", numbers from "
                <span class="num" data-live-as-of="">
                    {as_of}
                </span>
                ". The sending goes on; trying again."
            </Banner>
        </div>
        <div class="when-closed">
            <Banner tone=Tone::Caution actions=reload(campaign)>
                <strong>"These numbers stand still. "</strong>
                <span data-live-reason=""></span>
            </Banner>
        </div>
    }
}

/// When a snapshot was true, as the workspace's clocks show it.
pub(super) fn as_of(snapshot: &Snapshot) -> String {
    clock_seconds_of(snapshot.local_s(snapshot.as_of_s))
}

/// The lead figure, the bar, the ledger that adds up, and why it is this fast.
fn progress(campaign: &str, snapshot: &Snapshot) -> AnyView {
    let segments = ledger(campaign, snapshot);
    let (value, of) = lead(snapshot);
    let facts = facts(snapshot);
    let (first, rest) = why(snapshot);
    let role = BarRole::Progress {
        label: "People handled".to_owned(),
        done: snapshot.handled().into(),
        text: progress_text(snapshot),
    };
    let proof =
        view! { <LedgerSum sum=snapshot.ledger_sum().into() audience=snapshot.audience.into()/> }.into_any();
    let total = u64::from(snapshot.reachable());
    let pace = snapshot.pace.iter().map(|line| pace_line(campaign, line)).collect_view();
    let icon = if snapshot.standing == Standing::Paused { Icon::Pause } else { Icon::Gauge };
    view! {
        <Card id="progress" title="Progress" untitled=true>
            <CardBody>
                <div class="prog-top">
                    <Lead value=value of=of/>
                    <SmallFacts facts=facts/>
                </div>
                <div class="ledger">
                    <Bar segments=segments.clone() total=total role=role size=BarSize::L/>
                    <Legend segments=segments end=proof/>
                </div>
                <Why icon=icon divided=true>
                    <b class="medium">{first}</b>
                    {rest}
                </Why>
                {pace}
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Something that keeps the campaign from being faster, with the people who wait for it.
fn pace_line(campaign: &str, line: &PaceLine) -> AnyView {
    let show = line.reason.as_ref().filter(|_| line.people > 0).map(|reason| {
        let (href, words) =
            (reason_href(campaign, "waiting", reason), format!("Show {}", count(line.people.into())));
        view! {
            " "
            <a href=href class="nowrap">{words}</a>
        }
        .into_any()
    });
    let (head, rest) = (line.head.clone(), line.rest.clone());
    view! {
        <Why icon=Icon::Clock>
            <b class="medium">{head}</b>
            {rest}
            {show}
        </Why>
    }
    .into_any()
}

/// From the audience to the replies, and whether these numbers are live.
fn funnel_card(campaign: &str, snapshot: &Snapshot) -> AnyView {
    let since = as_of(snapshot);
    let end = view! {
        <span class="when-live">
            <LiveMark/>
        </span>
        <span class="when-served t-3 s-13">
            {format!("As of {since} · ")}
            <a href=format!("/campaigns/{campaign}")>"Refresh"</a>
        </span>
    }
    .into_any();
    let steps = funnel(campaign, snapshot);
    view! {
        <Card id="funnel" title="Funnel" hint="Every number opens the people behind it" end=end>
            <Funnel steps=steps/>
        </Card>
    }
    .into_any()
}

/// The course of the rate.
fn throughput_card(snapshot: &Snapshot) -> AnyView {
    let series = throughput(snapshot);
    let content = if series.points.len() < 2 {
        view! { <p class="t-2 s-13">"The chart begins with the first answers of WhatsApp."</p> }.into_any()
    } else {
        view! { <TimeSeriesChart series=series/> }.into_any()
    };
    view! {
        <Card id="throughput" title="Handed over per second">
            <CardBody>{content}</CardBody>
        </Card>
    }
    .into_any()
}

/// Who was tried without a certain success, by reason. Nothing while there is nobody.
fn groups_card(campaign: &str, snapshot: &Snapshot) -> AnyView {
    if snapshot.groups.is_empty() {
        return ().into_any();
    }
    let rows = snapshot.groups.iter().map(|group| group_row(campaign, group)).collect_view();
    let people: u64 = snapshot.groups.iter().map(|group| u64::from(group.people)).sum();
    view! {
        <Card id="not-through" title="What did not go through" count=people>
            <Groups>{rows}</Groups>
        </Card>
    }
    .into_any()
}

fn group_row(campaign: &str, group: &Group) -> impl IntoView + use<> {
    let (tone, icon, href) = match group.kind {
        GroupKind::Unknown => (Tone::Unknown, Icon::Ask, super::drawing::people_href(campaign, "unknown")),
        GroupKind::Failed => (Tone::Danger, Icon::Cross, reason_href(campaign, "failed", &group.reason)),
        GroupKind::Held => (Tone::Caution, Icon::Clock, reason_href(campaign, "submitted", &group.reason)),
    };
    let codes: Vec<String> = group.codes.iter().map(i32::to_string).collect();
    let text = match codes.as_slice() {
        [] => group.sentence.clone(),
        [code] => format!("{} WhatsApp’s code: {code}.", group.sentence),
        codes => format!("{} WhatsApp’s codes: {}.", group.sentence, codes.join(", ")),
    };
    let people = count(group.people.into());
    let actions = view! {
        <ButtonLink href=href size=Size::S variant=Variant::Ghost>
            {format!("Show {people}")}
        </ButtonLink>
    }
    .into_any();
    view! {
        <FailureGroup
            number=u64::from(group.people)
            tone=tone
            icon=icon
            title=group.label.clone()
            text=text
            actions=actions
        />
    }
}
