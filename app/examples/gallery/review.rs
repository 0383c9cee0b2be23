//! The last step before the click.

use app::ui::{
    banner::Why,
    button::{Button, ButtonLink, Size, Variant},
    card::{Card, CardBody},
    chip::{ChannelGlyph, ChannelMark, Chip, Mark},
    groups::{Finding, Groups, ReasonCount, ReasonCounts},
    icon::Icon,
    kv::{Fact, KeyValues},
    page_head::{Page, PageHead, Split},
    phone::{PhonePreview, PhoneSize, PhoneTheme},
    stats::{Stat, Stats},
    steps::{Step, StepState, Steps},
    tone::Tone,
};
use leptos::prelude::*;

use super::sample;

pub fn page() -> AnyView {
    let done = |label: &str| Step::new(label, StepState::Done("#".into()));
    let steps =
        vec![done("Sender"), done("Audience"), done("Content"), Step::new("Review", StepState::Current)];
    let steps = view! { <Steps steps=steps/> }.into_any();
    let mark = view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any();
    let state = view! {
        <Chip tone=Tone::Neutral mark=Mark::Ring>
            "Draft, saved 10:26"
        </Chip>
    }
    .into_any();
    view! {
        <Page>
            <PageHead title="Spring seed swap" mark=mark state=state actions=steps bare=true/>
            <Split wide=true sticky=true side_label="Send and preview" side=side()>
                {summary()} {preflight()}
            </Split>
        </Page>
    }
    .into_any()
}

fn summary() -> AnyView {
    view! {
        <Card id="summary" title="Summary" untitled=true>
            <Stats stats=vec![
                Stat::new("Will get it", "9,873").note("of 10,412 on the list"),
                Stat::new("Takes", "8 min").note("20 a second"),
                Stat::new("Ends", "10:43").note("Oslo time"),
                Stat::new("Limit left after", "127").note("of 10,000 until Sat 10:30"),
            ]/>
        </Card>
    }
    .into_any()
}

fn preflight() -> AnyView {
    let verdict = view! {
        <Chip tone=Tone::Positive mark=Mark::Icon(Icon::Check)>
            "Nothing blocks"
        </Chip>
        <Chip tone=Tone::Caution mark=Mark::Icon(Icon::Warn)>
            "2 warnings"
        </Chip>
    }
    .into_any();
    let leave_out = view! { <Button size=Size::S>"Leave out 14"</Button> }.into_any();
    let reason = |reason: &str, count| ReasonCount { reason: reason.into(), count, href: Some("#".into()) };
    view! {
        <Card id="preflight" title="Preflight" hint="20 s ago" end=verdict>
            <Groups top=true>
                <Finding
                    tone=Tone::Caution
                    icon=Icon::Gauge
                    title="Uses nearly all of today’s limit"
                    text="127 new conversations are left for all your numbers until Sat 21 Nov, 10:30."
                />
                <Finding
                    tone=Tone::Caution
                    icon=Icon::Globe
                    title="14 people have US numbers"
                    text="Marketing does not reach US numbers at the moment. They would fail."
                    actions=leave_out
                />
                <Finding tone=Tone::Positive icon=Icon::Check title="The template is approved" text="seed_swap_2026, English"/>
                <Finding tone=Tone::Neutral icon=Icon::Skip title="539 people will be skipped">
                    <ReasonCounts reasons=vec![
                        reason("Opted out or complained", 231),
                        reason("No opt-in for WhatsApp", 164),
                        reason("Number cannot be used", 102),
                        reason("Same number twice", 42),
                    ]/>
                </Finding>
            </Groups>
        </Card>
    }
    .into_any()
}

fn side() -> AnyView {
    let facts = vec![
        Fact::new("From", view! { "Halden shop " <span class="t-3 num nowrap">"+47 555 50 187"</span> }),
        Fact::new("To", view! { "Members who grow beans " <a href="#">"Edit"</a> }),
        Fact::new("When", "now"),
    ];
    view! {
        <Card id="send" title="Send" untitled=true>
            <CardBody class="stack-3">
                <Button variant=Variant::Primary size=Size::L block=true icon=Icon::Plane>
                    "Send to 9,873 people"
                </Button>
                <div class="row">
                    <ButtonLink href="#" icon=Icon::Phone class="grow">
                        "Test to me"
                    </ButtonLink>
                    <ButtonLink href="#" icon=Icon::Calendar class="grow">
                        "Schedule"
                    </ButtonLink>
                </div>
                <Why icon=Icon::ShieldCheck>
                    "What you see here is what is sent. A double click sends it once."
                </Why>
            </CardBody>
        </Card>
        <Card id="preview" title="As Jonas Berg" class="card-clip">
            <div class="stage">
                <PhonePreview
                    business="Halden Seed Library"
                    bubbles=vec![sample::message(), sample::answer()]
                    size=PhoneSize::S
                    theme=PhoneTheme::Dark
                    day="Today"
                />
            </div>
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
    }
    .into_any()
}
