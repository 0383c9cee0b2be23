//! A course over time so small that it only shows the shape. The figure stands beside it.

use leptos::prelude::*;

use super::tone::{Fill, classes};

const WIDTH: f64 = 96.0;
const TOP: f64 = 4.0;
const BOTTOM: f64 = 26.0;
const FLOOR: f64 = 29.0;

/// The line through the values, from the least at the bottom to the most at the top. A course that never changes
/// runs through the middle.
fn line(values: &[f64]) -> Option<String> {
    let (least, most) = values
        .iter()
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &value| {
            (least.min(value), most.max(value))
        });
    if values.len() < 2 || least > most {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a sparkline has a few dozen points")]
    let step = WIDTH / (values.len() - 1) as f64;
    let mut path = String::new();
    let mut x = 0.0;
    for (index, value) in values.iter().enumerate() {
        let share = if most > least { (value - least) / (most - least) } else { 0.5 };
        let y = BOTTOM - share * (BOTTOM - TOP);
        let command = if index == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{command}{x:.1} {y:.1}"));
        x += step;
    }
    Some(path)
}

/// The sparkline: decoration, hidden from assistive technology. Fewer than two values draw nothing.
#[component]
pub fn Spark(
    /// The values, oldest first.
    values: Vec<f64>,
    /// The colour of the line.
    #[prop(optional, default = Fill::Data3)]
    fill: Fill,
) -> impl IntoView {
    line(&values).map(|line| {
        let area = format!("{line}L96 {FLOOR}L0 {FLOOR}Z");
        view! {
            <svg
                class=classes(&["spark", fill.class()])
                viewBox="0 -1 98 30"
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                <path class="area" d=area></path>
                <path class="line" d=line></path>
            </svg>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_spans_the_height() {
        assert_eq!(line(&[0.0, 10.0]).as_deref(), Some("M0.0 26.0L96.0 4.0"));
        assert_eq!(line(&[5.0, 5.0]).as_deref(), Some("M0.0 15.0L96.0 15.0"));
    }

    #[test]
    fn one_point_is_no_course() {
        assert_eq!(line(&[1.0]), None);
        assert_eq!(line(&[f64::NAN, f64::NAN]), None);
    }
}
