//! Nonsense in every field, address and query: told what to do, never "the server could not do this".

use anyhow::Result;
use domain::workspace::Role;
use reqwest::StatusCode;
use sqlx::PgPool;

use crate::permissions::cast::{Attempt, Cast, Person};
use crate::permissions::table::{Least, ROWS, Row, Sent};
use crate::permissions::things::Things;
use crate::state;
use crate::world::{Answer, Browser};

/// What people and machines put into fields.
pub(super) fn nonsense() -> Vec<String> {
    let mut nonsense: Vec<String> = [
        "\0",
        "a\0b",
        "\u{202e}\u{feff}\u{200b}",
        "' or 1=1 --",
        "<script>alert(1)</script>",
        "-1",
        "99999999999999999999999999",
        "../../../etc/passwd",
        "%00",
        "\r\nLocation: https://evil.example",
        "cmp_00000000000000000000000000000000",
        "👩‍👩‍👧‍👦",
    ]
    .map(str::to_owned)
    .into();
    nonsense.push("é".repeat(20_000));
    nonsense
}

/// Said in words with a way on, or led back to the form.
pub(super) fn is_answer(answer: &Answer) -> bool {
    let way_on = answer.says("href=\"/\"") || answer.says("href=\"/login\"");
    match answer.status.as_u16() {
        200 | 303 => true,
        400..500 => way_on,
        _ => false,
    }
}

fn forms() -> impl Iterator<Item = (&'static Row, &'static [(&'static str, &'static str)])> {
    // Which set-up there was, and who signs in where, is not asked for here.
    let others = |row: &&Row| !matches!(row.path, "/setup" | "/login" | "/sign-out");
    ROWS.iter().filter(others).filter_map(|row| match row.sent {
        Sent::Fields(fields) => Some((row, fields)),
        _ => None,
    })
}

pub(super) async fn owner(cast: &Cast) -> &Browser {
    cast.browser(&Person::Member(Role::Owner))
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_form_with_nonsense_in_a_field_is_answered(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let mut wrong = Vec::new();
    for (row, wanted) in forms() {
        let attempt = Attempt::of(row, &mut Things::of(&cast)).await?;
        for text in nonsense() {
            for field in wanted.iter().map(|(name, _)| *name) {
                let mut fields = attempt.fields();
                for (_, value) in fields.iter_mut().filter(|(name, _)| *name == field) {
                    *value = &text;
                }
                let answer = owner.post(&attempt.path, &fields).await;
                if !is_answer(&answer) {
                    let text: String = text.chars().take(20).collect();
                    wrong.push(format!("{} {field}={text:?}: {}", row.path, answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_body_that_is_no_form_changes_nothing(pool: PgPool) -> Result<()> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let large = vec![b'x'; 2 * 1024 * 1024];
    let bodies: [(&str, &[u8], Option<StatusCode>); 7] = [
        (FORM, b"name=%FF%FE&phone=%C3%28&list=%ED%A0%80&value=%FF&kind=%FF", None),
        (FORM, b"%", None),
        (FORM, b"name", None),
        (FORM, &large, Some(StatusCode::PAYLOAD_TOO_LARGE)),
        ("application/json", b"{\"name\":\"Mine\"}", Some(StatusCode::UNPROCESSABLE_ENTITY)),
        ("text/plain", b"name=Mine", Some(StatusCode::UNPROCESSABLE_ENTITY)),
        ("multipart/form-data; boundary=x", b"--x", Some(StatusCode::UNPROCESSABLE_ENTITY)),
    ];
    let mut wrong = Vec::new();
    for (row, wanted) in forms().filter(|(_, wanted)| !wanted.is_empty()) {
        let path = Things::of(&cast).fill(row.path).await?;
        for (content_type, body, status) in bodies {
            let before = state::of_everything(&cast.pool).await;
            let answer = owner.post_raw(&path, content_type, body.to_vec()).await;
            let changed = state::differences(&before, &state::of_everything(&cast.pool).await);
            if !is_answer(&answer) || status.is_some_and(|status| status != answer.status) {
                wrong.push(format!("{path} {content_type}: {}", answer.status));
            }
            // Where nothing has to be filled in, an empty form is one like any other.
            let asks = !matches!(row.path, "/campaigns/{draft}/compose/{=audience}") && wanted.len() > 1;
            if status.is_some() && asks && !changed.is_empty() {
                wrong.push(format!("{path} {content_type}: changed {changed:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// What stands in the address where an id should.
const NO_IDS: [&str; 12] = [
    "x",
    "cmp_",
    "cmp_0193",
    "ctc_00000000000000000000000000000000",
    "cmp_00000000000000000000000000000000",
    "cmp_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
    "%00",
    "%FF%FE",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%91%A9",
    "'%20or%201=1",
    "%7B%7Bid%7D%7D",
];

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_address_that_names_nothing_is_said_to_name_nothing(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let long = format!("cmp_{}", "0".repeat(4_000));
    let mut wrong = Vec::new();
    for row in ROWS.iter().filter(|row| row.names_something() && row.least != Least::Anyone) {
        let Attempt { path: right, .. } = Attempt::of(row, &mut Things::of(&cast)).await?;
        let fields = Attempt::of(row, &mut Things::of(&cast)).await?;
        let start = row.path.find('{').unwrap_or_default();
        let end = right[start..].find('/').map_or(right.len(), |slash| start + slash);
        for id in NO_IDS.iter().copied().chain([long.as_str()]) {
            let path = format!("{}{id}{}", &right[..start], &right[end..]);
            let before = state::of_everything(&cast.pool).await;
            let answer = match row.sent {
                Sent::Nothing => owner.get(&path).await,
                _ => owner.post(&path, &fields.fields()).await,
            };
            let changed = state::differences(&before, &state::of_everything(&cast.pool).await);
            // Twice the same click is one: what is gone already is as good as deleted.
            let is_gone = row.to_outsiders == Some(303) && answer.status == StatusCode::SEE_OTHER;
            let says_so = matches!(answer.status.as_u16(), 400 | 404) && is_answer(&answer);
            if !(says_so || is_gone) || !changed.is_empty() {
                wrong.push(format!("{} {path}: {} {changed:?}", row.method(), answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Every name that a page reads out of its query.
const QUERY_NAMES: [&str; 21] = [
    "after",
    "ask",
    "before",
    "country",
    "delete",
    "from",
    "heading-0",
    "list",
    "newer",
    "next",
    "older",
    "q",
    "reason",
    "remove",
    "rename",
    "sample",
    "show",
    "state",
    "step",
    "target-0",
    "what",
];

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_page_with_nonsense_in_its_query_is_answered(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let texts = [
        "%00",
        "%FF",
        "a%00b",
        "%E2%80%AE",
        "-1",
        "99999999999999999999",
        "%27%20or%201=1",
        "%25",
        "_",
        "%5C",
        "*",
        "1%2C2",
        "%22%3C%3E",
        "2026-99-99T99:99:99Z",
        "&",
        "=",
    ];
    let mut wrong = Vec::new();
    for row in ROWS.iter().filter(|row| matches!(row.sent, Sent::Nothing)) {
        let path = Things::of(&cast).fill(row.path).await?;
        for text in texts {
            let query = QUERY_NAMES.map(|name| format!("{name}={text}")).join("&");
            let answer = owner.get(&format!("{path}?{query}")).await;
            if !is_answer(&answer) {
                wrong.push(format!("{} {text}: {}", row.path, answer.status));
            }
        }
        for name in QUERY_NAMES {
            let answer = owner.get(&format!("{path}?{name}=a%00b%FF")).await;
            if !is_answer(&answer) {
                wrong.push(format!("{} {name}: {}", row.path, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
