//! The page that asks before people are tried again, and what its form refuses.

use anyhow::Result;
use domain::workspace::Role;
use sqlx::PgPool;

use super::nonsense::owner;
use crate::permissions::cast::{Cast, Person};
use crate::permissions::things::Things;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_pages_show_the_number_and_ask_before_somebody_gets_it_twice(pool: PgPool) -> Result<()> {
    let cast = Cast::gather(pool).await?;
    let owner = owner(&cast).await;
    let live = Things::of(&cast).fill("/campaigns/{finished}").await?;
    let (retry, page) = (format!("{live}/retry"), format!("{live}/retry?what=unknown"));
    let shown = owner.get(&live).await;
    assert!(shown.says("Resend unknown (3)") && !shown.says("Retry failed ("), "{}", shown.body);
    let to_a_viewer = cast.browser(&Person::Member(Role::Viewer)).get(&live).await;
    assert!(!to_a_viewer.says("Resend unknown ("));
    let asked = owner.get(&page).await;
    for words in ["These people may get the message twice.", "Resend to 3 people"] {
        assert!(asked.says(words), "{words}: {}", asked.body);
    }
    let people = owner.get(&format!("{live}?show=unknown_again")).await;
    assert!(people.says("Unknown, can be resent"), "{}", people.body);
    assert!(owner.get(&format!("{retry}?what=failed")).await.says("Nobody is left to be sent to."));

    let answer = async |key: &str, expected: &str, twice: &str| {
        let fields = [("what", "unknown"), ("key", key), ("expected", expected), ("twice", twice)];
        let answer = owner.post(&retry, &fields).await;
        let location = answer.location().to_owned();
        (owner.get(&location).await, location)
    };
    let (shown, location) = answer("again-0001", "3", "").await;
    assert!(
        location == page && shown.says("Tick this if it is what you want."),
        "{location}: {}",
        shown.body
    );
    let (shown, location) = answer("again-0002", "2", "on").await;
    assert!(location == page && shown.says("it was 2 people when you looked, now it is 3"), "{}", shown.body);
    let (shown, _) = answer("short", "3", "on").await;
    assert!(shown.says("The page was too old to send from."), "{}", shown.body);

    let (shown, location) = answer("again-0003", "3", "on").await;
    assert_eq!(location, live);
    for words in
        ["It goes out again to 3 people.", "Retry of unknown, 3 people", "resent to unknown", "Pause"]
    {
        assert!(shown.says(words), "{words}: {}", shown.body);
    }
    assert!(
        shown.says("Part 1") && shown.says("unknown") && !shown.says("Resend unknown ("),
        "{}",
        shown.body
    );
    let (_, location) = answer("again-0003", "3", "on").await;
    assert_eq!(location, live, "the same click is the same try");
    let asked = owner.get(&page).await;
    assert!(
        asked.says("Nobody can be sent to now.") && asked.says("This campaign is running."),
        "{}",
        asked.body
    );
    Ok(())
}
