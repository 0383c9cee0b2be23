use super::*;

fn rate(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("not zero")
}

/// The width after so many seconds of a thousand answers a second that all take this long.
fn settled(rate: NonZeroU32, took: Duration, seconds: u64) -> usize {
    let start = Instant::now();
    let mut latency = Latency::new(start);
    for millis in 0..seconds * 1_000 {
        latency.answered(took, start + Duration::from_millis(millis));
    }
    width(rate, latency.seconds())
}

const UNLIMITED: u32 = 1_000_000;

#[test]
fn the_window_follows_rate_and_latency() {
    let needed = |rate: f64, seconds: f64| (rate * seconds) as usize;
    for (per_second, millis) in [(1_000, 150), (1_000, 300), (1_000, 1_200), (80, 2_000)] {
        let took = Duration::from_millis(millis);
        let wide = settled(rate(per_second), took, 1);
        let needed = needed(f64::from(per_second), took.as_secs_f64());
        assert!(wide >= needed, "{wide} for {per_second}/s at {millis} ms");
        assert!(wide <= (needed * 8 / 5).max(WINDOW_EASY), "{wide} for {per_second}/s at {millis} ms");
    }
}

#[test]
fn a_thousand_a_second_is_reached_when_each_answer_takes_two_seconds() {
    assert_eq!(settled(rate(1_000), Duration::from_secs(2), 1), WINDOW_MAX);
    const { assert!(WINDOW_MAX >= 2_000) }
}

#[test]
fn an_unlimited_sender_gets_thousands_a_second_from_slow_answers_and_does_not_crowd_quick_ones() {
    let wide = settled(rate(UNLIMITED), Duration::from_millis(150), 1);
    assert!(wide as f64 / 0.15 >= 5_000.0, "{wide}");
    assert_eq!(settled(rate(UNLIMITED), Duration::from_micros(300), 1), WINDOW_EASY);

    // Quick at first; then everybody waits in a queue of our own making.
    let start = Instant::now();
    let mut latency = Latency::new(start);
    latency.answered(Duration::from_micros(300), start);
    for millis in 0..1_000 {
        latency.answered(Duration::from_millis(80), start + Duration::from_millis(millis));
    }
    assert_eq!(width(rate(UNLIMITED), latency.seconds()), WINDOW_EASY);
}

#[test]
fn a_provider_that_became_slow_is_noticed_within_seconds() {
    let start = Instant::now();
    let mut latency = Latency::new(start);
    for millis in 0..1_000 {
        latency.answered(Duration::from_millis(5), start + Duration::from_millis(millis));
    }
    for millis in 1_000..8_000 {
        latency.answered(Duration::from_millis(900), start + Duration::from_millis(millis));
    }
    assert!(width(rate(1_000), latency.seconds()) >= 1_000);
}

#[test]
fn a_slow_sender_has_a_small_window_from_the_start() {
    assert_eq!(width(rate(1), None), 4);
    assert_eq!(width(rate(80), None), 160);
    assert_eq!(width(rate(1_000), None), WINDOW_EASY);
}

#[tokio::test]
async fn a_full_window_opens_when_a_request_is_over() {
    let window = std::sync::Arc::new(Window::new(Instant::now()));
    for _ in 0..4 {
        window.enter(|| rate(1)).await;
    }
    let full = window.enter(|| rate(1));
    tokio::pin!(full);
    assert!(futures::poll!(full.as_mut()).is_pending(), "the fifth waits");
    window.leave();
    full.await;
    assert_eq!(window.under_way.load(Ordering::Acquire), 4);
}
