//! Numbers and times as people read them on screen. Pure functions; the caller brings local times and `today`.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

#[cfg(test)]
mod tests;

/// From here on a figure that is only estimated is shown rounded.
const EXACT_UP_TO: u64 = 99_999;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A whole number with separators: `9,873`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What is taken away, with a real minus sign: `−2,104`. Zero has no sign.
#[must_use]
pub fn minus(number: u64) -> String {
    if number == 0 { "0".to_owned() } else { format!("\u{2212}{}", count(number)) }
}

/// A figure that may be an estimate: exact up to 99,999, above that `about 1.2 M`.
#[must_use]
pub fn estimate(number: u64) -> String {
    if number <= EXACT_UP_TO {
        return count(number);
    }
    let (unit, tenths) = match number {
        0..=949_999 => ("k", number / 100),
        950_000..=949_999_999 => ("M", number / 100_000),
        _ => ("bn", number / 100_000_000),
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("about {} {unit}", count(whole)),
        (whole, tenth) => format!("about {}.{tenth} {unit}", count(whole)),
    }
}

/// A share with one decimal: `94.1%`. All is `100%`, nothing is `0%`; a share that is neither never looks like one
/// of them. Without a whole there is no share: `–`.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    if part == 0 {
        return "0%".to_owned();
    }
    if part == whole {
        return "100%".to_owned();
    }
    let permille = (u128::from(part) * 2_000 + u128::from(whole)) / (2 * u128::from(whole));
    match permille {
        0 => "under 0.1%".to_owned(),
        1000 if part < whole => "99.9%".to_owned(),
        _ => format!("{}.{}%", permille / 10, permille % 10),
    }
}

/// A share with the name of its base: `94.1% of submitted`.
#[must_use]
pub fn percent_of(part: u64, whole: u64, base: &str) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{} of {base}", percent(part, whole))
}

/// A whole percentage for where space is short: `65%`. Rounded down, so that it reaches 100 only with the last one.
#[must_use]
pub fn percent_floor(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    format!("{}%", u128::from(part.min(whole)) * 100 / u128::from(whole))
}

/// A share of the whole as the `width` attribute of a drawing: `59.47%`.
#[must_use]
pub fn width(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let hundredths = u128::from(part.min(whole)) * 10_000 / u128::from(whole);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// `1 person`, `9,873 people`.
#[must_use]
pub fn people(number: u64) -> String {
    plural(number, "person", "people")
}

/// A number with the right form of its noun.
#[must_use]
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A length of time in its two largest units: `under 1 s`, `46 s`, `10 min 40 s`, `2 h 5 min`, `3 days 4 h`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let day = if days == 1 { "day" } else { "days" };
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, 0) => "under 1 s".to_owned(),
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, _, _) => format!("{} {day}", count(d)),
        (d, h, _, _) => format!("{} {day} {h} h", count(d)),
    }
}

/// A length of time that is only foreseen, in whole minutes from a minute on: `3 min`, `under a minute`.
#[must_use]
pub fn time_left(seconds: u64) -> String {
    if seconds < 60 {
        return "under a minute".to_owned();
    }
    duration(seconds.div_ceil(60) * 60)
}

/// How long ago something was, for the first hour: `now`, `12 s ago`, `5 min ago`.
#[must_use]
pub fn ago(seconds: u64) -> String {
    match seconds {
        0 => "now".to_owned(),
        1..=59 => format!("{seconds} s ago"),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} ago", plural(seconds / 86_400, "day", "days")),
    }
}

/// `20 Nov`, with the year if it is not this one: `20 Nov 2025`.
#[must_use]
pub fn date(day: NaiveDate, today: NaiveDate) -> String {
    let month = MONTHS[day.month0() as usize];
    if day.year() == today.year() {
        format!("{} {month}", day.day())
    } else {
        format!("{} {month} {}", day.day(), day.year())
    }
}

/// `10:30`.
#[must_use]
pub fn clock(at: NaiveTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `10:40:38`, where seconds matter.
#[must_use]
pub fn clock_seconds(at: NaiveTime) -> String {
    format!("{}:{:02}", clock(at), at.second())
}

/// `10:30`, from local seconds since 1970: for islands, which carry no calendar.
#[must_use]
pub fn clock_of(local_seconds: i64) -> String {
    let minutes = local_seconds.div_euclid(60).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `10:40:38`, from local seconds since 1970.
#[must_use]
pub fn clock_seconds_of(local_seconds: i64) -> String {
    format!("{}:{:02}", clock_of(local_seconds), local_seconds.rem_euclid(60))
}

/// `20 Nov, 10:30`.
#[must_use]
pub fn date_time(at: NaiveDateTime, today: NaiveDate) -> String {
    format!("{}, {}", date(at.date(), today), clock(at.time()))
}

/// `Fri 20 Nov, 10:30`, for moments that people plan around.
#[must_use]
pub fn weekday_date_time(at: NaiveDateTime, today: NaiveDate) -> String {
    format!("{} {}", at.date().weekday(), date_time(at, today))
}

/// A moment near now: only the time today, otherwise the date as well.
#[must_use]
pub fn moment(at: NaiveDateTime, today: NaiveDate) -> String {
    if at.date() == today { clock_seconds(at.time()) } else { date_time(at, today) }
}

/// `November 2026`, the head of a month in a long timeline.
#[must_use]
pub fn month(day: NaiveDate) -> String {
    const LONG: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{} {}", LONG[day.month0() as usize], day.year())
}

/// The size of a file: `214 KB`, `1.6 MB`.
#[must_use]
pub fn bytes(size: u64) -> String {
    match size {
        0..=999 => plural(size, "byte", "bytes"),
        1_000..=999_499 => format!("{} KB", (size + 500) / 1_000),
        _ => {
            let tenths = (size + 50_000) / 100_000;
            format!("{}.{} MB", count(tenths / 10), tenths % 10)
        }
    }
}

/// The first letters of a name, at most two: `Inês Duarte` is `ID`, `Brasa` is `B`.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// A label inside a sentence: `Held by WhatsApp` becomes `held by WhatsApp`.
#[must_use]
pub fn lower_first(label: &str) -> String {
    let mut characters = label.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
