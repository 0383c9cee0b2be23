//! Columns and check: the second step of an import.

use app::ui::{
    button::{Button, ButtonLink, Variant},
    card::{Card, CardBody},
    chip::{Bullet, Chip, Mark},
    field::{Select, SelectField, SelectOption},
    icon::{Glyph, Icon, IconSize},
    page_head::{Page, PageHead, Split, WizardFoot},
    stats::{Stat, Stats},
    steps::{Step, StepState, Steps},
    table::{Rows, Table},
    tone::{Fill, Tone},
};
use leptos::prelude::*;

pub fn page() -> AnyView {
    let steps = vec![
        Step::new("File", StepState::Done("#".into())),
        Step::new("Columns and check", StepState::Current),
        Step::new("Import", StepState::Next(None)),
    ];
    let steps = view! { <Steps steps=steps/> }.into_any();
    let facts = vec![
        "members.csv".into_any(),
        "4,812 rows".into_any(),
        "read in your browser, not sent yet".into_any(),
    ];
    let back = view! { <ButtonLink href="#">"Back"</ButtonLink> }.into_any();
    let forward = view! {
        <Button variant=Variant::Primary icon=Icon::Upload>
            "Import 4,764 contacts"
        </Button>
    }
    .into_any();
    view! {
        <Page>
            <PageHead title="Import contacts" facts=facts actions=steps bare=true/>
            <Card id="tally" title="Result of the check" untitled=true>
                <Stats stats=vec![
                    Stat::new("Ready", "4,655").swatch(Fill::Positive),
                    Stat::new("Ready with a note", "109").swatch(Fill::Caution),
                    Stat::new("Skipped", "48").swatch(Fill::Danger),
                    Stat::new("New / known", "1,207 / 3,557"),
                ]/>
            </Card>
            <Split side_label="Rules for this import" side=side()>
                {columns()} {preview()}
            </Split>
            <WizardFoot back=back note="Nothing is saved yet." forward=forward/>
        </Page>
    }
    .into_any()
}

fn columns() -> AnyView {
    let rows = [
        ("Fornavn", "first", "Jonas, Ida, Priya", Tone::Positive, Icon::Check, "Matched by name"),
        (
            "Mobil",
            "phone",
            "912 34 567, +47 555 50…",
            Tone::Positive,
            Icon::Check,
            "98% look like phone numbers",
        ),
        ("Sist sett", "skip", "14/03/2025", Tone::Caution, Icon::Warn, "Left out: no field for it"),
    ]
    .into_iter()
    .map(|(column, target, values, tone, icon, why)| {
        let options = vec![
            SelectOption::new("first", "First name"),
            SelectOption::new("phone", "WhatsApp number"),
            SelectOption::new("skip", "Don’t import"),
        ];
        view! {
            <tr>
                <td class="medium">{column}</td>
                <td>
                    <Select
                        label=format!("{column} goes to")
                        name=format!("column-{column}")
                        options=options
                        value=target
                        class="select-s"
                    />
                </td>
                <td class="t-2 s-12 nowrap col-2">{values}</td>
                <td>
                    <span class=format!("match-note {}", tone.class())>
                        <Glyph icon=icon size=IconSize::S/>
                        {why}
                    </span>
                </td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <Card id="columns" title="Columns" hint="2 of 3 used">
            <Table label="Columns of the file" rows=Rows::Dense class="map">
                <thead>
                    <tr>
                        <th scope="col">"In your file"</th>
                        <th scope="col">"Goes to"</th>
                        <th scope="col" class="col-2">
                            "First values"
                        </th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn preview() -> AnyView {
    let rows = [
        (
            17,
            "Priya Shah",
            "cell-danger",
            "4.47701E+11",
            "A spreadsheet cut this number off",
            Tone::Danger,
            Icon::Skip,
            "Skipped",
        ),
        (
            96,
            "Ida Moe",
            "cell-caution",
            "+47 912 34 567",
            "Same number as row 2",
            Tone::Caution,
            Icon::Warn,
            "Merged into row 2",
        ),
        (
            2,
            "Jonas Berg",
            "cell-note",
            "+47 912 34 567",
            "was 912 34 567",
            Tone::Positive,
            Icon::Check,
            "Ready",
        ),
    ]
    .into_iter()
    .map(|(row, name, class, value, note, tone, icon, outcome)| {
        view! {
            <tr>
                <td class="rown">{row}</td>
                <td class="medium">{name}</td>
                <td class=class>
                    <span class="cellv">{value}</span>
                    <small>{note}</small>
                </td>
                <td>
                    <Chip tone=tone mark=Mark::Icon(icon)>
                        {outcome}
                    </Chip>
                </td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <Card id="rows" title="Preview" hint="problems first">
            <Table label="Rows of the file" class="prev">
                <thead>
                    <tr>
                        <th scope="col">"Row"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"WhatsApp number"</th>
                        <th scope="col">"What happens"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn side() -> AnyView {
    let globe = view! { <Bullet tone=Tone::Caution icon=Icon::Globe/> }.into_any();
    view! {
        <Card id="country" title="Country of numbers" start=globe>
            <CardBody class="stack-3">
                <p class="s-13 t-2">
                    <b class="medium t-1">"218 numbers have no country code."</b>
                    " Which country are they from?"
                </p>
                <SelectField
                    label="Numbers without +"
                    name="country"
                    options=vec![SelectOption::new("NO", "Norway (+47)")]
                    help="216 of 218 fit."
                />
            </CardBody>
        </Card>
    }
    .into_any()
}
