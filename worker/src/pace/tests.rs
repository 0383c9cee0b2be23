use governor::clock::FakeRelativeClock;

use super::*;

fn rate(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("not zero")
}

fn at_plan(plan: u32, now: Instant) -> Pace {
    Pace::new(rate(plan), rate(plan), now)
}

/// The most cells that a quota lets through in any half-open second.
fn busiest_second(quota: Quota) -> u32 {
    let steady = (1_000_000_000 / quota.replenish_interval().as_nanos()) as u32;
    steady + quota.burst_size().get() - 1
}

#[test]
fn no_second_holds_more_than_the_plan() {
    for plan in [1, 20, 80, 250, 1_000] {
        let busiest = busiest_second(quota(rate(plan)));
        assert!(busiest <= plan, "{busiest} in a second at {plan}/s");
        assert!(busiest * 100 >= plan * 98, "{busiest} in a second at {plan}/s");
    }
}

/// A sender that always has something to send, looking each millisecond, except when it is held up.
struct Simulation {
    clock: FakeRelativeClock,
    pace: Pace<FakeRelativeClock>,
    start: Instant,
    now_ms: u64,
    left_ms: Vec<u64>,
}

impl Simulation {
    fn of(plan: u32) -> Self {
        let (clock, start) = (FakeRelativeClock::default(), Instant::now());
        let pace = Pace::with_clock(rate(plan), rate(plan), start, clock.clone());
        Self { clock, pace, start, now_ms: 0, left_ms: Vec::new() }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.now_ms)
    }

    fn pass(&mut self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
        self.now_ms += millis;
    }

    fn send_for(&mut self, millis: u64) {
        for _ in 0..millis {
            self.pass(1);
            while self.pace.try_leave().is_ok() {
                self.left_ms.push(self.now_ms);
            }
        }
    }

    /// The most that left in any half-open second.
    fn busiest(&self) -> usize {
        let ends = |from: &u64| self.left_ms.partition_point(|at| *at < from + 1_000);
        self.left_ms.iter().enumerate().map(|(index, from)| ends(from) - index).max().unwrap_or(0)
    }
}

#[test]
fn no_second_holds_more_than_the_plan_when_the_rate_changes_all_the_time() {
    for plan in [20, 80, 1_000] {
        let mut run = Simulation::of(plan);
        for round in 0..40_u64 {
            // Uneven stretches, some of them idle, so that a burst is saved up when the rate changes.
            run.send_for(130 + 97 * (round % 11));
            run.pass(37 * (round % 3));
            if round % 4 == 0 {
                run.pace.throttled(run.now());
            } else {
                run.pace.accepted(run.now());
            }
        }
        let busiest = run.busiest();
        assert!(busiest <= plan as usize, "{busiest} in one second at {plan}/s");
        run.left_ms.clear();
        run.pass(60_000);
        for _ in 0..40 {
            run.pass(2_000);
            run.pace.accepted(run.now());
        }
        run.send_for(10_000);
        let in_ten = run.left_ms.len();
        // Without a burst each message waits for the next tick of the timer: a millisecond in twelve at 80 a second.
        assert!(in_ten >= plan as usize * 96 / 10, "{in_ten} in ten seconds at {plan}/s");
    }
}

#[test]
fn a_changed_plan_is_kept_in_every_second() {
    let mut run = Simulation::of(80);
    run.send_for(5_300);
    run.pass(2_000);
    for _ in 0..20 {
        // Back and forth: no second may hold more than the larger of the plans it touches.
        run.pace.follow_plan(rate(1_000), run.now());
        run.send_for(410);
        run.pass(50);
        run.pace.follow_plan(rate(990), run.now());
        run.send_for(290);
    }
    assert!(run.busiest() <= 1_000, "{}", run.busiest());
    run.pace.follow_plan(rate(20), run.now());
    run.left_ms.clear();
    run.send_for(5_000);
    assert!(run.busiest() <= 20, "{}", run.busiest());
    assert_eq!(run.pace.rate(), rate(20));
}

#[test]
fn a_slowed_sender_stays_slowed_in_proportion_when_its_plan_changes() {
    let start = Instant::now();
    let pace = at_plan(1_000, start);
    pace.throttled(start);
    pace.follow_plan(rate(80), start);
    assert_eq!(pace.rate(), rate(56));
    pace.follow_plan(rate(1_000), start);
    assert_eq!(pace.rate(), rate(700));
    assert_eq!(pace.throttled_at(), Some(start));
}

#[test]
fn a_session_begins_at_the_rate_that_the_one_before_was_slowed_to() {
    let start = Instant::now();
    let pace = Pace::new(rate(80), rate(39), start);
    assert_eq!((pace.rate(), pace.throttled_at()), (rate(39), None));
    pace.accepted(start + Duration::from_secs(2));
    assert_eq!(pace.rate(), rate(43));
    assert_eq!(Pace::new(rate(20), rate(39), start).rate(), rate(20));
}

#[test]
fn throttling_slows_once_a_second_and_never_stops() {
    let start = Instant::now();
    let pace = at_plan(80, start);
    pace.throttled(start);
    pace.throttled(start + Duration::from_millis(200));
    assert_eq!(pace.rate(), rate(56));
    pace.throttled(start + Duration::from_millis(1_100));
    assert_eq!(pace.rate(), rate(39));
    for second in 2..60 {
        pace.throttled(start + Duration::from_secs(second * 2));
    }
    assert_eq!(pace.rate(), rate(1));
}

#[test]
fn the_rate_recovers_to_the_plan_and_not_beyond() {
    let start = Instant::now();
    let pace = at_plan(80, start);
    pace.throttled(start);
    pace.accepted(start + Duration::from_secs(1));
    assert_eq!(pace.rate(), rate(56));
    pace.accepted(start + Duration::from_secs(2));
    assert_eq!(pace.rate(), rate(60));
    for second in 2..60 {
        pace.accepted(start + Duration::from_secs(second * 2));
    }
    assert_eq!(pace.rate(), rate(80));
}
