//! How long a sending takes whose people may be written to at different times.

use chrono::TimeDelta;

use crate::Timestamp;

/// More nights than these are not looked ahead.
const NIGHTS_MAX: usize = 400;

/// People who may be written to at the same times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wave {
    /// How many.
    pub people: u64,
    /// From when on.
    pub opens: Timestamp,
    /// When their next night begins and ends; the following ones are as long and a day apart. `None` without nights.
    pub night: Option<(Timestamp, Timestamp)>,
}

/// When the last of them is written to at so many a second, from a start on. Who may be written to first is.
pub fn ends(waves: &[Wave], rate_per_second: u32, start: Timestamp) -> Timestamp {
    let rate = u64::from(rate_per_second.max(1));
    let mut left: Vec<Wave> = waves.iter().copied().filter(|wave| wave.people > 0).collect();
    let mut now = start;
    for _ in 0..left.len() + NIGHTS_MAX {
        left.sort_by_key(|wave| wave.opens);
        let Some(wave) = left.first_mut() else { break };
        now = now.max(wave.opens);
        let takes = seconds(wave.people.div_ceil(rate));
        match wave.night {
            Some((falls, over)) if now + takes > falls => {
                let went = u64::try_from((falls - now).num_seconds()).unwrap_or(0) * rate;
                wave.people = wave.people.saturating_sub(went);
                wave.opens = over;
                wave.night = Some((falls + TimeDelta::days(1), over + TimeDelta::days(1)));
                now = now.max(falls);
            }
            _ => {
                now += takes;
                left.remove(0);
            }
        }
        left.retain(|wave| wave.people > 0);
    }
    now
}

fn seconds(seconds: u64) -> TimeDelta {
    TimeDelta::try_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_timestamp(1_763_596_800 + hour * 3_600, 0).expect("a moment")
    }

    fn wave(people: u64, opens: i64, night: Option<(i64, i64)>) -> Wave {
        Wave { people, opens: at(opens), night: night.map(|(falls, over)| (at(falls), at(over))) }
    }

    #[test]
    fn they_follow_one_another() {
        assert_eq!(ends(&[], 10, at(9)), at(9));
        assert_eq!(ends(&[wave(36_000, 9, None)], 10, at(9)), at(10));
        // The second is still waited for; of the third half is left when its turn comes.
        assert_eq!(ends(&[wave(36_000, 14, None), wave(36_000, 9, None)], 10, at(9)), at(15));
        assert_eq!(ends(&[wave(72_000, 9, None), wave(36_000, 10, None)], 10, at(9)), at(12));
    }

    #[test]
    fn a_night_stops_whom_it_falls_for() {
        // An hour in the evening, the other one in the morning.
        assert_eq!(ends(&[wave(72_000, 9, Some((21, 32)))], 10, at(20)), at(33));
        // In between somebody else's turn comes.
        let waves = [wave(72_000, 9, Some((21, 32))), wave(36_000, 22, None)];
        assert_eq!(ends(&waves, 10, at(20)), at(33));
        // Several nights.
        assert_eq!(ends(&[wave(36_000 * 14, 9, Some((10, 33)))], 10, at(9)), at(9 + 24 * 13 + 1));
    }
}
