//! The parts of a campaign that was cut into several, on its live page.

use leptos::prelude::*;

use super::live_again::part_words;
use super::live_cards::LiveHead;
use super::snapshot::{PartLine, Snapshot, Standing};
use super::words::StateWords;
use crate::ui::button::{Button, Size};
use crate::ui::card::Card;
use crate::ui::chip::{Chip, Mark};
use crate::ui::format::{count, plural};
use crate::ui::icon::Icon;
use crate::ui::table::Table;
use crate::ui::tone::Tone;

/// Who carries which part, and how far each is. Nothing for a campaign of one.
pub(super) fn parts_card(head: &LiveHead, snapshot: &Snapshot) -> AnyView {
    if snapshot.parts.is_empty() {
        return ().into_any();
    }
    let rows = snapshot.parts.iter().map(row).collect_view();
    let hint = if snapshot.has_several_senders() { "Side by side" } else { "One after the other" };
    let paused = snapshot.parts.iter().filter(|part| part.standing == Standing::Paused).count() as u64;
    // Where everything stands still, the button at the head does it.
    let resume = (paused > 0 && snapshot.standing == Standing::Running && head.may_send).then(|| {
        let label = format!("Resume {}", plural(paused, "paused part", "paused parts"));
        view! {
            <form method="post" action=format!("/campaigns/{}/resume", head.campaign)>
                <Button size=Size::S icon=Icon::Play>
                    {label}
                </Button>
            </form>
        }
        .into_any()
    });
    view! {
        <Card id="parts" title="Parts" hint=hint count=snapshot.parts.len() as u64 end=resume>
            <Table label="Parts" cards=true>
                <thead>
                    <tr>
                        <th scope="col">"Part"</th>
                        <th scope="col">"From"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="end">
                            "Handled"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn row(part: &PartLine) -> impl IntoView + use<> {
    let state = words(part);
    let again = part_words(part).map(|words| view! { <span class="block t-2 s-13">{words}</span> });
    let handled = format!("{} of {}", count(part.handled.into()), count(part.reachable.into()));
    view! {
        <tr>
            <td>
                <span class="num">{format!("Part {}", part.number)}</span>
                {again}
            </td>
            <td>{part.sender.clone()}</td>
            <td>
                <Chip tone=state.tone mark=state.mark>
                    {state.words}
                </Chip>
            </td>
            <td class="end num nowrap">{handled}</td>
        </tr>
    }
}

fn words(part: &PartLine) -> StateWords {
    match (part.standing, &part.pause) {
        (Standing::Paused, Some(pause)) if pause.by_provider => {
            StateWords::new(Tone::Caution, Mark::Icon(Icon::Pause), &pause.label)
        }
        (Standing::Paused, _) => StateWords::new(Tone::Neutral, Mark::Icon(Icon::Pause), "Paused"),
        (Standing::Running, _) if part.handled == 0 => StateWords::new(Tone::Neutral, Mark::Ring, "Waiting"),
        (Standing::Running, _) => StateWords::new(Tone::Accent, Mark::Pulse, "Sending"),
        (Standing::Finished, _) => StateWords::new(Tone::Positive, Mark::Icon(Icon::Check), "Finished"),
        (Standing::Cancelled, _) => StateWords::cancelled(),
    }
}
