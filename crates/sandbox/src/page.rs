//! The page at `/`: what the phones of the latest recipients show. Server HTML, no script, no outside asset.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Query, State as Held};
use axum::response::Html;
use serde::Deserialize;

use crate::faults::{Fault, FaultKind, FaultScope, Trigger};
use crate::ledger::LedgerSummary;
use crate::people;
use crate::phones::{Bubble, Mark, Phone};
use crate::state::{SandboxState, now_ms};

const STYLE: &str = include_str!("page/page.css");
/// Phones on the page.
const PHONES_SHOWN: usize = 48;
/// Seconds in the chart.
const CHART_SECONDS: u64 = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct PageQuery {
    /// Digits a phone's number must contain.
    #[serde(default)]
    q: String,
    /// Reload every so many seconds.
    refresh: Option<u16>,
}

/// `GET /`.
pub(crate) async fn show(
    Held(state): Held<Arc<SandboxState>>,
    Query(query): Query<PageQuery>,
) -> Html<String> {
    let digits: String = query.q.chars().filter(char::is_ascii_digit).collect();
    let summary = state.ledger().summary();
    let phones = state.phones().latest(PHONES_SHOWN, &digits);
    let faults = state.faults().active();
    let senders: BTreeMap<String, String> = state
        .world()
        .numbers
        .values()
        .map(|number| (number.id.clone(), number.verified_name.clone()))
        .collect();
    let mut page = String::with_capacity(64 * 1024);
    head(&mut page, query.refresh.filter(|seconds| *seconds > 0), &digits);
    figures(&mut page, &summary, state.deliveries.outstanding());
    chart(&mut page, &summary, now_ms() / 1_000);
    fault_list(&mut page, &faults);
    search(&mut page, phones.len(), &digits);
    phone_grid(&mut page, &phones, &senders, &digits);
    page.push_str("</main></body></html>\n");
    Html(page)
}

/// Writing into a `String` cannot fail, so the result says nothing.
macro_rules! put {
    ($page:expr, $($arguments:tt)*) => { let _ = write!($page, $($arguments)*); };
}

fn head(page: &mut String, refresh: Option<u16>, digits: &str) {
    put!(
        page,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fanfare sandbox</title>"
    );
    put!(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    if let Some(seconds) = refresh {
        put!(page, "<meta http-equiv=\"refresh\" content=\"{seconds}\">");
    }
    put!(page, "<style>{STYLE}</style></head><body><header><h1>Fanfare sandbox</h1>");
    put!(page, "<p>A stand-in for WhatsApp. Nothing sent here reaches anybody.</p><nav>");
    let (label, target) = match refresh {
        Some(_) => ("Stop refreshing", format!("/?q={digits}")),
        None => ("Refresh every 2 s", format!("/?q={digits}&amp;refresh=2")),
    };
    put!(
        page,
        "<a href=\"/?q={digits}\">Refresh now</a><a href=\"{target}\">{label}</a></nav></header><main>"
    );
}

fn figures(page: &mut String, summary: &LedgerSummary, outstanding: usize) {
    let refused: u64 = summary.refused.values().sum();
    let failed: u64 = summary.reported.failed.values().sum();
    let repeated = summary.repeated_recipients;
    let shown = [
        ("Accepted", summary.accepted, false),
        ("People", summary.distinct_recipients, false),
        ("Sent twice", repeated, repeated > 0),
        ("Delivered", summary.reported.delivered, false),
        ("Read", summary.reported.read, false),
        ("Failed later", failed, false),
        ("Answered", summary.reported.inbound, false),
        ("Refused", refused, false),
        ("Peak in one second", summary.per_second_max, false),
        ("Events to post", outstanding as u64, false),
    ];
    page.push_str("<dl class=\"figures\">");
    for (label, figure, bad) in shown {
        let class = if bad { " class=\"bad\"" } else { "" };
        put!(page, "<div><dt>{label}</dt><dd{class}>{}</dd></div>", grouped(figure));
    }
    page.push_str("</dl>");
}

/// Messages per clock second over the last minute, all numbers together.
fn chart(page: &mut String, summary: &LedgerSummary, now_s: u64) {
    let first = now_s.saturating_sub(CHART_SECONDS - 1);
    let per_second = |second: u64| -> u64 {
        summary.numbers.values().filter_map(|number| number.per_second.get(&second)).sum()
    };
    let counts: Vec<u64> = (first..=now_s).map(per_second).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let total: u64 = counts.iter().sum();
    put!(
        page,
        "<section class=\"minute\" aria-label=\"Last minute\"><p>Last minute: {} messages",
        grouped(total)
    );
    put!(page, ", {} at most in a second</p>", grouped(most));
    put!(
        page,
        "<svg viewBox=\"0 0 600 48\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Messages per second\">"
    );
    for (position, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (count * 46).div_ceil(most.max(1));
        put!(
            page,
            "<rect x=\"{}\" y=\"{}\" width=\"8\" height=\"{height}\"/>",
            position * 10 + 1,
            48 - height
        );
    }
    page.push_str("</svg></section>");
}

fn fault_list(page: &mut String, faults: &[Fault]) {
    if faults.is_empty() {
        return;
    }
    page.push_str("<section class=\"faults\"><h2>Faults in force</h2><ul>");
    for fault in faults {
        put!(page, "<li>{}</li>", escape(&describe(fault)));
    }
    page.push_str("</ul></section>");
}

fn describe(fault: &Fault) -> String {
    let what = match &fault.kind {
        FaultKind::InternalError => "500 with error 131000".to_owned(),
        FaultKind::Unavailable => "503 with error 2".to_owned(),
        FaultKind::HtmlPage { status } => format!("an HTML page with status {status}"),
        FaultKind::GraphError { code } => format!("error {code}"),
        FaultKind::CutBeforeAccepting => "the connection is cut before accepting".to_owned(),
        FaultKind::CutAfterAccepting => "the connection is cut after accepting".to_owned(),
        FaultKind::SlowAnswer { delay_ms } => format!("accepted, answered {delay_ms} ms later"),
        FaultKind::Silence => "accepted, and no webhook tells of it".to_owned(),
    };
    let when = match fault.trigger {
        Trigger::Next(count) => format!("for the next {count}"),
        Trigger::Share(share) => format!("for {:.1} %", share * 100.0),
        Trigger::Always => "always".to_owned(),
    };
    let calls = match fault.scope {
        FaultScope::Messages => "sends",
        FaultScope::Everything => "calls",
    };
    let number = fault.phone_number_id.as_ref().map(|id| format!(" of number {id}")).unwrap_or_default();
    format!("{what}, {when} ({calls}{number})")
}

fn search(page: &mut String, shown: usize, digits: &str) {
    put!(
        page,
        "<div class=\"bar\"><h2>Latest phones</h2><span>{shown} shown</span><form method=\"get\" action=\"/\">"
    );
    put!(page, "<input type=\"search\" name=\"q\" inputmode=\"numeric\" value=\"{digits}\" ");
    page.push_str("placeholder=\"Digits of a number\" aria-label=\"Digits of a number\"><button>Find</button></form></div>");
}

fn phone_grid(page: &mut String, phones: &[Phone], senders: &BTreeMap<String, String>, digits: &str) {
    if phones.is_empty() {
        page.push_str("<div class=\"empty\">");
        if digits.is_empty() {
            page.push_str("<h2>No phone has received anything yet</h2><p>Messages posted to ");
            page.push_str("<code>/v24.0/{phone-number-id}/messages</code> show up here.</p>");
        } else {
            put!(
                page,
                "<h2>None of the latest phones has {digits} in its number</h2><p><a href=\"/\">Show all</a></p>"
            );
        }
        page.push_str("</div>");
        return;
    }
    page.push_str("<ul class=\"phones\">");
    for phone in phones {
        let sender = senders.get(&phone.sender).map_or(phone.sender.as_str(), String::as_str);
        let person = escape(&people::name(&phone.recipient));
        put!(page, "<li class=\"phone\"><h3>{}", escape(sender));
        put!(page, "<small>on the phone of {person}, +{}</small></h3>", phone.recipient);
        put!(page, "<div class=\"wall\" tabindex=\"0\" role=\"region\" aria-label=\"Chat of {person}\">");
        for bubble in &phone.bubbles {
            chat_bubble(page, bubble);
        }
        page.push_str("</div></li>");
    }
    page.push_str("</ul>");
}

fn chat_bubble(page: &mut String, bubble: &Bubble) {
    let class = if bubble.from_business { "bubble" } else { "bubble reply" };
    put!(page, "<div class=\"{class}\">");
    if let Some(header) = &bubble.content.header {
        put!(page, "<p class=\"head\">{}</p>", escape(header));
    }
    put!(page, "<p>{}</p>", escape(&bubble.content.body));
    if let Some(footer) = &bubble.content.footer {
        put!(page, "<p class=\"foot\">{}</p>", escape(footer));
    }
    put!(page, "<p class=\"when\">{}", clock(bubble.at_ms));
    if bubble.from_business {
        match bubble.mark {
            Mark::Accepted => page.push_str(" · accepted"),
            Mark::Sent => page.push_str(" · sent"),
            Mark::Delivered => page.push_str(" · delivered"),
            Mark::Read => page.push_str(" · read"),
            Mark::Failed(code) => {
                put!(page, " · <span class=\"failed\">failed {code}</span>");
            }
        }
    }
    page.push_str("</p>");
    if !bubble.content.buttons.is_empty() {
        page.push_str("<ul class=\"buttons\">");
        for button in &bubble.content.buttons {
            put!(page, "<li>{}</li>", escape(button));
        }
        page.push_str("</ul>");
    }
    page.push_str("</div>");
}

/// Hours, minutes and seconds in UTC.
fn clock(at_ms: u64) -> String {
    let second_of_day = at_ms / 1_000 % 86_400;
    format!("{:02}:{:02}:{:02}", second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60)
}

/// Digits in groups of three.
fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{clock, escape, grouped};

    #[test]
    fn text_of_others_cannot_become_markup() {
        assert_eq!(escape("<b onclick='x'>\"&"), "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;");
    }

    #[test]
    fn figures_and_times_are_readable() {
        assert_eq!(
            (grouped(7), grouped(1_234), grouped(1_234_567)),
            ("7".into(), "1,234".into(), "1,234,567".into())
        );
        assert_eq!(clock(1_767_225_661_000), "00:01:01");
    }
}
