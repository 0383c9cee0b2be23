use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::template::NotSendable;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::channel_accounts::{self, ConnectWhatsApp};
use crate::world::{APP_ID, GraphDouble, World};

const NUMBER: &str = "300000000000001";
const WABA: &str = "200000000000001";

fn template(name: &str, state: &str) -> Value {
    json!({"id": "1", "name": name, "language": "en", "status": state, "category": "UTILITY",
           "components": [{"type": "BODY", "text": "Hi {{1}}"}]})
}

/// Graph whose answers about templates change from one listing to the next.
async fn connected(pool: storage::Pool, listings: Vec<(u16, Value)>) -> World {
    let next = Arc::new(AtomicUsize::new(0));
    let double = GraphDouble::answering(move |asked| match asked {
        asked if asked.contains("/message_templates") => {
            let index = next.fetch_add(1, Ordering::Relaxed);
            listings.get(index).or(listings.last()).cloned().expect("there is a listing")
        }
        asked if asked.contains("/debug_token") => {
            (200, json!({"data": {"is_valid": true, "app_id": APP_ID}}))
        }
        asked if asked.contains("/phone_numbers") => (200, json!({"data": [{"id": NUMBER}]})),
        asked if asked.contains("/subscribed_apps") => (200, json!({"success": true})),
        _ => (200, json!({"id": NUMBER})),
    })
    .await;
    let mut world = World::new(pool, double.address).await;
    let form = ConnectWhatsApp {
        name: "Harvest".parse().expect("a name"),
        token: SecretString::from("good"),
        phone_number_id: NUMBER.parse().expect("an id"),
        waba_id: WABA.parse().expect("an id"),
    };
    channel_accounts::connect_whatsapp(&world.services, &world.access(), form).await.expect("connected");
    world.later(60);
    world
}

async fn names(world: &World) -> Vec<(String, TemplateState)> {
    let query = TemplateQuery { templates_max: 100, ..TemplateQuery::default() };
    let listed = list(&world.services, &world.access(), &query).await.expect("listed");
    listed.into_iter().map(|template| (template.name, template.state)).collect()
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_sync_brings_what_is_new_and_drops_what_is_gone(pool: storage::Pool) {
    let first = (200, json!({"data": [template("a", "APPROVED"), template("b", "PENDING")]}));
    let second = (200, json!({"data": [template("b", "APPROVED"), template("c", "APPROVED")]}));
    let world = connected(pool, vec![first, second]).await;
    let gone = {
        let query = TemplateQuery { templates_max: 1, ..TemplateQuery::default() };
        list(&world.services, &world.access(), &query).await.expect("listed").remove(0)
    };
    let report = sync(&world.services, &world.access()).await.expect("synced");
    assert_eq!(report, SyncReport { added: 1, updated: 1, removed: 1, problems: Vec::new() });
    let approved = TemplateState::Approved;
    assert_eq!(names(&world).await, [("b".to_owned(), approved.clone()), ("c".to_owned(), approved)]);
    let gone = get(&world.services, &world.access(), gone.id).await.expect("read").expect("kept");
    assert_eq!(gone.sendable(), Err(NotSendable::Removed));
    assert_eq!(get(&world.services, &world.access_to_theirs(), gone.id).await.expect("read"), None);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_sync_that_fails_leaves_what_was_there(pool: storage::Pool) {
    let good = (200, json!({"data": [template("a", "APPROVED")]}));
    let world = connected(pool, vec![good, (503, json!("<html>"))]).await;
    let report = sync(&world.services, &world.access()).await.expect("asked");
    assert_eq!((report.added, report.updated, report.removed), (0, 0, 0));
    assert_eq!(report.problems.len(), 1);
    assert!(report.problems[0].sentence.contains("could not be reached"));
    assert_eq!(names(&world).await, [("a".to_owned(), TemplateState::Approved)]);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_token_that_meta_refuses_stops_the_sender(pool: storage::Pool) {
    let good = (200, json!({"data": [template("a", "APPROVED")]}));
    let world = connected(pool, vec![good, (401, json!({"error": {"code": 190}}))]).await;
    let report = sync(&world.services, &world.access()).await.expect("asked");
    assert_eq!(report.problems[0].sender, "Harvest");
    let senders = channel_accounts::list(&world.services, &world.access()).await.expect("listed");
    assert!(senders[0].state.cannot_send().is_some_and(|why| why.contains("token")));
}
