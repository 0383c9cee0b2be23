//! Whole imports, against Postgres.

use std::convert::Infallible;

use bytes::Bytes;
use domain::address::AddressKind;
use domain::contact::{Consent, SuppressionReason};
use domain::import::{ColumnMapping, FileProblem};
use futures::stream;

use super::*;
use crate::access::Send;
use crate::contacts::{self, Contact, Direction};
use crate::lists;
use crate::world::World;

mod identity;
mod refusals;
mod uploads;

const COLUMNS: [(&str, &str); 5] = [
    ("Name", "name"),
    ("Phone", "phone"),
    ("Email", "email"),
    ("City", "attribute:city"),
    ("Consent", "consent"),
];

async fn world(pool: storage::Pool) -> World {
    World::new(pool, "127.0.0.1:1".parse().expect("an address")).await
}

fn mapping(columns: &[(&str, &str)]) -> Mapping {
    let columns = columns.iter().map(|(heading, target)| ColumnMapping {
        heading: (*heading).to_owned(),
        target: target.parse().expect("a target"),
    });
    Mapping::new(columns.collect()).expect("a mapping")
}

fn request() -> ImportRequest {
    ImportRequest {
        file_name: "people.csv".to_owned(),
        mapping: mapping(&COLUMNS),
        default_country: "PT".parse().ok(),
        list: ListChoice::Named("Recall".parse().expect("a name")),
        proof: None,
    }
}

/// A file of these rows under the usual headings.
fn file(rows: &[&str]) -> String {
    format!("Name,Phone,Email,City,Consent\n{}\n", rows.join("\n"))
}

/// Bytes as they come over a network, in pieces.
fn body(
    file: &[u8],
) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Unpin + std::marker::Send + use<> {
    stream::iter(file.chunks(1_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect::<Vec<_>>())
}

impl World {
    async fn import(&self, rows: &[&str]) -> Import {
        self.try_import(request(), file(rows).as_bytes()).await.expect("an import")
    }

    async fn try_import(&self, request: ImportRequest, file: &[u8]) -> Result<Import, ImportError> {
        import_csv(&self.services, &self.access::<Send>(), request, body(file)).await
    }

    async fn everybody(&self) -> Vec<Contact> {
        self.found("").await
    }

    /// Contacts that a search finds, the oldest first.
    async fn found(&self, text: &str) -> Vec<Contact> {
        let access = self.access::<Read>();
        let page = contacts::find(&self.services, &access, text, None, None, Direction::FromNewest);
        let mut found = Vec::new();
        for contact in page.await.expect("a page").contacts.into_iter().rev() {
            found.push(
                contacts::get(&self.services, &access, contact.id)
                    .await
                    .expect("an answer")
                    .expect("a contact"),
            );
        }
        found
    }

    async fn problems(&self, import: &Import) -> Vec<String> {
        let page = problems(&self.services, &self.access::<Read>(), import.id, None).await.expect("a page");
        page.problems.into_iter().map(|p| format!("{} {}: {}", p.line, p.field, p.reason)).collect()
    }

    async fn opt_out(&self, kind: AddressKind, value: &str) {
        let mut conn = self.services.connection().await.expect("a connection");
        let now = self.services.clock.now();
        storage::suppressions::opt_out(&mut conn, self.ours, kind, &[value], "inbound message", now)
            .await
            .expect("opted out");
    }

    /// Rows in every table that an import writes to.
    async fn rows(&self) -> i64 {
        let mut conn = self.services.connection().await.expect("a connection");
        sqlx::query_scalar(
            "select (select count(*) from contacts) + (select count(*) from addresses) + (select count(*) from lists)
                  + (select count(*) from list_members) + (select count(*) from suppressions)
                  + (select count(*) from imports) + (select count(*) from import_problems)",
        )
        .fetch_one(&mut *conn)
        .await
        .expect("a count")
    }
}

fn consents(contact: &Contact) -> Vec<(&str, Consent)> {
    contact.addresses.iter().map(|address| (address.address.as_str(), address.consent)).collect()
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_file_becomes_contacts_on_a_list(pool: storage::Pool) {
    let world = world(pool).await;
    let import = world
        .import(&[
            "Ana,912 345 678,Ana@Example.com,Faro,yes",
            "Rui,,rui@example.com,,no",
            "Eva,12,,,",
            "\"Zoë\",+34612345678,,,",
        ])
        .await;
    assert_eq!((import.rows_read, import.rows_rejected, import.rows_repeated), (4, 1, 0));
    assert_eq!((import.contacts_created, import.contacts_updated), (3, 0));
    assert_eq!(world.problems(&import).await, ["4 phone: it is 7 digits too short for Portugal"]);

    let people = world.everybody().await;
    assert_eq!(people.iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["Ana", "Rui", "Zoë"]);
    let ana = &people[0];
    assert_eq!(
        consents(ana),
        [("+351912345678", Consent::Confirmed), ("ana@example.com", Consent::Confirmed)]
    );
    assert_eq!(ana.addresses[0].region, "PT".parse().ok());
    assert_eq!(ana.addresses[0].consent_source.as_deref(), Some("import of people.csv, column Consent"));
    assert_eq!(
        ana.attributes.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(),
        [("city", "Faro")]
    );
    assert_eq!(ana.lists[0].1.as_str(), "Recall");
    assert_eq!(consents(&people[1]), [("rui@example.com", Consent::None)]);

    let all = lists::all(&world.services, &world.access()).await.expect("lists");
    assert_eq!((all.len(), all[0].members), (1, 3));
    assert_eq!(import.list, Some(all[0].id));
    let kept =
        get(&world.services, &world.access(), import.id).await.expect("an answer").expect("the import");
    assert_eq!(kept, (import, 1));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn importing_twice_changes_nothing(pool: storage::Pool) {
    let mut world = world(pool).await;
    let rows = ["Ana,912345678,ana@example.com,Faro,yes", "Rui,,rui@example.com,,no"];
    world.import(&rows).await;
    let before = world.everybody().await;
    world.later(60);
    let again = world.import(&rows).await;
    assert_eq!((again.contacts_created, again.contacts_updated), (0, 2));
    assert_eq!(world.everybody().await, before);
    assert_eq!(lists::all(&world.services, &world.access()).await.expect("lists")[0].members, 2);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_later_import_adds_and_never_empties(pool: storage::Pool) {
    let mut world = world(pool).await;
    world.import(&["Ana,912345678,,Faro,"]).await;
    world.later(60);
    let columns =
        [("Tel", "phone"), ("Full name", "name"), ("Clinic", "attribute:clinic"), ("City", "attribute:city")];
    let request = ImportRequest { mapping: mapping(&columns), ..request() };
    world.try_import(request, b"Tel,Full name,Clinic,City\n912345678,,North,\n").await.expect("an import");
    let people = world.everybody().await;
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].name.as_str(), "Ana");
    let attributes = people[0].attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    assert_eq!(attributes.collect::<Vec<_>>(), [("city", "Faro"), ("clinic", "North")]);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_opt_out_survives_every_import(pool: storage::Pool) {
    let mut world = world(pool).await;
    world.import(&["Ana,912345678,ana@example.com,,yes"]).await;
    world.opt_out(AddressKind::Phone, "+351912345678").await;
    world.later(60);
    world.import(&["Ana,912345678,ana@example.com,,yes"]).await;
    let people = world.everybody().await;
    assert_eq!(
        consents(&people[0]),
        [("+351912345678", Consent::Withdrawn), ("ana@example.com", Consent::Confirmed)]
    );
    assert!(matches!(&people[0].addresses[0].suppression, Some((SuppressionReason::Unsubscribed, _, _))));

    // Not even by deleting the person and importing it anew.
    contacts::delete(&world.services, &world.access(), people[0].id).await.expect("deleted");
    world.import(&["Ana,912345678,ana@example.com,,yes"]).await;
    let people = world.everybody().await;
    assert_eq!(consents(&people[0])[0], ("+351912345678", Consent::Withdrawn));
    assert_eq!(people[0].addresses[0].consent_source.as_deref(), Some("inbound message"));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_opt_out_in_the_file_counts_wherever_it_stands(pool: storage::Pool) {
    let world = world(pool).await;
    world.import(&["Ana,912345678,,,unsubscribed", "Ana Maria,912345678,,,yes"]).await;
    let people = world.everybody().await;
    assert_eq!(people[0].name.as_str(), "Ana Maria");
    assert_eq!(consents(&people[0]), [("+351912345678", Consent::Withdrawn)]);
    assert!(people[0].addresses[0].suppression.is_some());
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn without_a_consent_column_the_proof_goes_for_everybody(pool: storage::Pool) {
    let world = world(pool).await;
    let proof = ConsentProof::new("Paper form", "I agree to messages").expect("a proof");
    let columns = mapping(&[("Phone", "phone")]);
    let request = ImportRequest { mapping: columns, proof: Some(proof), list: ListChoice::None, ..request() };
    world.try_import(request, b"Phone\n912345678\n").await.expect("an import");
    let people = world.everybody().await;
    assert_eq!(consents(&people[0]), [("+351912345678", Consent::Confirmed)]);
    assert_eq!(people[0].addresses[0].consent_wording.as_deref(), Some("I agree to messages"));
    assert!(people[0].lists.is_empty());
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_workspaces_do_not_see_each_other(pool: storage::Pool) {
    let world = world(pool).await;
    let ours = world.import(&["Ana,912345678,,,yes"]).await;
    let theirs = world.access_to_theirs::<Send>();
    let text = file(&["Bob,912345678,,,no"]);
    let other =
        import_csv(&world.services, &theirs, request(), body(text.as_bytes())).await.expect("an import");
    assert_eq!((other.contacts_created, other.contacts_updated), (1, 0));
    assert_eq!(world.everybody().await[0].name.as_str(), "Ana");
    assert_ne!(ours.list, other.list);

    let read = world.access_to_theirs::<Read>();
    assert!(get(&world.services, &read, ours.id).await.expect("an answer").is_none());
    let foreign = ImportRequest { list: ListChoice::Existing(ours.list.expect("a list")), ..request() };
    let refused = import_csv(&world.services, &theirs, foreign, body(text.as_bytes())).await;
    assert!(matches!(refused, Err(ImportError::NoSuchList)));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn people_are_found_by_the_beginning_of_what_is_known(pool: storage::Pool) {
    let world = world(pool).await;
    world
        .import(&[
            "Ana Ferreira,912345678,ana.f@example.com,,",
            "Rui O'Brien,+34612345678,,,",
            "\"100%, Eva\",,eva_1@example.com,,",
        ])
        .await;
    for (text, names) in [
        ("fer", vec!["Ana Ferreira"]),
        ("ANA ferr", vec!["Ana Ferreira"]),
        ("ana.f@", vec!["Ana Ferreira"]),
        ("+3519", vec!["Ana Ferreira"]),
        ("00351 912", vec!["Ana Ferreira"]),
        ("o'br", vec!["Rui O'Brien"]),
        ("eva_", vec!["100%, Eva"]),
        ("ev_1", vec![]),
        ("'); drop", vec![]),
        ("& | !", vec![]),
        ("", vec!["Ana Ferreira", "Rui O'Brien", "100%, Eva"]),
    ] {
        let found = world.found(text).await;
        assert_eq!(found.iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), names, "{text}");
    }
}
