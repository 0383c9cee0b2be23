//! The step that asks when a campaign goes out: every field with nonsense, and what the pages then say.

use anyhow::Result;
use domain::schedule::{Schedule, Start, Undo};
use service::campaigns;
use sqlx::PgPool;

use super::nonsense::{is_answer, nonsense, owner};
use crate::permissions::cast::Cast;

const RIGHT: [(&str, &str); 7] = [
    ("start", "at"),
    ("date", "2099-11-28"),
    ("time", "09:00"),
    ("zone", "Atlantic/Azores"),
    ("until_date", "2099-11-28"),
    ("until_time", "18:00"),
    ("undo", "30"),
];

/// Asks for everything that makes people wait.
const TICKED: [(&str, &str); 3] = [("local_time", "on"), ("quiet", "on"), ("canary", "on")];
const WAITS: [(&str, &str); 4] =
    [("quiet_from", "21:00"), ("quiet_until", "08:00"), ("canary_people", "50"), ("canary_percent", "10")];

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_schedule_with_nonsense_in_a_field_is_refused_with_words(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let draft = cast.stage.draft().await?;
    let page = format!("/campaigns/{draft}/compose?step=schedule");
    let mut texts = nonsense();
    texts.extend(["", "2026-02-30", "24:00", "1999-01-01", "-7"].map(str::to_owned));
    for text in &texts {
        for position in 0..RIGHT.len() + WAITS.len() {
            let mut fields = [&RIGHT[..], &WAITS, &TICKED].concat();
            fields[position].1 = text;
            let answer = owner.post(&format!("/campaigns/{draft}/compose/schedule"), &fields).await;
            assert!(is_answer(&answer), "{:?}: {}", fields[position], answer.status);
            if answer.location() == page {
                let shown = owner.get(&page).await;
                assert!(
                    shown.says("aria-invalid=\"true\"") || shown.says("start-error"),
                    "{:?}",
                    fields[position]
                );
            }
            let kept = campaigns::get(&cast.stage.services, &cast.stage.access().await?, draft).await?;
            assert_eq!(kept.map(|draft| draft.schedule), Some(Schedule::default()), "{:?}", fields[position]);
        }
    }
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_pages_say_when_it_starts_and_how_to_change_that(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let draft = cast.stage.draft().await?;
    let answer = owner.post(&format!("/campaigns/{draft}/compose/schedule"), &RIGHT).await;
    assert_eq!(answer.location(), format!("/campaigns/{draft}/compose?step=review"));
    let kept = campaigns::get(&cast.stage.services, &cast.stage.access().await?, draft).await?;
    let schedule = kept.map(|draft| draft.schedule).unwrap_or_default();
    assert!(matches!(schedule.start, Start::At(_)) && schedule.undo == Undo::Thirty, "{schedule:?}");
    let review = owner.get(answer.location()).await;
    assert!(
        review.says("Whoever has not got it by Sat 28 Nov 2099, 18:00 (Atlantic/Azores)"),
        "{}",
        review.body
    );
    assert!(review.says("Schedule for 3 people"), "{}", review.body);
    assert!(review.says("Sat 28 Nov 2099, 09:00 (Atlantic/Azores)"), "{}", review.body);
    let click = [("key", "schedule-0001"), ("expected", "3")];
    let answer = owner.post(&format!("/campaigns/{draft}/schedule"), &click).await;
    let page = format!("/campaigns/{draft}");
    assert_eq!(answer.location(), page);
    let shown = owner.get(&page).await;
    for words in [
        "Starts Sat 28 Nov 2099, 09:00 (Atlantic/Azores)",
        "Scheduled by Inês Duarte",
        "Unschedule",
        "Send to 3 now",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.body);
    }
    assert_eq!(owner.get(&format!("{page}/compose")).await.location(), page);
    assert!(owner.get("/campaigns").await.says("Starts Sat 28 Nov 2099, 09:00 (Atlantic/Azores)"));
    let answer = owner.post(&format!("{page}/unschedule"), &[]).await;
    assert_eq!(answer.location(), format!("{page}/compose?step=schedule"));

    // With the click, to be taken back for half a minute.
    let mut now = RIGHT;
    now[0].1 = "now";
    owner.post(&format!("{page}/compose/schedule"), &now).await;
    let click = [("key", "schedule-0002"), ("expected", "3")];
    assert_eq!(owner.post(&format!("{page}/launch"), &click).await.location(), page);
    let live = owner.get(&page).await;
    assert!(live.says("Starts in ") && live.says(&format!("{page}/undo")), "{}", live.body);
    let answer = owner.post(&format!("{page}/undo"), &[]).await;
    assert_eq!(answer.location(), format!("{page}/compose?step=review"));
    assert!(owner.get(answer.location()).await.says("Taken back. Nobody got it"));
    let answer = owner.post(&format!("{page}/launch"), &click).await;
    assert!(owner.get(answer.location()).await.says("You took this send back"));
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_pages_say_who_has_to_wait_and_where_they_are(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool.clone()).await?;
    let owner = owner(&cast).await;
    sqlx::query(
        "update contacts set attributes = '{\"time_zone\": \"Asia/Tokyo\"}'
          where contact_id = (select contact_id from list_members where list_id = $1 order by contact_id limit 1)",
    )
    .bind(cast.stage.list.uuid())
    .execute(&pool)
    .await?;
    let draft = cast.stage.draft().await?;
    let page = format!("/campaigns/{draft}");
    let fields = [&RIGHT[..], &WAITS, &TICKED].concat();
    let answer = owner.post(&format!("{page}/compose/schedule"), &fields).await;
    assert_eq!(answer.location(), format!("{page}/compose?step=review"));
    let form = owner.get(&format!("{page}/compose?step=schedule")).await;
    for field in ["local_time", "quiet", "canary"] {
        let ticked = form.body.split("<input").any(|input| {
            input.contains(&format!("name=\"{field}\""))
                && input.split('>').next().unwrap_or("").contains("checked")
        });
        assert!(ticked, "{field}: {}", form.body);
    }
    let review = owner.get(answer.location()).await;
    for words in [
        // In Tokyo ten hours earlier than on the Azores.
        "Starts Fri 27 Nov 2099, 23:00 (Atlantic/Azores) for the first of them.",
        "Each person gets it at 09:00 of their own day",
        "Nobody gets it from 21:00 to 08:00 of their own day.",
        "It goes to 50 people first, and pauses if more than 10 % of these fail.",
        "Where they are",
        "Asia/Tokyo",
        "Europe/Lisbon or Azores",
    ] {
        assert!(review.says(words), "{words}: {}", review.body);
    }
    let click = [("key", "schedule-0001"), ("expected", "3")];
    assert_eq!(owner.post(&format!("{page}/schedule"), &click).await.location(), page);
    let shown = owner.get(&page).await;
    assert!(
        shown.says("Starts Fri 27 Nov 2099, 23:00 (Atlantic/Azores) for the first people"),
        "{}",
        shown.body
    );
    assert!(shown.says("Asia/Tokyo"), "{}", shown.body);
    Ok(())
}
