//! The message of a draft as a real person of its audience would get it.

use leptos::prelude::*;
use service::campaigns::{Preflight, Sample};

use super::compose_page::Composer;
use super::compose_steps::Step;
use crate::templates::preview::bubble;
use crate::ui::card::{Card, CardBody};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::kv::{Fact, KeyValues};
use crate::ui::phone::PhonePreview;

/// The message as a real person of the audience would get it, one of a few.
pub(super) fn preview_card(
    composer: &Composer,
    found: &Preflight,
    step: Step,
    aside: Option<AnyView>,
) -> AnyView {
    let shown = composer.sample.clamp(1, found.samples.len().max(1));
    let sample = found.samples.get(shown - 1);
    let title = match sample {
        Some(sample) => format!("As {}", name_of(sample)),
        None => "Preview".to_owned(),
    };
    let pages = sample_pages(composer, step, shown, found.samples.len());
    let end = view! {
        {aside}
        {pages}
    }
    .into_any();
    let Some(content) = &composer.content else {
        return view! {
            <Card id="preview" title=title end=end>
                <CardBody>
                    <p class="t-2 s-13">"There is a preview once a template is chosen."</p>
                </CardBody>
            </Card>
        }
        .into_any();
    };
    let message = match sample {
        Some(sample) => bubble(content, &sample.message, ""),
        None => bubble(content, &content.render_examples(), ""),
    };
    let (business, facts) = (composer.business(), facts(composer, sample));
    view! {
        <Card id="preview" title=title class="card-clip" end=end>
            <div class="stage">
                <PhonePreview business=business bubbles=vec![message] day="Today"/>
            </div>
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn name_of(sample: &Sample) -> String {
    if sample.name.is_empty() { sample.address.clone() } else { sample.name.clone() }
}

fn sample_pages(composer: &Composer, step: Step, shown: usize, samples: usize) -> Option<AnyView> {
    let href = |sample: usize| format!("{}&sample={sample}#preview", step.href(composer.chosen.campaign.id));
    let link = |to: Option<usize>, icon: Icon, label: &'static str| {
        let off = to.is_none();
        view! {
            <a
                class="btn btn-ghost btn-icon btn-s"
                href=to.map(href)
                role=off.then_some("link")
                aria-disabled=off.then_some("true")
                aria-label=label
            >
                <Glyph icon=icon/>
            </a>
        }
    };
    (samples > 1).then(|| {
        let previous = shown.checked_sub(1).filter(|sample| *sample > 0);
        let next = Some(shown + 1).filter(|sample| *sample <= samples);
        view! {
            <span class="row row-1 s-13 t-2 nowrap">
                {link(previous, Icon::Left, "Previous person")}
                <span class="num">{format!("{shown} of {samples}")}</span>
                {link(next, Icon::Right, "Next person")}
            </span>
        }
        .into_any()
    })
}

fn facts(composer: &Composer, sample: Option<&Sample>) -> Vec<Fact> {
    let id = composer.chosen.campaign.id;
    let edit = |step: Step| view! { " "<a href=step.href(id) aria-label=format!("Edit {}", step.label().to_lowercase())>"Edit"</a> };
    let mut facts = Vec::new();
    if let Some(sample) = sample {
        let href = format!("/contacts/{}", sample.contact);
        let address = sample.address.clone();
        facts.push(Fact::new("Goes to", view! { <a class="num nowrap" href=href>{address}</a> }));
    }
    if let Some(sender) = &composer.chosen.sender {
        let number = sender.whatsapp.as_ref().map(|number| number.display_phone_number.clone());
        let name = sender.name.clone();
        facts.push(Fact::new(
            "From",
            view! {
                {name}
                " "
                <span class="t-3 num nowrap">{number}</span>
                {edit(Step::Sender)}
            },
        ));
    }
    let lists: Vec<String> = composer.chosen.lists.iter().map(|list| list.name.to_string()).collect();
    if !lists.is_empty() {
        facts.push(Fact::new("To", view! { {lists.join(", ")} {edit(Step::Audience)} }));
    }
    if let Some(content) = &composer.content {
        let name = content.name.clone();
        facts.push(Fact::new("Template", view! { <span class="mono">{name}</span> {edit(Step::Template)} }));
    }
    facts
}
