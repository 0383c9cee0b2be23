//! The steps of the composer: their order, their words, and how far a draft has come.

use domain::ids::CampaignId;
use leptos::prelude::*;
use service::campaigns::{Chosen, mapping_of};

use super::times::Times;
use super::words::StateWords;
use crate::ui::chip::{ChannelGlyph, ChannelMark, Chip, Mark};
use crate::ui::page_head::PageHead;
use crate::ui::steps::{Step as StepLink, StepState, Steps};
use crate::ui::tone::Tone;

/// A step of the composer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Sender,
    Template,
    Audience,
    Variables,
    Schedule,
    Review,
}

impl Step {
    pub(super) const ALL: [Self; 6] =
        [Self::Sender, Self::Template, Self::Audience, Self::Variables, Self::Schedule, Self::Review];

    /// The word in the address.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Template => "template",
            Self::Audience => "audience",
            Self::Variables => "variables",
            Self::Schedule => "schedule",
            Self::Review => "review",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Sender => "Sender",
            Self::Template => "Template",
            Self::Audience => "Audience",
            Self::Variables => "Variables",
            Self::Schedule => "Schedule",
            Self::Review => "Review",
        }
    }

    /// The step that an address asks for.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// The page of the step.
    pub(super) fn href(self, campaign: CampaignId) -> String {
        format!("/campaigns/{campaign}/compose?step={}", self.word())
    }

    /// What the form of the step is posted to.
    pub(super) fn action(self, campaign: CampaignId) -> String {
        format!("/campaigns/{campaign}/compose/{}", self.word())
    }

    /// Whether nothing is left to do in it.
    pub(super) fn is_done(self, chosen: &Chosen) -> bool {
        match self {
            Self::Sender => chosen.sender.is_some(),
            Self::Template => chosen.template.is_some(),
            Self::Audience => !chosen.lists.is_empty(),
            Self::Variables => chosen
                .template
                .as_ref()
                .is_some_and(|template| mapping_of(&chosen.campaign).fits(&template.as_listed()).is_ok()),
            // It goes out with the button unless something else is chosen.
            Self::Schedule => Self::Variables.is_done(chosen),
            Self::Review => false,
        }
    }

    /// The first step in which something is left to do.
    pub(super) fn first_open(chosen: &Chosen) -> Self {
        Self::ALL.into_iter().find(|step| !step.is_done(chosen)).unwrap_or(Self::Review)
    }

    /// Where the way on leads. A template without variables has nothing to fill.
    pub(super) const fn next(self, has_variables: bool) -> Self {
        match self {
            Self::Sender => Self::Template,
            Self::Template => Self::Audience,
            Self::Audience if has_variables => Self::Variables,
            Self::Audience | Self::Variables => Self::Schedule,
            Self::Schedule | Self::Review => Self::Review,
        }
    }

    /// Where the way back leads; `None` out of the composer.
    pub(super) const fn previous(self, has_variables: bool) -> Option<Self> {
        match self {
            Self::Sender => None,
            Self::Template => Some(Self::Sender),
            Self::Audience => Some(Self::Template),
            Self::Variables => Some(Self::Audience),
            Self::Schedule if has_variables => Some(Self::Variables),
            Self::Schedule => Some(Self::Audience),
            Self::Review => Some(Self::Schedule),
        }
    }
}

/// The head of a step: the campaign, that it is a draft, and the steps.
pub(super) fn head(chosen: &Chosen, step: Step, times: Times) -> impl IntoView + use<> {
    let id = chosen.campaign.id;
    let links = Step::ALL
        .into_iter()
        .map(|other| {
            let state = if other == step {
                StepState::Current
            } else if other.is_done(chosen) {
                StepState::Done(other.href(id))
            } else {
                StepState::Next(Some(other.href(id)))
            };
            StepLink::new(other.label(), state)
        })
        .collect();
    let saved = format!("Draft, saved {}", times.ago(chosen.campaign.updated_at));
    named_head(chosen.campaign.name.to_string(), saved, links)
}

/// The head before there is a draft.
pub(super) fn new_head() -> impl IntoView {
    let links = Step::ALL
        .into_iter()
        .map(|step| {
            let state = if step == Step::Sender { StepState::Current } else { StepState::Next(None) };
            StepLink::new(step.label(), state)
        })
        .collect();
    named_head("New campaign".to_owned(), "Not saved yet".to_owned(), links)
}

fn named_head(title: String, saved: String, links: Vec<StepLink>) -> impl IntoView {
    let words = StateWords { tone: Tone::Neutral, mark: Mark::Ring, words: saved };
    let mark = view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any();
    let state = view! {
        <Chip tone=words.tone mark=words.mark>
            {words.words}
        </Chip>
    }
    .into_any();
    let steps = view! { <Steps steps=links/> }.into_any();
    view! { <PageHead title=title mark=mark state=state actions=steps bare=true/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_and_the_way_back_are_one_way() {
        for has_variables in [true, false] {
            for step in Step::ALL {
                if step == Step::Review || (step == Step::Variables && !has_variables) {
                    continue;
                }
                assert_eq!(step.next(has_variables).previous(has_variables), Some(step));
            }
        }
        assert_eq!(Step::Audience.next(false), Step::Schedule);
    }

    #[test]
    fn a_step_survives_its_word() {
        for step in Step::ALL {
            assert_eq!(Step::parse(step.word()), Some(step));
        }
        assert_eq!(Step::parse("rubbish"), None);
    }
}
