//! A campaign while it is being sent.

use app::ui::{
    banner::Why,
    bar::{Bar, BarRole, BarSize, LedgerSum, Legend, Pattern, Segment},
    button::{Button, ButtonLink, Size, Variant},
    card::{Card, CardBody},
    chart::{Moment, TimeSeries, TimeSeriesChart, Zone},
    chip::{ChannelGlyph, ChannelMark, Chip, LiveMark, Mark, Tag},
    field::SearchField,
    format::{count, percent_of},
    funnel::{Funnel, FunnelStep},
    groups::{FailureGroup, Groups},
    icon::Icon,
    kv::{Fact, KeyValues},
    menu::{MenuLink, MoreMenu},
    page_head::{Page, PageHead, Split},
    pager::Pager,
    phone::PhonePreview,
    stats::{Lead, SmallFact, SmallFacts},
    table::{PersonCell, Table},
    tabs::{FilterPills, TabLink},
    timeline::{Event, Timeline},
    tone::{Fill, Tone},
};
use leptos::prelude::*;

use app::ui::avatar::Hue;

use super::sample;

const AUDIENCE: u64 = 10_412;
const REACHABLE: u64 = 9_873;
const SUBMITTED: u64 = 6_240;

pub fn page() -> AnyView {
    let actions = view! {
        <Button icon=Icon::Pause class="grow-s">
            "Pause"
        </Button>
        <Button variant=Variant::Danger icon=Icon::Stop class="grow-s">
            "Cancel send…"
        </Button>
        <MoreMenu id="more" label="More actions" variant=Variant::Secondary>
            <MenuLink href="#" icon=Icon::Download>
                "Export recipients"
            </MenuLink>
        </MoreMenu>
    }
    .into_any();
    let mark = view! { <ChannelGlyph channel=ChannelMark::WhatsApp/> }.into_any();
    let state = view! {
        <Chip tone=Tone::Accent mark=Mark::Pulse>
            "Sending"
        </Chip>
    }
    .into_any();
    let facts = vec![
        view! { "From " <b class="medium">"Halden shop"</b> " " <span class="num nowrap">"+47 555 50 187"</span> }.into_any(),
        view! { "Launched by Signe Aas, " <time>"Fri 20 Nov, 10:30"</time> }.into_any(),
        "Oslo time".into_any(),
    ];
    view! {
        <Page>
            <PageHead title="Spring seed swap" mark=mark state=state facts=facts actions=actions/>
            <Split side_label="Content and activity" side=side()>
                {progress()} {funnel()} {throughput()} {failures()} {recipients()}
            </Split>
        </Page>
    }
    .into_any()
}

fn ledger() -> Vec<Segment> {
    vec![
        Segment::new("Delivered", 5_871, Fill::Data3).href("#"),
        Segment::new("Submitted, no receipt yet", 369, Fill::Data1).href("#"),
        Segment::new("Being handed over", 80, Fill::Data2).pattern(Pattern::Moving).href("#"),
        Segment::new("Failed", 131, Fill::Danger).href("#"),
        Segment::new("Held by WhatsApp", 58, Fill::Caution).href("#"),
        Segment::new("Unknown", 4, Fill::Unknown).pattern(Pattern::Hatch).href("#"),
        Segment::new("Waiting", 3_360, Fill::Track).legend_only().href("#"),
        Segment::new("Skipped", 539, Fill::Neutral).pattern(Pattern::Hatch).legend_only().href("#"),
    ]
}

fn progress() -> AnyView {
    let segments = ledger();
    let sum = segments.iter().map(|segment| segment.count).sum();
    let role = BarRole::Progress {
        label: "People handled".into(),
        done: 6_433,
        text: "6,433 of 9,873 handled".into(),
    };
    let fact = |label: &str, value: &str, remark: &str| SmallFact {
        label: label.into(),
        value: value.into(),
        remark: remark.into(),
    };
    let facts = vec![
        fact("Rate now", "20", "/s"),
        fact("Time left", "3 min", "until 10:44"),
        fact("Running for", "10 min 40 s", ""),
    ];
    let proof = view! { <LedgerSum sum=sum audience=AUDIENCE/> }.into_any();
    view! {
        <Card id="progress" title="Progress" untitled=true>
            <CardBody>
                <div class="prog-top">
                    <Lead value="6,433" of="of 9,873 handled"/>
                    <SmallFacts facts=facts/>
                </div>
                <div class="ledger">
                    <Bar segments=segments.clone() total=REACHABLE role=role size=BarSize::L/>
                    <Legend segments=segments end=proof/>
                </div>
                <Why icon=Icon::Gauge divided=true>
                    <b class="medium">"This number may send 20 a second."</b>
                    " The phone app uses it as well. "
                    <a href="#">"What would make it faster"</a>
                </Why>
            </CardBody>
            <p class="vh" role="status">
                "Spring seed swap: 65 percent handled, about 3 minutes left."
            </p>
        </Card>
    }
    .into_any()
}

fn funnel() -> AnyView {
    let step = |label: &str, count, note: String| FunnelStep {
        label: label.into(),
        count,
        note,
        href: Some("#".into()),
    };
    let of_submitted = |part| percent_of(part, SUBMITTED, "submitted");
    let steps = vec![
        step("Audience", AUDIENCE, "539 skipped at launch".into()),
        step("Submitted", SUBMITTED, percent_of(SUBMITTED, REACHABLE, &count(REACHABLE))),
        step("Delivered", 5_871, of_submitted(5_871)),
        step("Read", 3_402, of_submitted(3_402)),
        step("Replied", 418, of_submitted(418)),
    ];
    let live = view! { <LiveMark/> }.into_any();
    view! {
        <Card id="funnel" title="Funnel" hint="Each number opens its people" end=live>
            <Funnel steps=steps/>
        </Card>
    }
    .into_any()
}

fn throughput() -> AnyView {
    let shape = [
        (0.0, 5.0),
        (10.0, 0.0),
        (290.0, 0.0),
        (305.0, 14.0),
        (315.0, 19.6),
        (440.0, 19.8),
        (470.0, 19.4),
        (490.0, 10.2),
        (505.0, 10.4),
        (545.0, 19.7),
        (600.0, 19.5),
        (640.0, 19.6),
    ];
    let series = TimeSeries {
        id: "rate".into(),
        title: "Messages handed to WhatsApp per second".into(),
        story: "50 messages at 10:30, then a watch of 5 minutes. From 10:35 about 20 a second, with a dip to 10 at \
                10:38. Expected to end at 10:44."
            .into(),
        points: shape.to_vec(),
        until: 840.0,
        ticks: (0..8).map(|n| (f64::from(n) * 120.0, format!("10:{}", 30 + 2 * n))).collect(),
        limit: Some((20.0, "Limit 20/s".into())),
        zones: vec![Zone { from: 10.0, to: 300.0, label: "First 50 sent, watching 5 min".into(), short: "watching".into() }],
        moments: vec![Moment { at: 490.0, label: "WhatsApp asked to slow down".into(), short: "slowed down".into() }],
        plan: vec![(640.0, 19.6), (820.0, 19.6), (822.0, 0.0)],
        running: true,
        table: vec![("10:36".into(), "20".into()), ("10:38".into(), "10".into()), ("10:40".into(), "20".into())],
        unit: "Per second".into(),
    };
    view! {
        <Card id="throughput" title="Handed over per second">
            <CardBody>
                <TimeSeriesChart series=series/>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn show(number: &'static str) -> AnyView {
    view! {
        <ButtonLink href="#" size=Size::S variant=Variant::Ghost>
            {format!("Show {number}")}
        </ButtonLink>
    }
    .into_any()
}

fn failures() -> AnyView {
    let export = view! {
        <ButtonLink href="#" size=Size::S icon=Icon::Download>
            "Export"
        </ButtonLink>
    }
    .into_any();
    let retry =
        view! { <Button size=Size::S icon=Icon::Edit>"Fix and retry 3"</Button> {show("3")} }.into_any();
    view! {
        <Card id="failures" title="What did not go through" count=193 end=export>
            <Groups>
                <FailureGroup
                    number=96
                    tone=Tone::Danger
                    icon=Icon::Cross
                    title="Not reachable on WhatsApp"
                    text="There is no WhatsApp on the number, or it is too old to get this. Which of the two is not said."
                    actions=show("96").into_any()
                />
                <FailureGroup
                    number=58
                    tone=Tone::Caution
                    icon=Icon::Hand
                    title="Held by WhatsApp"
                    text="They got enough for now. We try once more on 21 Nov from 10:35; until then nothing is lost."
                    actions=show("58").into_any()
                />
                <FailureGroup
                    number=4
                    tone=Tone::Unknown
                    icon=Icon::Ask
                    title="Unknown – waiting for WhatsApp"
                    text="The line broke after hand-over, so they may have it. From 11:10 on it is yours to decide."
                    actions=show("4").into_any()
                />
                <FailureGroup
                    number=3
                    tone=Tone::Danger
                    icon=Icon::Edit
                    title="A name has a line break"
                    text="Correct the three names, then send to these people only."
                    actions=retry
                />
            </Groups>
        </Card>
    }
    .into_any()
}

fn recipients() -> AnyView {
    let end = view! {
        <form role="search" aria-label="Recipients">
            <SearchField label="Find a recipient" name="q" placeholder="Name, phone or email" class="w-l"/>
        </form>
    }
    .into_any();
    view! {
        <Card id="recipients" title="Recipients" count=AUDIENCE end=end>
            <div class="table-tools">
                <FilterPills
                    label="Filter recipients"
                    pills=vec![
                        TabLink::new("All", "#").count(AUDIENCE).current(true),
                        TabLink::new("Delivered", "#").count(5_871),
                        TabLink::new("Held", "#").count(58),
                        TabLink::new("Failed", "#").count(131),
                        TabLink::new("Skipped", "#").count(539),
                    ]
                />
            </div>
            <Table label="Recipients" cards=true>
                <thead>
                    <tr>
                        <th scope="col" class="shrink">
                            <input type="checkbox" aria-label="Select all on this page"/>
                        </th>
                        <th scope="col">"Person"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Why, or what they wrote"</th>
                        <th scope="col" class="end">
                            "Changed"
                        </th>
                    </tr>
                </thead>
                <tbody>{people()}</tbody>
            </Table>
            <Pager range="1–7 of 10,412" newer=None older=Some("#".to_owned()) newer_label="Previous" older_label="Next"/>
        </Card>
    }
    .into_any()
}

fn people() -> AnyView {
    let people = [
        ("Jonas Berg", Tone::Accent, Icon::Reply, "Replied", "“Keep two for me”", "10:40:38"),
        ("Carla Batista", Tone::Accent, Icon::Checks, "Read", "", "10:40:37"),
        ("João Serra", Tone::Positive, Icon::Checks, "Delivered", "", "10:40:37"),
        ("Leonor Pinto", Tone::Unknown, Icon::Ask, "Unknown", "Waiting for WhatsApp until 11:10", "10:38:06"),
        (
            "Marco Gentile",
            Tone::Caution,
            Icon::Hand,
            "Held by WhatsApp",
            "We try again 21 Nov, 10:37",
            "10:37:12",
        ),
        ("Rita Tavares", Tone::Danger, Icon::Cross, "Failed", "Not reachable on WhatsApp", "10:36:50"),
        ("Ana Ferreira", Tone::Neutral, Icon::Skip, "Skipped", "Opted out on 3 Nov", "at launch"),
    ];
    people
        .into_iter()
        .map(|(name, tone, icon, state, why, when)| {
            view! {
                <tr>
                    <td class="shrink cell-hide">
                        <input
                            class="pick"
                            type="checkbox"
                            aria-label=format!("Select {name}")
                            checked=name == "Carla Batista"
                        />
                    </td>
                    <td class="c-person">
                        <PersonCell name=name href="#" detail="+47 555 50 142" hue=Hue::of(name)/>
                    </td>
                    <td class="cell-top">
                        <Chip tone=tone mark=Mark::Icon(icon)>
                            {state}
                        </Chip>
                    </td>
                    <td class="t-2 cell-full c-why">{why}</td>
                    <td class="end t-2 cell-hide">
                        <time>{when}</time>
                    </td>
                </tr>
            }
        })
        .collect_view()
        .into_any()
}

fn side() -> AnyView {
    let frozen = view! { <Tag icon=Icon::Lock>"Frozen 10:30"</Tag> }.into_any();
    let facts = vec![
        Fact::new("Template", view! { <a class="mono" href="#">"seed_swap_2026"</a> }),
        Fact::new("Version", view! { "3, English " <span class="t-3">"approved 16 Nov"</span> }),
        Fact::new("Audience", view! { <a href="#">"Members who grow beans"</a> }),
        Fact::new("If held", "try once more after 24 h"),
    ];
    let happened = [
        (Tone::Accent, "Back to 20 a second", "10:39:10", ""),
        (Tone::Caution, "Slowed to 10 a second", "10:38:02", "WhatsApp asked for it. Nobody was lost."),
        (
            Tone::Positive,
            "First 50 look fine",
            "10:35:00",
            "49 delivered, 1 failed, 0 opted out in 5 minutes.",
        ),
        (Tone::Neutral, "Signe Aas launched", "10:30:00", "10,412 people frozen, 539 skipped."),
    ];
    let events = happened
        .into_iter()
        .map(|(tone, what, when, detail)| {
            view! {
                <Event tone=tone headline=what.into_any() when=when>
                    {(!detail.is_empty()).then(|| view! { <p>{detail}</p> })}
                </Event>
            }
        })
        .collect_view();
    view! {
        <Card id="message" title="Message as sent" class="card-clip" end=frozen>
            <div class="stage">
                <PhonePreview business="Halden Seed Library" bubbles=vec![sample::message()]/>
            </div>
            <CardBody>
                <KeyValues facts=facts/>
            </CardBody>
        </Card>
        <Card id="activity" title="Activity">
            <CardBody>
                <Timeline plain=true>{events}</Timeline>
            </CardBody>
        </Card>
    }
    .into_any()
}
