//! The list of campaigns.

use app::ui::{
    avatar::{Avatar, AvatarSize, Hue},
    bar::{Bar, BarRole, BarSize, Segment},
    button::{ButtonLink, Size, Variant},
    card::Card,
    chip::{ChannelGlyph, ChannelMark, Chip, Mark},
    field::{SearchField, Select, SelectOption},
    format::{count, percent},
    icon::Icon,
    menu::{MenuForm, MenuLink, MoreMenu},
    page_head::{Page, PageHead},
    pager::Pager,
    stats::{Kpi, Kpis},
    table::{NotYet, Rows, SortHeader, Sorting, Table},
    tabs::{FilterPills, TabLink},
    tone::{Fill, Tone},
};
use leptos::prelude::*;

struct Row {
    name: &'static str,
    detail: &'static str,
    channel: ChannelMark,
    state: (Tone, Mark, &'static str),
    segments: Vec<Segment>,
    note: &'static str,
    audience: u64,
    delivered: Option<u64>,
    owner: &'static str,
}

fn rows() -> Vec<Row> {
    let segment = |count, fill| Segment::new("part", count, fill);
    let sending = Row {
        name: "Spring seed swap",
        detail: "Halden shop · seed_swap_2026",
        channel: ChannelMark::WhatsApp,
        state: (Tone::Accent, Mark::Pulse, "Sending"),
        segments: vec![segment(5_871, Fill::Data3), segment(369, Fill::Data1), segment(131, Fill::Danger)],
        note: "65% · 20/s · about 3 min left",
        audience: 9_873,
        delivered: Some(5_871),
        owner: "Signe Aas",
    };
    vec![
        sending,
        Row {
            name: "Winter opening hours and a name that is longer than the others",
            detail: "post@halden.example · Hours",
            channel: ChannelMark::Gmail,
            state: (Tone::Caution, Mark::Icon(Icon::Clock), "Waiting for limit"),
            segments: vec![segment(2_000, Fill::Data3)],
            note: "Limit used, goes on 21 Nov, 09:14",
            audience: 3_420,
            delivered: Some(1_984),
            owner: "Tor Eide",
        },
        Row {
            name: "Survey of members",
            detail: "Halden shop · survey_members",
            channel: ChannelMark::WhatsApp,
            state: (Tone::Danger, Mark::Icon(Icon::Pause), "Paused by WhatsApp"),
            segments: vec![segment(1_310, Fill::Data3), segment(100, Fill::Danger)],
            note: "Template quality is low, 3,790 to go",
            audience: 5_200,
            delivered: Some(1_203),
            owner: "Signe Aas",
        },
        Row {
            name: "Autumn harvest report",
            detail: "news.halden.example · Report",
            channel: ChannelMark::Smtp,
            state: (Tone::Neutral, Mark::Icon(Icon::Calendar), "Scheduled"),
            segments: Vec::new(),
            note: "Fri 27 Nov, 08:00 Oslo time",
            audience: 41_906,
            delivered: None,
            owner: "Maja Lind",
        },
        Row {
            name: "Rye is back",
            detail: "Halden shop · back_in_stock",
            channel: ChannelMark::WhatsApp,
            state: (Tone::Positive, Mark::Icon(Icon::Check), "Finished, 212 failed"),
            segments: vec![segment(8_219, Fill::Positive), segment(212, Fill::Danger)],
            note: "17 Nov, 18:02 · took 1 min 46 s",
            audience: 8_431,
            delivered: Some(8_085),
            owner: "Tor Eide",
        },
    ]
}

pub fn page() -> AnyView {
    let actions = view! {
        <ButtonLink href="#" icon=Icon::Download class="hide-s">
            "Export"
        </ButtonLink>
        <ButtonLink href="#" variant=Variant::Primary icon=Icon::Plus class="grow-s">
            "New campaign"
        </ButtonLink>
    }
    .into_any();
    view! {
        <Page>
            <PageHead title="Campaigns" actions=actions/>
            <Card id="figures" title="Last 30 days" untitled=true>
                <Kpis kpis=kpis()/>
            </Card>
            <FilterPills
                label="Filter by state"
                pills=vec![
                    TabLink::new("All", "#").count(48).current(true),
                    TabLink::new("Sending", "#").count(1),
                    TabLink::new("Scheduled", "#").count(2),
                    TabLink::new("Needs attention", "#").count(2),
                    TabLink::new("Drafts", "#").count(3),
                    TabLink::new("Finished", "#").count(39),
                ]
            />
            <Card id="list" title="All campaigns" untitled=true>
                <form class="table-tools" role="search" aria-label="Search campaigns">
                    <SearchField label="Search campaigns" name="q" placeholder="Name, template or sender" class="w-xl"/>
                    <Select
                        label="Channel"
                        name="channel"
                        class="w-m hide-c"
                        options=vec![SelectOption::new("", "All channels"), SelectOption::new("whatsapp", "WhatsApp")]
                    />
                    <span class="push s-12 t-3 hide-c">"Times in Oslo time"</span>
                </form>
                {table()}
                <Pager range="1–5 of 48" newer=None older=Some("#".to_owned())/>
            </Card>
        </Page>
    }
    .into_any()
}

fn kpis() -> Vec<Kpi> {
    let kpi = |label: &str, value: &str, remark: &str, course: &[f64], fill| Kpi {
        label: label.into(),
        value: value.into(),
        remark: remark.into(),
        course: course.to_vec(),
        fill,
    };
    vec![
        kpi(
            "Sent, 30 days",
            "148,206",
            "",
            &[2.0, 3.0, 1.0, 4.0, 6.0, 3.0, 4.0, 8.0, 5.0, 7.0, 9.0, 8.5],
            Fill::Data3,
        ),
        kpi(
            "Delivered",
            "97.3%",
            "+0.4",
            &[96.0, 96.4, 96.3, 96.8, 97.0, 96.9, 97.2, 97.1, 97.3],
            Fill::Data3,
        ),
        kpi(
            "Replies",
            "4,127",
            "2.8%",
            &[1.0, 2.0, 1.5, 3.0, 4.5, 3.0, 4.0, 6.0, 5.5, 8.0, 8.2],
            Fill::Data3,
        ),
        kpi(
            "Opted out",
            "212",
            "0.14%",
            &[8.0, 4.0, 6.0, 3.0, 5.0, 7.0, 1.0, 4.0, 2.0, 6.0, 3.0],
            Fill::Neutral,
        ),
    ]
}

fn table() -> AnyView {
    let rows = rows().into_iter().map(row).collect_view();
    view! {
        <Table label="Campaigns" rows=Rows::Tall cards=true>
            <thead>
                <tr>
                    <th scope="col">"Campaign"</th>
                    <th scope="col">"State"</th>
                    <SortHeader label="Progress" sorting=Sorting::Descending("#".into())/>
                    <th scope="col" class="end">
                        "Audience"
                    </th>
                    <th scope="col" class="end">
                        "Delivered"
                    </th>
                    <th scope="col" class="col-2">
                        "Owner"
                    </th>
                    <th scope="col">
                        <span class="vh">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn row(row: Row) -> AnyView {
    let (tone, mark, word) = row.state;
    let id = row.name.to_lowercase().replace(' ', "-");
    let bar = (!row.segments.is_empty()).then(|| {
        let role = BarRole::Picture(format!("Progress of {}", row.name));
        view! { <Bar segments=row.segments total=row.audience role=role size=BarSize::Thin/> }
    });
    let delivered = match row.delivered {
        Some(delivered) => percent(delivered, row.audience).into_any(),
        None => view! { <NotYet/> }.into_any(),
    };
    view! {
        <tr>
            <td class="c-name">
                <div class="row row-3">
                    <ChannelGlyph channel=row.channel/>
                    <div class="min0">
                        <a class="main" href="#">
                            {row.name}
                        </a>
                        <small class="sub-line">{row.detail}</small>
                    </div>
                </div>
            </td>
            <td class="cell-top">
                <Chip tone=tone mark=mark>
                    {word}
                </Chip>
            </td>
            <td class="c-prog">
                <div class="prog">{bar} <small class="t-2">{row.note}</small></div>
            </td>
            <td class="end cell-hide">{count(row.audience)}</td>
            <td class="end cell-hide">{delivered}</td>
            <td class="col-2 cell-hide">
                <Avatar name=row.owner hue=Hue::of(row.owner) size=AvatarSize::S/>
                <span class="vh">{row.owner}</span>
            </td>
            <td class="shrink cell-hide">
                <MoreMenu id=format!("actions-{id}") label=format!("Actions for {}", row.name) size=Size::S>
                    <MenuLink href="#" icon=Icon::Copy>
                        "Duplicate"
                    </MenuLink>
                    <MenuForm action="#" icon=Icon::Archive>
                        "Archive"
                    </MenuForm>
                </MoreMenu>
            </td>
        </tr>
    }
    .into_any()
}
