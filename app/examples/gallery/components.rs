//! Every part and state that the screens do not show.

use app::ui::{
    banner::{Banner, Why},
    button::{Button, ButtonGroup, ButtonLink, GroupLink, IconButton, Kind, Size, Variant},
    card::{Card, CardBody},
    chip::{Chip, Mark, Tag},
    code::Code,
    dialog::{Dialog, DialogBody, DialogButton, DialogFoot},
    empty::{Empty, NoMatch},
    error_state::ErrorState,
    icon::Icon,
    menu::{MenuButton, MenuForm, MenuLink, MenuRule},
    meter::Meter,
    page_head::{Page, PageHead},
    skeleton::SkeletonRows,
    tabs::{TabLink, Tabs},
    tone::Tone,
    waterfall::{Loss, Waterfall},
};
use leptos::prelude::*;

use super::fields;

pub fn page() -> AnyView {
    view! {
        <Page>
            <PageHead title="Components" facts=vec!["Every part and state that no other sample shows".into_any()]/>
            {chips()}
            <div class="cols-2">
                {buttons()} {notices()} {fields::card()} {fields::choices()} {limits()} {nothing()} {details()}
                {failure()}
            </div>
        </Page>
    }
    .into_any()
}

type State = (Tone, Mark, &'static str);

const CAMPAIGN: [State; 8] = [
    (Tone::Neutral, Mark::Ring, "Draft"),
    (Tone::Accent, Mark::Pulse, "Sending"),
    (Tone::Caution, Mark::Icon(Icon::Clock), "Waiting for limit"),
    (Tone::Neutral, Mark::Icon(Icon::Pause), "Paused by Signe"),
    (Tone::Danger, Mark::Icon(Icon::Pause), "Paused by WhatsApp"),
    (Tone::Positive, Mark::Icon(Icon::Check), "Finished, 212 failed"),
    (Tone::Neutral, Mark::Icon(Icon::Stop), "Cancelled"),
    (Tone::Danger, Mark::Icon(Icon::Cross), "Failed to start"),
];

const RECIPIENT: [State; 11] = [
    (Tone::Neutral, Mark::Ring, "Waiting"),
    (Tone::Accent, Mark::Pulse, "Being handed over"),
    (Tone::Neutral, Mark::Icon(Icon::Check), "Submitted"),
    (Tone::Positive, Mark::Icon(Icon::Checks), "Delivered"),
    (Tone::Accent, Mark::Icon(Icon::Checks), "Read"),
    (Tone::Accent, Mark::Icon(Icon::Reply), "Replied"),
    (Tone::Caution, Mark::Icon(Icon::Hand), "Held by WhatsApp"),
    (Tone::Caution, Mark::Icon(Icon::Clock), "Trying again 10:52"),
    (Tone::Unknown, Mark::Icon(Icon::Ask), "Unknown – you decide"),
    (Tone::Danger, Mark::Icon(Icon::Cross), "Failed"),
    (Tone::Neutral, Mark::Icon(Icon::Skip), "Skipped"),
];

fn states(title: &'static str, states: &'static [State]) -> AnyView {
    let chips = states
        .iter()
        .map(|&(tone, mark, word)| view! { <Chip tone=tone mark=mark>{word}</Chip> })
        .collect_view();
    view! {
        <div class="stack stack-2">
            <h3>{title}</h3>
            <div class="row wrap">{chips}</div>
        </div>
    }
    .into_any()
}

fn chips() -> AnyView {
    view! {
        <Card id="chips" title="States" hint="word, shape, tone">
            <CardBody>
                {states("Campaign", &CAMPAIGN)} {states("Recipient", &RECIPIENT)}
                <div class="row wrap">
                    <Tag>"Members"</Tag>
                    <Tag icon=Icon::Lock>"Frozen 10:30"</Tag>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn buttons() -> AnyView {
    let group = |label: &str, current| GroupLink { label: label.into(), href: "#".into(), current };
    view! {
        <Card id="buttons" title="Buttons, menu, dialog">
            <CardBody>
                <div class="row wrap">
                    <Button variant=Variant::Primary>"Primary"</Button>
                    <Button>"Secondary"</Button>
                    <Button variant=Variant::Ghost>"Quiet"</Button>
                    <Button variant=Variant::Danger>"Dangerous"</Button>
                    <a href="#" class="link-pad">
                        "Link"
                    </a>
                </div>
                <div class="row wrap">
                    <Button variant=Variant::Primary busy=true icon=Icon::Check>
                        "Saving"
                    </Button>
                    <Button reason="2 things to fix">"Send to 9,873 people"</Button>
                </div>
                <div class="row wrap">
                    <Button size=Size::S>"Small"</Button>
                    <Button>"Medium"</Button>
                    <Button size=Size::L>"Large"</Button>
                    <ButtonGroup label="Period" links=vec![group("Day", true), group("Week", false)]/>
                    <IconButton icon=Icon::Refresh label="Check again" kind=Kind::Button/>
                </div>
                <div class="row wrap">
                    <MenuButton id="menu-sample" label="Actions">
                        <MenuLink href="#" icon=Icon::Copy>
                            "Duplicate"
                        </MenuLink>
                        <MenuLink href="#" icon=Icon::Download download=true>
                            "Export recipients"
                        </MenuLink>
                        <MenuRule/>
                        <MenuForm action="#" icon=Icon::Archive danger=true>
                            "Archive"
                        </MenuForm>
                    </MenuButton>
                    <DialogButton dialog="cancel" variant=Variant::Danger icon=Icon::Stop>
                        "Cancel send…"
                    </DialogButton>
                </div>
                <Dialog
                    id="cancel"
                    title="Cancel Spring seed swap?"
                    text="3,360 people will not get it. About 80 are on their way and cannot be stopped."
                >
                    <form method="post" action="#">
                        <DialogBody>
                            <p>"6,433 people keep what they got. The numbers of this campaign stay."</p>
                        </DialogBody>
                        <DialogFoot cancel="Keep sending">
                            <Button variant=Variant::DangerFill>"Cancel for 3,360 people"</Button>
                        </DialogFoot>
                    </form>
                </Dialog>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn notices() -> AnyView {
    let compare = view! { <Button size=Size::S>"Compare"</Button> }.into_any();
    view! {
        <Card id="notices" title="Banners">
            <CardBody class="stack-3">
                <Banner tone=Tone::Danger alert=true actions=compare>
                    <p>
                        <strong>"The list was not saved."</strong>
                        " Somebody else changed it at 10:31. Your edits are still here."
                    </p>
                </Banner>
                <Banner tone=Tone::Caution>
                    <p>
                        <strong>"The token ends in 6 days."</strong>
                        " Sending stops then. "
                        <a href="#">"Renew it"</a>
                    </p>
                </Banner>
                <Banner tone=Tone::Accent>
                    <p>
                        <strong>"Connection lost."</strong>
                        " Numbers are from 10:40:12. Trying again in 4 s."
                    </p>
                </Banner>
                <Why icon=Icon::Clock>
                    "Times are in Oslo. Who has another zone gets it at the same hour there."
                </Why>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn limits() -> AnyView {
    let loss = |reason: &str, count| Loss { reason: reason.into(), count, href: Some("#".into()) };
    view! {
        <Card id="limits" title="Limits and losses">
            <CardBody>
                <Meter label="New conversations, 24 h" used=1_164 limit=10_000/>
                <Meter label="New conversations, 24 h" used=8_912 limit=10_000 note="1,088 left until Sat 10:30"/>
                <Meter label="New conversations, 24 h" used=10_000 limit=10_000 note="More from Sat 21 Nov, 10:30"/>
                <Waterfall
                    matched_label="On the list"
                    matched=23_918
                    matched_href="#"
                    losses=vec![
                        loss("No opt-in for WhatsApp", 2_104),
                        loss("Opted out or complained", 611),
                        loss("Number cannot be used", 388),
                        loss("Same number twice", 77),
                    ]
                    result_label="Will get it"
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn nothing() -> AnyView {
    let begin = view! {
        <ButtonLink href="#" variant=Variant::Primary>
            "New campaign"
        </ButtonLink>
        <ButtonLink href="#">"Import contacts"</ButtonLink>
    }
    .into_any();
    view! {
        <Card id="nothing" title="Empty and loading">
            <Empty
                small=true
                icon=Icon::Horn
                title="No campaign yet"
                text="Pick people, pick a template, and see who will get it before anything is sent."
                actions=begin
            />
            <CardBody>
                <SkeletonRows label="Loading recipients" rows=2/>
            </CardBody>
            <NoMatch text="No campaign matches." clear_href="#"/>
        </Card>
    }
    .into_any()
}

fn details() -> AnyView {
    view! {
        <Card id="details" title="Tabs and code">
            <CardBody>
                <Tabs
                    label="Parts of the campaign"
                    tabs=vec![
                        TabLink::new("People", "#").count(10_412).current(true),
                        TabLink::new("Replies", "#").count(418),
                        TabLink::new("Settings", "#"),
                    ]
                />
                <Code
                    label="Delivery event"
                    text="{\n  \"recipient\": \"rcp_01JD3W8Z5M\",\n  \"event\": \"failed\",\n  \"code\": 131026\n}"
                />
            </CardBody>
        </Card>
    }
    .into_any()
}

fn failure() -> AnyView {
    let back = view! { <ButtonLink href="#">"Back to campaigns"</ButtonLink> }.into_any();
    view! {
        <Card id="failure" title="Failure">
            <div class="stack">
                <ErrorState
                    tone=Tone::Danger
                    icon=Icon::Warn
                    title="The database did not answer"
                    text="Nothing was changed and nothing was sent. Try again in a minute."
                    incident="7Q2-K9D"
                    actions=back
                />
            </div>
        </Card>
    }
    .into_any()
}
