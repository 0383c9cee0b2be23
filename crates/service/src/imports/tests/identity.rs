//! Who is who.

use super::*;

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn of_several_rows_of_one_person_the_last_counts(pool: storage::Pool) {
    let world = world(pool).await;
    let import = world
        .import(&[
            "Ana,912345678,,Faro,",
            "Anna,+351 912 345 678,,Porto,",
            "Rui,,rui@example.com,,",
            "Ruy,,RUI@example.com,,",
        ])
        .await;
    assert_eq!((import.contacts_created, import.rows_repeated), (2, 2));
    let people = world.everybody().await;
    assert_eq!(people.iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["Anna", "Ruy"]);
    assert_eq!(
        world.problems(&import).await,
        [
            "3 (row): the same person as in line 2; this later line counts",
            "5 (row): the same person as in line 4; this later line counts",
        ],
    );
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_email_alone_is_the_person_whose_number_row_has_it(pool: storage::Pool) {
    let world = world(pool).await;
    let import = world.import(&["Ana,912345678,ana@example.com,,", "Ana F,,ana@example.com,Faro,"]).await;
    assert_eq!((import.contacts_created, import.rows_repeated), (1, 1));
    let people = world.everybody().await;
    assert_eq!(people[0].name.as_str(), "Ana F");
    assert_eq!(people[0].addresses.len(), 2);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_known_person_without_a_number_gets_one(pool: storage::Pool) {
    let world = world(pool).await;
    world.import(&["Ana,,ana@example.com,,"]).await;
    let import = world.import(&["Ana,912345678,ana@example.com,,"]).await;
    assert_eq!((import.contacts_created, import.contacts_updated), (0, 1));
    assert_eq!(world.everybody().await[0].addresses.len(), 2);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_numbers_with_one_mailbox_are_two_people(pool: storage::Pool) {
    let world = world(pool).await;
    let sentence = "another contact has this email address; it stays there";
    let import =
        world.import(&["Ana,912345678,family@example.com,,", "Rui,912345679,family@example.com,,"]).await;
    assert_eq!(import.contacts_created, 2);
    assert_eq!(world.problems(&import).await, [format!("3 email: {sentence}")]);
    let people = world.everybody().await;
    assert_eq!(people.iter().map(|contact| contact.addresses.len()).collect::<Vec<_>>(), [2, 1]);

    // The same over two imports.
    let import = world.import(&["Eva,912345670,family@example.com,,"]).await;
    assert_eq!(import.contacts_created, 1);
    assert_eq!(world.problems(&import).await, [format!("2 email: {sentence}")]);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn phone_and_email_of_two_known_people_stay_theirs(pool: storage::Pool) {
    let world = world(pool).await;
    world.import(&["Ana,912345678,,,", "Rui,,rui@example.com,,"]).await;
    let import = world.import(&["Both,912345678,rui@example.com,,"]).await;
    assert_eq!((import.contacts_created, import.contacts_updated), (0, 1));
    assert_eq!(world.problems(&import).await.len(), 1);
    let people = world.everybody().await;
    assert_eq!(people.iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["Both", "Rui"]);
    assert_eq!(people.iter().map(|contact| contact.addresses.len()).collect::<Vec<_>>(), [1, 1]);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_rows_of_one_known_person_are_one_update(pool: storage::Pool) {
    let world = world(pool).await;
    world.import(&["Ana,912345678,ana@example.com,,"]).await;
    let import = world.import(&["By phone,912345678,,,", "By email,,ana@example.com,,"]).await;
    assert_eq!((import.contacts_created, import.contacts_updated, import.rows_repeated), (0, 1, 1));
    assert_eq!(world.everybody().await[0].name.as_str(), "By email");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn imports_at_the_same_time_make_each_person_once(pool: storage::Pool) {
    let world = world(pool).await;
    let rows = (0..500).map(|n| format!("P{n},91234{n:04},p{n}@example.com,,yes")).collect::<Vec<_>>();
    let rows = rows.iter().map(String::as_str).collect::<Vec<_>>();
    let (left, right) = tokio::join!(world.import(&rows), world.import(&rows));
    assert_eq!(left.contacts_created + right.contacts_created, 500);
    assert_eq!(left.contacts_updated + right.contacts_updated, 500);
    // Contacts and members once, two addresses each, the list, and two imports.
    assert_eq!(world.rows().await, 500 + 500 + 1_000 + 1 + 2);
}
