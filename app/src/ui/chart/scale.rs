//! From times and values to places in the drawing.

use super::TimeSeries;

pub(super) const HEIGHT: f64 = 150.0;
pub(super) const LEFT: f64 = 40.0;
pub(super) const TOP: f64 = 16.0;
pub(super) const BOTTOM: f64 = 126.0;
/// Room above the highest tick, so that a line at the limit does not touch the edge.
const HEADROOM: f64 = 1.2;

/// Half the width of a time on the axis.
const TICK_HALF: f64 = 22.0;

/// One of the two drawings of a chart.
pub(super) struct Frame {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) width: f64,
    /// How many names fit on the time axis.
    ticks_max: usize,
}

pub(super) const WIDE: Frame = Frame { name: "wide", class: "chart-wide", width: 660.0, ticks_max: 8 };
pub(super) const NARROW: Frame = Frame { name: "narrow", class: "chart-narrow", width: 330.0, ticks_max: 4 };

impl Frame {
    pub(super) fn right(&self) -> f64 {
        self.width - 8.0
    }

    pub(super) fn narrow(&self) -> bool {
        self.ticks_max < WIDE.ticks_max
    }

    /// As many ticks as fit: each, every second, every third, so that they stay evenly spaced.
    pub(super) fn thin(&self, ticks: &[(f64, String)]) -> Vec<(f64, String)> {
        ticks.iter().step_by(ticks.len().div_ceil(self.ticks_max).max(1)).cloned().collect()
    }

    /// How the name of a moment on the axis stands: in its middle, except where it would leave the drawing.
    pub(super) fn tick_anchor(&self, x: f64) -> &'static str {
        if x < LEFT + TICK_HALF {
            "start"
        } else if x > self.right() - TICK_HALF {
            "end"
        } else {
            "middle"
        }
    }

    /// How a text centred on `x` must be anchored so that it stays inside the drawing.
    pub(super) fn anchor(&self, x: f64) -> &'static str {
        let margin = self.width * 0.17;
        if x < LEFT + margin {
            "start"
        } else if x > self.right() - margin {
            "end"
        } else {
            "middle"
        }
    }
}

/// Where times and values lie in a frame.
pub(super) struct Scale {
    pub(super) frame: &'static Frame,
    /// The highest tick.
    pub(super) top: f64,
    until: f64,
}

impl Scale {
    pub(super) fn new(frame: &'static Frame, series: &TimeSeries) -> Self {
        let peak = series.points.iter().chain(&series.plan).map(|point| point.1).fold(0.0, f64::max);
        // A limit far above what happens would press the line to the floor; then it is left out of the picture.
        let peak = match &series.limit {
            Some((limit, _)) if peak == 0.0 || *limit <= 2.0 * peak => peak.max(*limit),
            _ => peak,
        };
        let last = series.points.iter().chain(&series.plan).map(|point| point.0).fold(series.until, f64::max);
        Self { frame, top: nice_top(peak), until: last.max(1.0) }
    }

    pub(super) fn x(&self, at: f64) -> f64 {
        LEFT + (at / self.until).clamp(0.0, 1.0) * (self.frame.right() - LEFT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        BOTTOM - (value / (self.top * HEADROOM)).clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    pub(super) fn shows(&self, value: f64) -> bool {
        value <= self.top * HEADROOM
    }

    pub(super) fn line(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (index, &(at, value)) in points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{command}{:.1} {:.1}", self.x(at), self.y(value)));
        }
        path
    }

    pub(super) fn area(&self, points: &[(f64, f64)]) -> String {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return String::new();
        };
        format!("{}L{:.1} {BOTTOM}L{:.1} {BOTTOM}Z", self.line(points), self.x(last.0), self.x(first.0))
    }
}

/// The value of the line at a time, between its points.
pub(super) fn value_at(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|point| point.0 < at);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (Some(&(t0, v0)), Some(&(t1, v1))) if t1 > t0 => v0 + (v1 - v0) * (at - t0) / (t1 - t0),
        (_, Some(&(_, value))) | (Some(&(_, value)), None) => value,
        (None, None) => 0.0,
    }
}

/// The smallest round number that is not below the peak, and whose half is round as well.
pub(super) fn nice_top(peak: f64) -> f64 {
    if !peak.is_finite() || peak <= 2.0 {
        return 2.0;
    }
    let unit = 10_f64.powf(peak.log10().floor());
    [1.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * unit)
        .find(|top| *top >= peak)
        .unwrap_or(peak)
}

/// Nothing, half and top, with their labels.
pub(super) fn y_ticks(top: f64) -> [(f64, String); 3] {
    let label = |value: f64| {
        let whole = format!("{value:.0}");
        match whole.len() {
            0..=3 => whole,
            4 => format!("{},{}", &whole[..1], &whole[1..]),
            _ => format!("{:.0}k", value / 1_000.0),
        }
    };
    [(0.0, label(0.0)), (top / 2.0, label(top / 2.0)), (top, label(top))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: Vec<(f64, f64)>) -> TimeSeries {
        TimeSeries { points, until: 100.0, ..TimeSeries::default() }
    }

    #[test]
    fn tops_are_round_and_never_below_the_peak() {
        for (peak, top) in [(0.0, 2.0), (2.0, 2.0), (19.7, 20.0), (21.0, 40.0), (80.0, 80.0), (996.0, 1000.0)]
        {
            assert!((nice_top(peak) - top).abs() < 1e-9, "{peak}");
        }
    }

    #[test]
    fn ticks_have_separators_like_every_number() {
        let labels = |top| y_ticks(top).map(|(_, label)| label);
        assert_eq!(labels(40.0), ["0", "20", "40"]);
        assert_eq!(labels(2_000.0), ["0", "1,000", "2,000"]);
        assert_eq!(labels(20_000.0), ["0", "10k", "20k"]);
    }

    #[test]
    fn a_limit_within_reach_is_in_the_picture_and_a_far_one_is_not() {
        let near = Scale::new(
            &WIDE,
            &TimeSeries { limit: Some((20.0, String::new())), ..series(vec![(0.0, 12.0)]) },
        );
        assert!(near.shows(20.0));
        let far = Scale::new(
            &WIDE,
            &TimeSeries { limit: Some((1000.0, String::new())), ..series(vec![(0.0, 12.0)]) },
        );
        assert!(!far.shows(1000.0));
    }

    #[test]
    fn everything_stays_inside_the_frame() {
        let scale = Scale::new(&NARROW, &series(vec![(0.0, 0.0), (100.0, 20.0)]));
        for at in [-5.0, 0.0, 50.0, 100.0, 900.0] {
            assert!((LEFT..=NARROW.right()).contains(&scale.x(at)));
        }
        for value in [-1.0, 0.0, 20.0, 99.0] {
            assert!((TOP..=BOTTOM).contains(&scale.y(value)));
        }
    }

    #[test]
    fn values_between_points_lie_on_the_line() {
        let points = [(0.0, 0.0), (10.0, 20.0)];
        assert!((value_at(&points, 5.0) - 10.0).abs() < 1e-9);
        assert!((value_at(&points, 99.0) - 20.0).abs() < 1e-9);
        assert!(value_at(&[], 1.0).abs() < 1e-9);
    }

    #[test]
    fn thinned_ticks_are_evenly_spaced() {
        let thinned = |ticks: i32| {
            let ticks: Vec<(f64, String)> = (0..ticks).map(|n| (f64::from(n), n.to_string())).collect();
            NARROW.thin(&ticks).into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(thinned(0), "");
        assert_eq!(thinned(4), "0 1 2 3");
        assert_eq!(thinned(5), "0 2 4");
        assert_eq!(thinned(10), "0 3 6 9");
    }
}
