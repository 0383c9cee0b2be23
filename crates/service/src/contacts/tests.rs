//! People, lists and suppressions, as members change them by hand.

use domain::address::AddressKind;
use domain::contact::{Consent, SuppressionReason};

use super::*;
use crate::lists::{self, ListError};
use crate::suppressions::{self, SuppressionError};
use crate::world::World;

const PHONE: &str = "+351912345678";

async fn world(pool: storage::Pool) -> World {
    World::new(pool, "127.0.0.1:1".parse().expect("an address")).await
}

fn phone(text: &str) -> Address {
    Address::Phone(text.parse().expect("a number"))
}

fn ana() -> NewContact {
    NewContact {
        name: "Ana".parse().expect("a name"),
        phone: Some(PHONE.parse().expect("a number")),
        email: Some("ana@example.com".parse().expect("an address")),
        attributes: Attributes::new(),
        proof: Some(ConsentProof::new("Paper form", "").expect("a proof")),
        list: None,
    }
}

impl World {
    async fn contact(&self, id: ContactId) -> Contact {
        get(&self.services, &self.access::<Read>(), id).await.expect("an answer").expect("a contact")
    }

    async fn consents(&self, id: ContactId) -> Vec<Consent> {
        self.contact(id).await.addresses.into_iter().map(|address| address.consent).collect()
    }
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_person_is_added_with_proof_and_belongs_to_one_workspace(pool: storage::Pool) {
    let world = world(pool).await;
    let id = create(&world.services, &world.access(), ana()).await.expect("added");
    assert_eq!(world.consents(id).await, [Consent::Confirmed, Consent::Confirmed]);
    let theirs = get(&world.services, &world.access_to_theirs::<Read>(), id).await.expect("an answer");
    assert!(theirs.is_none());
    let their_access = world.access_to_theirs::<Send>();
    let refused =
        update(&world.services, &their_access, id, &ContactName::default(), &Attributes::new()).await;
    assert!(matches!(refused, Err(ContactError::NotFound)));
    let refused = delete(&world.services, &their_access, id).await;
    assert!(matches!(refused, Err(ContactError::NotFound)));
    // The same number is somebody else's there.
    create(&world.services, &their_access, ana()).await.expect("added");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_address_is_one_persons_and_a_refusal_leaves_nothing(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let id = create(&world.services, &access, ana()).await.expect("added");
    let other = NewContact { email: Some("other@example.com".parse().expect("an address")), ..ana() };
    match create(&world.services, &access, other).await {
        Err(ContactError::AddressTaken { address, by }) => {
            assert_eq!((address, by), (phone(PHONE), Some(id)))
        }
        other => panic!("{other:?}"),
    }
    let nobody = NewContact { phone: None, email: None, ..ana() };
    assert!(matches!(create(&world.services, &access, nobody).await, Err(ContactError::NoAddress)));
    let list = ListId::mint(world.services.clock.now(), [9; 10]);
    let listed = NewContact { phone: None, email: "b@example.com".parse().ok(), list: Some(list), ..ana() };
    assert!(matches!(create(&world.services, &access, listed).await, Err(ContactError::NoSuchList)));
    let count = count(&world.services, &world.access()).await.expect("a count");
    assert_eq!(count, Count { counted: 1, is_exact: true });
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_opt_out_stands_against_every_hand(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let id = create(&world.services, &access, ana()).await.expect("added");
    suppressions::opt_out(&world.services, &access, &phone(PHONE)).await.expect("opted out");
    assert_eq!(world.consents(id).await, [Consent::Withdrawn, Consent::Confirmed]);
    let proof = ConsentProof::new("Phone call", "").expect("a proof");
    let confirmed = confirm_consent(&world.services, &access, id, &phone(PHONE), &proof).await;
    assert!(matches!(confirmed, Err(ContactError::Withdrawn)));
    let lifted = suppressions::lift(&world.services, &access, &phone(PHONE)).await;
    assert!(matches!(lifted, Err(SuppressionError::NotLiftable)));
    // A new contact with the same number has not agreed either, whatever its proof.
    delete(&world.services, &access, id).await.expect("deleted");
    let again = create(&world.services, &access, ana()).await.expect("added");
    assert_eq!(world.consents(again).await, [Consent::Withdrawn, Consent::Confirmed]);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn opt_outs_of_many_are_recorded_once_and_outlive_what_was_added_by_hand(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let id = create(&world.services, &access, ana()).await.expect("added");
    suppressions::add(&world.services, &access, &phone(PHONE)).await.expect("added");
    let again = suppressions::add(&world.services, &access, &phone(PHONE)).await;
    assert!(matches!(again, Err(SuppressionError::AlreadySuppressed)));

    let mut conn = world.services.connection().await.expect("a connection");
    let now = world.services.clock.now();
    let values = [PHONE, "+34612345678", PHONE];
    for recorded in [2, 0] {
        let count =
            storage::suppressions::opt_out(&mut conn, world.ours, AddressKind::Phone, &values, "STOP", now);
        assert_eq!(count.await.expect("recorded"), recorded);
    }
    let found = suppressions::find(&world.services, &world.access(), "+351", None).await.expect("a page");
    let reasons = found.suppressions.iter().map(|one| (one.reason, one.source.as_str()));
    assert_eq!(reasons.collect::<Vec<_>>(), [(SuppressionReason::Unsubscribed, "STOP")]);
    assert_eq!(world.consents(id).await[0], Consent::Withdrawn);
    let theirs =
        suppressions::find(&world.services, &world.access_to_theirs(), "", None).await.expect("a page");
    assert!(theirs.suppressions.is_empty());
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_was_added_by_hand_is_taken_off_by_hand(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    suppressions::add(&world.services, &access, &phone(PHONE)).await.expect("added");
    let theirs = suppressions::lift(&world.services, &world.access_to_theirs(), &phone(PHONE)).await;
    assert!(matches!(theirs, Err(SuppressionError::NotLiftable)));
    suppressions::lift(&world.services, &access, &phone(PHONE)).await.expect("lifted");
    suppressions::add(&world.services, &access, &phone(PHONE)).await.expect("added again");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn suppressions_of_one_moment_are_all_on_some_page(pool: storage::Pool) {
    let world = world(pool).await;
    let values = (0..120).map(|n| format!("p{n:03}@example.com")).collect::<Vec<_>>();
    let values = values.iter().map(String::as_str).collect::<Vec<_>>();
    let mut conn = world.services.connection().await.expect("a connection");
    let now = world.services.clock.now();
    storage::suppressions::opt_out(&mut conn, world.ours, AddressKind::Email, &values, "import", now)
        .await
        .expect("recorded");
    let (mut start, mut seen) = (None, Vec::new());
    loop {
        let page = suppressions::find(&world.services, &world.access(), "", start).await.expect("a page");
        seen.extend(page.suppressions.into_iter().map(|one| one.value));
        start = page.older;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, values);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn lists_have_names_of_their_own_and_stay_in_their_workspace(pool: storage::Pool) {
    let world = world(pool).await;
    let access = world.access::<Send>();
    let name = |text: &str| text.parse().expect("a name");
    let list = lists::create(&world.services, &access, &name("Recall")).await.expect("made");
    let taken = lists::create(&world.services, &access, &name("RECALL")).await;
    assert!(matches!(taken, Err(ListError::NameTaken)));
    lists::create(&world.services, &world.access_to_theirs(), &name("Recall")).await.expect("made there");

    let id = create(&world.services, &access, ana()).await.expect("added");
    assert_eq!(lists::add_members(&world.services, &access, list, &[id]).await.expect("added"), 1);
    assert_eq!(lists::add_members(&world.services, &access, list, &[id]).await.expect("there already"), 0);
    let stranger = create(&world.services, &world.access_to_theirs(), ana()).await.expect("added");
    let refused = lists::add_members(&world.services, &access, list, &[stranger]).await;
    assert!(matches!(refused, Err(ListError::NoSuchContact)));
    let refused = lists::add_members(&world.services, &world.access_to_theirs(), list, &[stranger]).await;
    assert!(matches!(refused, Err(ListError::NotFound)));

    lists::rename(&world.services, &access, list, &name("Recall, November")).await.expect("renamed");
    let all = lists::all(&world.services, &world.access()).await.expect("lists");
    assert_eq!((all.len(), all[0].name.as_str(), all[0].members), (1, "Recall, November", 1));
    lists::delete(&world.services, &access, list).await.expect("deleted");
    assert!(world.contact(id).await.lists.is_empty());
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn pages_of_people_follow_one_another_both_ways(pool: storage::Pool) {
    let mut world = world(pool).await;
    let mut made = Vec::new();
    for n in 0..120 {
        world.later(1);
        let new = NewContact { phone: None, email: format!("p{n}@example.com").parse().ok(), ..ana() };
        made.push(create(&world.services, &world.access(), new).await.expect("added"));
    }
    made.reverse();
    let page = async |direction| {
        let page = find(&world.services, &world.access(), "", None, None, direction).await.expect("a page");
        (page.contacts.iter().map(|contact| contact.id).collect::<Vec<_>>(), page.has_newer, page.has_older)
    };
    assert_eq!(page(Direction::FromNewest).await, (made[..50].to_vec(), false, true));
    assert_eq!(page(Direction::OlderThan(made[49])).await, (made[50..100].to_vec(), true, true));
    assert_eq!(page(Direction::OlderThan(made[99])).await, (made[100..].to_vec(), true, false));
    assert_eq!(page(Direction::NewerThan(made[100])).await, (made[50..100].to_vec(), true, true));
    assert_eq!(page(Direction::NewerThan(made[50])).await, (made[..50].to_vec(), false, true));
}

#[test]
fn a_searched_text_is_a_number_an_address_or_a_name() {
    let portugal = "PT".parse().ok();
    let phone = |text: &str, country| terms(text, country).and_then(|terms| terms.phone);
    assert_eq!(phone("912 345 678", portugal).as_deref(), Some("+351912345678"));
    assert_eq!(phone("912 3", portugal).as_deref(), Some("+3519123"));
    assert_eq!(phone("00351 91", None).as_deref(), Some("+35191"));
    assert_eq!(phone("+351-91", None).as_deref(), Some("+35191"));
    let name = terms("Ana Fer", None).expect("terms");
    assert_eq!((name.name_words, name.email), (vec!["ana".to_owned(), "fer".to_owned()], None));
    let email = terms("Ana@ex", None).expect("terms");
    assert_eq!((email.name_words.len(), email.email.as_deref()), (0, Some("ana@ex")));
    assert!(terms(" ", None).is_none());
}
