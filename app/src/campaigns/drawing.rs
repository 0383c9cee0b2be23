//! What a snapshot looks like: the segments of its bar, the steps of its funnel, the course of its rate.

use super::snapshot::{Snapshot, Standing};
use crate::ui::bar::{Pattern, Segment};
use crate::ui::chart::TimeSeries;
use crate::ui::format::{clock_of, clock_seconds_of, count, duration, percent_of};
use crate::ui::funnel::FunnelStep;
use crate::ui::tone::Fill;

/// The most named moments on the time axis.
const TICKS_MAX: u32 = 8;
/// The most rows of the table behind the chart.
const TABLE_ROWS_MAX: usize = 40;

/// The page that shows the people behind a number.
pub fn people_href(campaign: &str, show: &str) -> String {
    format!("/campaigns/{campaign}?show={show}#recipients")
}

/// The page that shows the people with one reason.
pub fn reason_href(campaign: &str, show: &str, reason: &str) -> String {
    format!("/campaigns/{campaign}?show={show}&reason={reason}#recipients")
}

/// The exclusive parts of the audience in their fixed order. What has no part in the bar is in the legend only.
pub fn ledger(campaign: &str, snapshot: &Snapshot) -> Vec<Segment> {
    let link = |show: &str| people_href(campaign, show);
    let no_receipt = snapshot.sent.saturating_sub(snapshot.delivered);
    let mut parts = vec![
        Segment::new("Delivered", snapshot.delivered.into(), Fill::Data3).href(link("delivered")),
        Segment::new("Submitted, no receipt yet", no_receipt.into(), Fill::Data1).href(link("no_receipt")),
        Segment::new("Being handed over", snapshot.in_the_air.into(), Fill::Data2).pattern(Pattern::Moving),
        Segment::new("Failed", snapshot.failed.into(), Fill::Danger).href(link("failed")),
        Segment::new("Unknown", snapshot.unknown.into(), Fill::Unknown)
            .pattern(Pattern::Hatch)
            .href(link("unknown")),
        Segment::new("Waiting", snapshot.waiting().into(), Fill::Track).href(link("waiting")).legend_only(),
        Segment::new("Skipped", snapshot.skipped.into(), Fill::Neutral)
            .pattern(Pattern::Hatch)
            .href(link("skipped"))
            .legend_only(),
    ];
    // What cannot change any more and never was is not worth a line.
    let fixed = snapshot.has_ended();
    parts.retain(|part| part.count > 0 || (!fixed && !matches!(part.label.as_str(), "Unknown" | "Skipped")));
    parts
}

/// The cumulative steps from the audience to the replies.
pub fn funnel(campaign: &str, snapshot: &Snapshot) -> Vec<FunnelStep> {
    let sent = u64::from(snapshot.sent);
    let reachable = u64::from(snapshot.reachable());
    let step = |label: &str, show: &str, count: u32, note: String| FunnelStep {
        label: label.to_owned(),
        count: count.into(),
        note,
        href: Some(people_href(campaign, show)),
    };
    let of_submitted = |part: u32| percent_of(part.into(), sent, "submitted");
    let left_out = match snapshot.skipped_at_launch() {
        0 => "frozen at launch".to_owned(),
        skipped => format!("{} skipped at launch", count(skipped.into())),
    };
    vec![
        step("Audience", "all", snapshot.audience, left_out),
        step("Submitted", "submitted", snapshot.sent, percent_of(sent, reachable, &count(reachable))),
        step("Delivered", "delivered", snapshot.delivered, of_submitted(snapshot.delivered)),
        step("Read", "read", snapshot.read, of_submitted(snapshot.read)),
        step("Replied", "replied", snapshot.replied, of_submitted(snapshot.replied)),
    ]
}

/// Answers per second since the launch.
pub fn throughput(snapshot: &Snapshot) -> TimeSeries {
    let stretch = f64::from(snapshot.stretch_s.max(1));
    let running = snapshot.standing == Standing::Running;
    // The stretch under way is not full yet and would look like a dip; so would a short one that has just ended, some
    // answers of which are still on their way into the ledger.
    let unsettled = match (running, snapshot.stretch_s) {
        (false, _) => 0,
        (true, 1) => 2,
        (true, _) => 1,
    };
    let told = &snapshot.answers[..snapshot.answers.len().saturating_sub(unsettled)];
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(told.len() + 1);
    let mut at = 0.0;
    for answers in told {
        points.push((at, f64::from(*answers) / stretch));
        at += stretch;
    }
    if let (false, Some(&(_, last))) = (running, points.last()) {
        points.push((at, last));
    }
    let now = points.last().copied();
    let plan = match (now, snapshot.left_s()) {
        (Some((at, rate)), Some(left)) if snapshot.rate_tenths > 0 => {
            let left = f64::from(left);
            vec![(at, rate), (at + left, rate), (at + left, 0.0)]
        }
        _ => Vec::new(),
    };
    let until = plan.last().map_or(at, |end| end.0).max(at);
    TimeSeries {
        id: "throughput-chart".to_owned(),
        title: "Messages handed to WhatsApp per second".to_owned(),
        story: story(snapshot, &points),
        ticks: ticks(snapshot, until),
        until,
        limit: Some((f64::from(snapshot.rate_max), format!("Limit {}/s", count(snapshot.rate_max.into())))),
        zones: Vec::new(),
        moments: Vec::new(),
        plan,
        running,
        table: table(snapshot, told),
        unit: "Per second".to_owned(),
        points,
    }
}

fn story(snapshot: &Snapshot, points: &[(f64, f64)]) -> String {
    let most = points.iter().map(|point| point.1).fold(0.0, f64::max);
    format!(
        "From {}, for {}: {} answers of WhatsApp, at most {most:.0} a second; the sender may send {}.",
        clock_of(snapshot.local_s(snapshot.launched_at_s)),
        duration(snapshot.running_s().into()),
        count(snapshot.answers.iter().map(|answers| u64::from(*answers)).sum()),
        count(snapshot.rate_max.into()),
    )
}

/// Round moments of the workspace's clocks.
fn ticks(snapshot: &Snapshot, until: f64) -> Vec<(f64, String)> {
    const ROUND: [u32; 16] =
        [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
    let start = snapshot.local_s(snapshot.launched_at_s);
    let fits = |step: &u32| until <= f64::from(step * TICKS_MAX);
    let step = ROUND.into_iter().find(fits).unwrap_or(7 * 86_400);
    let first = i64::from(step) - start.rem_euclid(i64::from(step));
    let first = u32::try_from(first).unwrap_or(0) % step;
    (0..=TICKS_MAX)
        .map(|n| first + n * step)
        .filter(|at| f64::from(*at) <= until)
        .map(|at| {
            let local = start + i64::from(at);
            (f64::from(at), if step < 60 { clock_seconds_of(local) } else { clock_of(local) })
        })
        .collect()
}

fn table(snapshot: &Snapshot, told: &[u32]) -> Vec<(String, String)> {
    let together = told.len().div_ceil(TABLE_ROWS_MAX).max(1);
    let seconds = snapshot.stretch_s.max(1);
    let mut at = snapshot.local_s(snapshot.launched_at_s);
    told.chunks(together)
        .map(|stretches| {
            let length = seconds * u32::try_from(stretches.len()).unwrap_or(1);
            let from = clock_seconds_of(at);
            at += i64::from(length);
            (from, count((stretches.iter().sum::<u32>() / length).into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::tests::sending;
    use super::*;

    #[test]
    fn the_ledger_accounts_for_everybody() {
        let snapshot = sending();
        let parts = ledger("cmp_1", &snapshot);
        assert_eq!(parts.iter().map(|part| part.count).sum::<u64>(), u64::from(snapshot.audience));
        let drawn: u64 = parts.iter().filter(|part| !part.legend_only).map(|part| part.count).sum();
        assert_eq!(drawn, u64::from(snapshot.handled() + snapshot.in_the_air));
        assert_eq!(parts[0].href.as_deref(), Some("/campaigns/cmp_1?show=delivered#recipients"));
    }

    #[test]
    fn the_funnel_only_narrows() {
        let steps = funnel("cmp_1", &sending());
        let counts: Vec<u64> = steps.iter().map(|step| step.count).collect();
        assert_eq!(counts, [10_412, 6_240, 5_871, 3_402, 418]);
        assert_eq!(steps[1].note, "63.2% of 9,873");
        assert_eq!(steps[2].note, "94.1% of submitted");
        assert_eq!(steps[0].note, "539 skipped at launch");
    }

    #[test]
    fn the_chart_leaves_out_the_stretch_under_way() {
        let series = throughput(&Snapshot { answers: vec![200, 190, 20], ..sending() });
        assert_eq!(series.points, [(0.0, 20.0), (10.0, 19.0)]);
        let of_seconds = throughput(&Snapshot { answers: vec![20, 19, 7, 1], stretch_s: 1, ..sending() });
        assert_eq!(of_seconds.points, [(0.0, 20.0), (1.0, 19.0)]);
        assert_eq!(series.plan.first(), Some(&(10.0, 19.0)));
        let ended = Snapshot {
            standing: Standing::Finished,
            ended_at_s: Some(1_763_634_630),
            pending: 0,
            answers: vec![200, 190, 20],
            ..sending()
        };
        let series = throughput(&ended);
        assert_eq!(series.points.len(), 4);
        assert!(series.plan.is_empty() && !series.running);
    }

    #[test]
    fn ticks_are_round_and_few() {
        // The launch is at 10:30:00.
        let at = |until: f64, later: i64| {
            let snapshot = Snapshot { launched_at_s: sending().launched_at_s + later, ..sending() };
            ticks(&snapshot, until)
        };
        let labels = |ticks: Vec<(f64, String)>| ticks.into_iter().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(labels(at(40.0, 0))[..3], ["10:30:00", "10:30:05", "10:30:10"]);
        assert_eq!(at(840.0, 27)[0], (93.0, "10:32".to_owned()));
        assert!(at(1e6, 0).len() <= 9);
        assert_eq!(at(0.0, 3), []);
    }

    #[test]
    fn the_table_has_few_rows_and_every_answer() {
        let rows = table(&sending(), &[200; 100]);
        assert!(rows.len() <= TABLE_ROWS_MAX);
        assert_eq!(rows[0], ("10:30:00".to_owned(), "20".to_owned()));
        assert_eq!(rows[1].0, "10:30:30");
    }
}
