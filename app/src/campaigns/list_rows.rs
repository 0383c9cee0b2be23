//! Campaigns as rows: the list shows all columns, the dashboard the first three.

use domain::campaign::CampaignState;
use leptos::prelude::*;
use service::campaigns::CampaignOverview;

use super::reasons::pause;
use super::times::Times;
use super::words::StateWords;
use crate::ui::avatar::{Avatar, AvatarSize, Hue};
use crate::ui::bar::{Bar, BarRole, BarSize, Segment};
use crate::ui::button::Size;
use crate::ui::chip::{ChannelGlyph, ChannelMark, Chip, Mark};
use crate::ui::format::{count, duration, percent, percent_floor, time_left};
use crate::ui::icon::Icon;
use crate::ui::menu::{MenuLink, MoreMenu};
use crate::ui::table::{NotYet, Rows, Table};
use crate::ui::tone::{Fill, Tone};

fn number(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn state(campaign: &CampaignOverview) -> StateWords {
    match campaign.state {
        CampaignState::Draft if campaign.start_problem.is_some() => {
            StateWords::new(Tone::Danger, Mark::Icon(Icon::Cross), "Failed to start")
        }
        CampaignState::Draft => StateWords::new(Tone::Neutral, Mark::Ring, "Draft"),
        CampaignState::Scheduled { .. } => scheduled(),
        CampaignState::Running => StateWords::sending(),
        CampaignState::Paused => {
            let pause = pause(campaign.pause_kind.as_deref(), None, campaign.paused_by.as_deref());
            StateWords::paused(pause.label, pause.by_provider)
        }
        CampaignState::Finished { .. } => StateWords::finished(number(campaign.failed)),
        CampaignState::Cancelled { .. } => StateWords::cancelled(),
    }
}

fn scheduled() -> StateWords {
    StateWords::new(Tone::Neutral, Mark::Icon(Icon::Calendar), "Scheduled")
}

/// The chip of a campaign that waits for its start.
pub(super) fn scheduled_chip() -> AnyView {
    chip(scheduled()).into_any()
}

/// Whose turn is over, with whatever outcome.
fn handled(campaign: &CampaignOverview) -> u64 {
    number(campaign.sent + campaign.failed + campaign.unknown)
}

/// Who was to get it. A cancellation counts those it left out as skipped: what was handled is then all there is to say.
fn reachable(campaign: &CampaignOverview) -> u64 {
    number(campaign.audience - campaign.skipped)
}

/// How far it is, in words.
fn note(campaign: &CampaignOverview, times: Times) -> String {
    let took = |ended| {
        let since = campaign.launched_at.map_or(0, |launched: domain::Timestamp| {
            let took: chrono::TimeDelta = ended - launched;
            took.num_seconds()
        });
        duration(number(since))
    };
    let share = percent_floor(handled(campaign), reachable(campaign));
    match campaign.state {
        CampaignState::Draft => match &campaign.start_problem {
            Some(problem) => problem.clone(),
            None => format!("Edited {}", times.ago(campaign.updated_at)),
        },
        CampaignState::Scheduled { at } => format!("Starts {}", times.start(at, campaign.schedule)),
        CampaignState::Running => {
            let rate = campaign.rate_per_second.map_or(1, |rate| number(rate.into()).max(1));
            format!("{share} · about {} left", time_left(number(campaign.pending).div_ceil(rate)))
        }
        CampaignState::Paused => format!("{share}, {} to go", count(number(campaign.pending))),
        CampaignState::Finished { at } => format!("{} · took {}", times.date_time(at), took(at)),
        CampaignState::Cancelled { .. } => format!("{} were already sent", count(number(campaign.sent))),
    }
}

fn segments(campaign: &CampaignOverview) -> Vec<Segment> {
    let part = |label: &str, value: i64, fill| Segment::new(label, number(value), fill);
    let failed = part("Failed", campaign.failed, Fill::Danger);
    let unknown = part("Unknown", campaign.unknown, Fill::Unknown);
    match campaign.state {
        CampaignState::Finished { .. } => {
            vec![part("Submitted", campaign.sent, Fill::Positive), failed, unknown]
        }
        CampaignState::Cancelled { .. } => vec![part("Submitted", campaign.sent, Fill::Neutral)],
        _ => vec![
            part("Delivered", campaign.delivered, Fill::Data3),
            part("Submitted", campaign.sent - campaign.delivered, Fill::Data1),
            failed,
            unknown,
        ],
    }
}

fn progress(campaign: &CampaignOverview, times: Times) -> impl IntoView + use<> {
    // The whole is everybody who was to get it, a cancellation or not.
    let whole = match campaign.state {
        CampaignState::Cancelled { .. } => number(campaign.audience),
        _ => reachable(campaign),
    };
    let bar = (campaign.launched_at.is_some() && whole > 0).then(|| {
        let role = BarRole::Picture(format!("Progress of {}", campaign.name));
        view! { <Bar segments=segments(campaign) total=whole role=role size=BarSize::Thin/> }
    });
    view! { <div class="prog">{bar} <small class="t-2">{note(campaign, times)}</small></div> }
}

fn name_cell(campaign: &CampaignOverview) -> impl IntoView + use<> {
    let about = match (&campaign.sender, &campaign.template) {
        (Some(sender), Some(template)) => format!("{sender} · {template}"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => "No sender yet".to_owned(),
    };
    let href = match campaign.state {
        CampaignState::Draft => format!("/campaigns/{}/compose", campaign.id),
        _ => format!("/campaigns/{}", campaign.id),
    };
    view! {
        <div class="row row-3">
            <ChannelGlyph channel=ChannelMark::WhatsApp/>
            <div class="min0">
                <a class="main" href=href>
                    {campaign.name.clone()}
                </a>
                <small class="sub-line">{about}</small>
            </div>
        </div>
    }
}

fn chip(words: StateWords) -> impl IntoView {
    view! {
        <Chip tone=words.tone mark=words.mark>
            {words.words}
        </Chip>
    }
}

/// The whole table.
pub(super) fn table(campaigns: Vec<CampaignOverview>, times: Times, may_send: bool) -> AnyView {
    let rows = campaigns.iter().map(|campaign| row(campaign, times, may_send)).collect_view();
    view! {
        <Table label="Campaigns" rows=Rows::Tall cards=true>
            <thead>
                <tr>
                    <th scope="col">"Campaign"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Progress"</th>
                    <th scope="col" class="end">
                        "Audience"
                    </th>
                    <th scope="col" class="end" title="Of submitted">
                        "Delivered"
                    </th>
                    <th scope="col" class="end col-2" title="Of submitted">
                        "Read"
                    </th>
                    <th scope="col" class="end col-2" title="Of submitted">
                        "Replied"
                    </th>
                    <th scope="col" class="col-3">
                        "Owner"
                    </th>
                    <th scope="col" class="shrink">
                        <span class="vh">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn row(campaign: &CampaignOverview, times: Times, may_send: bool) -> impl IntoView + use<> {
    let share = |part: i64| match campaign.sent {
        0 => view! { <NotYet/> }.into_any(),
        sent => percent(number(part), number(sent)).into_any(),
    };
    let audience = match campaign.launched_at {
        Some(_) => count(number(campaign.audience)).into_any(),
        None => view! { <NotYet/> }.into_any(),
    };
    let owner = campaign.owner_name.clone();
    view! {
        <tr>
            <td class="c-name">{name_cell(campaign)}</td>
            <td class="cell-top">{chip(state(campaign))}</td>
            <td class="c-prog">{progress(campaign, times)}</td>
            <td class="end cell-hide">{audience}</td>
            <td class="end cell-hide">{share(campaign.delivered)}</td>
            <td class="end col-2 cell-hide">{share(campaign.read)}</td>
            <td class="end col-2 cell-hide">{share(campaign.replied)}</td>
            <td class="col-3 cell-hide">
                <Avatar name=owner.clone() hue=Hue::of(&campaign.owner.to_string()) size=AvatarSize::S/>
                <span class="vh">{owner}</span>
            </td>
            <td class="shrink cell-hide">{actions(campaign, may_send)}</td>
        </tr>
    }
}

/// What can be done with a row; only a draft has something.
fn actions(campaign: &CampaignOverview, may_send: bool) -> Option<AnyView> {
    let id = campaign.id;
    (may_send && campaign.state == CampaignState::Draft).then(|| {
        view! {
            <MoreMenu id=format!("actions-{id}") label=format!("Actions for {}", campaign.name) size=Size::S>
                <MenuLink href=format!("/campaigns/{id}/compose") icon=Icon::Edit>
                    "Edit"
                </MenuLink>
                <MenuLink href=format!("/campaigns?delete={id}") icon=Icon::Trash>
                    "Delete…"
                </MenuLink>
            </MoreMenu>
        }
        .into_any()
    })
}

/// The first columns, for the dashboard.
pub(super) fn short_table(campaigns: &[CampaignOverview], times: Times) -> AnyView {
    let rows = campaigns
        .iter()
        .map(|campaign| {
            view! {
                <tr>
                    <td class="c-name">{name_cell(campaign)}</td>
                    <td class="cell-top">{chip(state(campaign))}</td>
                    <td class="c-prog">{progress(campaign, times)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table label="Campaigns" rows=Rows::Tall cards=true>
            <thead>
                <tr>
                    <th scope="col">"Campaign"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Progress"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}
