//! Every endpoint, tried by everybody: who is let in, who is told what, and that a refusal changes nothing.

pub mod cast;
mod socket;
pub mod table;
pub mod things;

use std::collections::BTreeSet;

use anyhow::Result;
use domain::workspace::Role;
use sqlx::PgPool;

use self::cast::{Attempt, Cast, Person};
use self::table::{Least, ROWS, Row, Sent};
use self::things::Things;
use crate::state;

/// The status that a person has to get.
fn expected(row: &Row, person: &Person) -> u16 {
    match person {
        Person::Stranger => row.to_strangers.unwrap_or(match (row.least, row.sent) {
            (Least::Anyone, _) => row.answer,
            // A page leads to sign-in and back.
            (_, Sent::Nothing) => 303,
            _ => 401,
        }),
        Person::Member(role) => match row.least {
            Least::Member(least) if role.rank() < least.rank() => 403,
            _ => row.answer,
        },
        Person::Outsider => row.to_outsiders.unwrap_or(if row.names_something() && row.sent_over_http() {
            404
        } else {
            row.answer
        }),
    }
}

trait Rank {
    fn rank(self) -> usize;
}

impl Rank for Role {
    fn rank(self) -> usize {
        [Self::Viewer, Self::Member, Self::Admin, Self::Owner]
            .iter()
            .position(|role| *role == self)
            .expect("all roles are listed")
    }
}

/// Whether the person gets to do it, as opposed to being told that it is not for them.
fn is_let_in(row: &Row, person: &Person) -> bool {
    let status = expected(row, person);
    let leads_to_sign_in = *person == Person::Stranger && row.least != Least::Anyone;
    !leads_to_sign_in && !matches!(status, 401 | 403 | 404)
}

/// Tries a row as a person. What is wrong, if anything.
async fn attempt(cast: &Cast, row: &Row, person: &Person) -> Result<Option<String>> {
    let attempt = Attempt::of(row, &mut Things::of(cast)).await?;
    let before = state::of_everything(&cast.pool).await;
    let ours = state::of_workspace(&cast.pool, cast.stage.workspace.uuid()).await;
    let answer = cast.browser(person).send_attempt(&attempt).await;
    let after = state::of_everything(&cast.pool).await;
    let ours_after = state::of_workspace(&cast.pool, cast.stage.workspace.uuid()).await;
    if matches!(row.path, "/sign-out" | "/settings/workspace/new") {
        cast.come_back(person).await?;
    }
    let changed = state::differences(&before, &after);
    let wrong = if answer.status.as_u16() != expected(row, person) {
        Some(format!("answered {} instead of {}", answer.status, expected(row, person)))
    } else if !is_let_in(row, person) && !changed.is_empty() {
        Some(format!("was refused and changed {changed:?}"))
    } else if *person == Person::Outsider && ours != ours_after {
        Some(format!("changed {:?} of a workspace of others", state::differences(&ours, &ours_after)))
    } else if *person == Person::Outsider && answer.says("Brasa") {
        Some("is shown something of a workspace of others".to_owned())
    } else if matches!(person, Person::Member(_))
        && is_let_in(row, person)
        && row.changes == changed.is_empty()
    {
        Some(format!("was let in and changed {changed:?}"))
    } else if expected(row, person) == 303
        && !is_let_in(row, person)
        && !answer.location().starts_with("/login")
    {
        Some(format!("was led to {}", answer.location()))
    } else {
        None
    };
    Ok(wrong.map(|wrong| format!("{} {} as {person:?}: {wrong}", row.method(), row.path)))
}

async fn walk(pool: PgPool, rows: impl Iterator<Item = &'static Row>) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let mut wrong = Vec::new();
    for row in rows {
        for person in Person::ALL {
            wrong.extend(attempt(&cast, row, &person).await?);
        }
    }
    assert!(wrong.is_empty(), "{} of the attempts:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// A pattern without the names of its parameters.
fn bare(path: &str) -> String {
    let mut bare = String::new();
    for segment in path.split('/').skip(1) {
        let is_parameter = segment.starts_with(['{', ':']);
        bare.push('/');
        bare.push_str(if is_parameter { "{}" } else { segment });
    }
    bare
}

#[tokio::test]
async fn every_endpoint_has_a_row_and_every_row_an_endpoint() {
    let endpoints: BTreeSet<(String, String)> = server::endpoints()
        .into_iter()
        .map(|(method, path)| (method.as_str().to_owned(), bare(&path)))
        .collect();
    let rows: BTreeSet<(String, String)> =
        ROWS.iter().map(|row| (row.method().to_owned(), bare(row.path))).collect();
    assert_eq!(rows.len(), ROWS.len(), "two rows are about the same endpoint");
    let without_row: Vec<_> = endpoints.difference(&rows).collect();
    assert!(
        without_row.is_empty(),
        "nobody said who may use {without_row:?}; add rows to permissions/table.rs"
    );
    let without_endpoint: Vec<_> = rows.difference(&endpoints).collect();
    assert!(without_endpoint.is_empty(), "there is no such endpoint: {without_endpoint:?}");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn pages_and_files_are_for_whom_the_table_says(pool: PgPool) -> Result<()> {
    walk(pool, ROWS.iter().filter(|row| matches!(row.sent, Sent::Nothing))).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn forms_are_for_whom_the_table_says(pool: PgPool) -> Result<()> {
    walk(pool, ROWS.iter().filter(|row| matches!(row.sent, Sent::Fields(_) | Sent::File))).await
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn sockets_are_for_whom_the_table_says(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    for row in ROWS.iter().filter(|row| matches!(row.sent, Sent::Handshake)) {
        for person in Person::ALL {
            let answer = cast.browser(&person).ask_for_socket(row.path).await;
            assert_eq!(answer.status().as_u16(), expected(row, &person), "{} as {person:?}", row.path);
        }
    }
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_live_page_shows_only_campaigns_of_its_workspace(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let mut things = Things::of(&cast);
    let campaign = things.fill("{running}").await?;
    for (person, asked, kind) in [
        (Person::Member(Role::Viewer), campaign.as_str(), "Changed"),
        (Person::Outsider, campaign.as_str(), "not_found"),
        (Person::Member(Role::Viewer), "cmp_nonsense", "not_found"),
        (Person::Member(Role::Viewer), "", "not_found"),
    ] {
        let answer = cast.browser(&person).ask_for_socket("/api/campaigns/live").await;
        let heard = socket::ask(answer, asked).await?;
        assert!(heard.contains(kind), "{person:?} asked for {asked:?} and heard {heard}");
        assert!(*kind == *"Changed" || !heard.contains("Brasa"), "{heard}");
    }
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn nothing_is_done_for_a_page_of_another_site(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = Person::Member(Role::Owner);
    for row in ROWS.iter().filter(|row| row.method() == "POST") {
        let attempt = Attempt::of(row, &mut Things::of(&cast)).await?;
        let before = state::of_everything(&cast.pool).await;
        for headers in [[("origin", "https://evil.example")], [("sec-fetch-site", "cross-site")]] {
            let answer = cast.browser(&owner).post_with(&attempt.path, &headers, &attempt.fields()).await;
            assert_eq!(answer.status, 403, "{}", row.path);
        }
        let after = state::of_everything(&cast.pool).await;
        assert_eq!(state::differences(&before, &after), Vec::<String>::new(), "{}", row.path);
    }
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_takes_forms_only_is_no_page(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = cast.browser(&Person::Member(Role::Owner));
    let pages: BTreeSet<String> =
        ROWS.iter().filter(|row| row.method() == "GET").map(|row| bare(row.path)).collect();
    for row in ROWS.iter().filter(|row| row.method() == "POST" && !pages.contains(&bare(row.path))) {
        let path = Things::of(&cast).fill(row.path).await?;
        let answer = owner.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.says("There is nothing here"), "{path}: {}", answer.body);
    }
    Ok(())
}
