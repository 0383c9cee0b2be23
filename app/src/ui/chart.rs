//! A figure over time, drawn by the server. Time runs from left to right in every script.

use leptos::prelude::*;

use super::tone::classes;

mod scale;

use scale::{Frame, Scale, y_ticks};

/// A stretch of time with a name: a watch, a pause.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its start, in seconds from the start of the chart.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// Its name.
    pub label: String,
    /// Its name where there is little room.
    pub short: String,
}

/// Something that happened at a moment, shown as a ring on the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When, in seconds from the start of the chart.
    pub at: f64,
    /// What.
    pub label: String,
    /// The same where there is little room.
    pub short: String,
}

/// What the chart shows. Times are seconds from its start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeSeries {
    /// Unique on the page; the ids of title and description are made from it.
    pub id: String,
    /// What is drawn: "Messages handed to WhatsApp per second".
    pub title: String,
    /// The story in words, for those who cannot see it.
    pub story: String,
    /// The line: time and value, by time.
    pub points: Vec<(f64, f64)>,
    /// How far the axis reaches; at least to the last point.
    pub until: f64,
    /// Named moments on the axis, by time.
    pub ticks: Vec<(f64, String)>,
    /// A value that must not be passed, and its name.
    pub limit: Option<(f64, String)>,
    /// Named stretches.
    pub zones: Vec<Zone>,
    /// What happened.
    pub moments: Vec<Moment>,
    /// What is expected from now on: time and value.
    pub plan: Vec<(f64, f64)>,
    /// Draws a line at the last point: this is now.
    pub running: bool,
    /// The same figures as rows of time and value, behind "Show as table".
    pub table: Vec<(String, String)>,
    /// What the values are, as the head of the table's second column: "Per second".
    pub unit: String,
}

/// The chart, once for wide and once for narrow cards, and its figures as a table.
#[component]
pub fn TimeSeriesChart(
    /// What it shows.
    series: TimeSeries,
) -> impl IntoView {
    let table = (!series.table.is_empty()).then(|| table(&series));
    view! {
        <div>
            {drawing(&series, &scale::WIDE)}
            {drawing(&series, &scale::NARROW)}
            {table}
        </div>
    }
    .into_any()
}

fn drawing(series: &TimeSeries, frame: &'static Frame) -> AnyView {
    let scale = Scale::new(frame, series);
    let title_id = format!("{}-title-{}", series.id, frame.name);
    let story_id = format!("{}-story-{}", series.id, frame.name);
    let labelled = format!("{title_id} {story_id}");
    view! {
        <svg
            class=classes(&["chart", frame.class])
            viewBox=format!("0 0 {} {}", frame.width, scale::HEIGHT)
            role="img"
            aria-labelledby=labelled
        >
            <title id=title_id>{series.title.clone()}</title>
            <desc id=story_id>{series.story.clone()}</desc>
            {grid(&scale)}
            {axis(&scale, series)}
            {zones(&scale, series)}
            {limit(&scale, series)}
            <path class="area" d=scale.area(&series.points)></path>
            <path class="line" d=scale.line(&series.points)></path>
            <path class="plan" d=scale.line(&series.plan)></path>
            {now(&scale, series)}
            {moments(&scale, series)}
        </svg>
    }
    .into_any()
}

fn grid(scale: &Scale) -> impl IntoView + use<> {
    let frame = scale.frame;
    y_ticks(scale.top)
        .into_iter()
        .map(|(value, label)| {
            let y = scale.y(value);
            view! {
                <line class="grid" x1=scale::LEFT x2=frame.right() y1=num(y) y2=num(y)></line>
                <text x=scale::LEFT - 8.0 y=num(y + 4.0) text-anchor="end">
                    {label}
                </text>
            }
        })
        .collect_view()
}

fn axis(scale: &Scale, series: &TimeSeries) -> impl IntoView + use<> {
    let ticks = scale.frame.thin(&series.ticks);
    ticks
        .into_iter()
        .map(|(at, label)| {
            let x = scale.x(at);
            view! {
                <text x=num(x) y="144" text-anchor=scale.frame.tick_anchor(x)>
                    {label}
                </text>
            }
        })
        .collect_view()
}

fn zones(scale: &Scale, series: &TimeSeries) -> impl IntoView + use<> {
    let narrow = scale.frame.narrow();
    series
        .zones
        .iter()
        .map(|zone| {
            let (from, to) = (scale.x(zone.from), scale.x(zone.to));
            let label = if narrow { zone.short.clone() } else { zone.label.clone() };
            view! {
                <rect
                    class="zone"
                    x=num(from)
                    y=scale::TOP
                    width=num((to - from).max(0.0))
                    height=scale::BOTTOM - scale::TOP
                ></rect>
                <text class="note" x=num(f64::midpoint(from, to)) y="84" text-anchor="middle">
                    {label}
                </text>
            }
        })
        .collect_view()
}

fn limit(scale: &Scale, series: &TimeSeries) -> impl IntoView + use<> {
    let right = scale.frame.right();
    series.limit.clone().filter(|(value, _)| scale.shows(*value)).map(|(value, label)| {
        let y = scale.y(value);
        view! {
            <line class="limit" x1=scale::LEFT x2=right y1=num(y) y2=num(y)></line>
            <text class="note halo" x=right y=num(y - 6.0) text-anchor="end">
                {label}
            </text>
        }
    })
}

fn now(scale: &Scale, series: &TimeSeries) -> impl IntoView + use<> {
    let last = series.points.last().copied().filter(|_| series.running);
    last.map(|(at, value)| {
        let (x, y) = (num(scale.x(at)), num(scale.y(value)));
        view! {
            <line class="now" x1=x.clone() x2=x.clone() y1=scale::TOP y2=scale::BOTTOM></line>
            <circle class="head" cx=x cy=y r="3.5"></circle>
        }
    })
}

fn moments(scale: &Scale, series: &TimeSeries) -> impl IntoView + use<> {
    let frame = scale.frame;
    series
        .moments
        .iter()
        .map(|moment| {
            let x = scale.x(moment.at);
            let y = scale.y(scale::value_at(&series.points, moment.at));
            let anchor = frame.anchor(x);
            // The words stand under the ring, or above it if the axis is too near.
            let text_y = if y + 18.0 > scale::BOTTOM - 4.0 { y - 10.0 } else { y + 18.0 };
            let label = if frame.narrow() { moment.short.clone() } else { moment.label.clone() };
            view! {
                <circle class="mark" cx=num(x) cy=num(y) r="4"></circle>
                <text class="note halo" x=num(x) y=num(text_y) text-anchor=anchor>
                    {label}
                </text>
            }
        })
        .collect_view()
}

fn table(series: &TimeSeries) -> AnyView {
    let rows = series
        .table
        .iter()
        .map(|(time, value)| {
            view! {
                <tr>
                    <th scope="row">{time.clone()}</th>
                    <td class="end">{value.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="chart-table">
            <summary>"Show as table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=series.title.clone()>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Time"</th>
                            <th scope="col" class="end">
                                {series.unit.clone()}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// A coordinate with as many digits as a screen can show.
fn num(value: f64) -> String {
    format!("{value:.1}")
}
