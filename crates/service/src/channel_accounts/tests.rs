use domain::channel::{AccountState, RatePlan};
use serde_json::{Value, json};

use super::*;
use crate::access::Send;
use crate::templates;
use crate::world::{APP_ID, GraphDouble, World, at};

mod upkeep;

const NUMBER: &str = "300000000000001";
const WABA: &str = "200000000000001";
const PORTFOLIO: &str = "400000000000001";

/// Graph as it should be, for the token `good`.
fn graph(question: &str) -> (u16, Value) {
    let (path, bearer) = question.split_once(" Bearer ").expect("every question has a token");
    if bearer != "good" && bearer != "newer" && !path.contains("/debug_token") {
        return (
            401,
            json!({"error": {"code": 190, "error_subcode": 463, "message": "Session has expired"}}),
        );
    }
    match path {
        path if path.contains("/debug_token") => {
            let good = path.contains("input_token=good") || path.contains("input_token=newer");
            let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
            (
                200,
                json!({"data": {"is_valid": good, "app_id": APP_ID, "expires_at": 1_796_000_000, "scopes": scopes}}),
            )
        }
        path if path.contains("/phone_numbers") => (200, json!({"data": [{"id": NUMBER}]})),
        path if path.contains("/subscribed_apps") => (200, json!({"success": true})),
        path if path.contains("/message_templates") => (
            200,
            json!({"data": [{"id": "1", "name": "promo", "language": "en", "status": "APPROVED", "category": "MARKETING",
                             "components": [{"type": "BODY", "text": "Hi {{1}}"}]}]}),
        ),
        path if path.contains("messaging_limit") => {
            (200, json!({"whatsapp_business_manager_messaging_limit": "TIER_10K", "id": NUMBER}))
        }
        path if path.contains("owner_business_info") => {
            (200, json!({"owner_business_info": {"id": PORTFOLIO, "name": "Quinta Verde"}, "id": WABA}))
        }
        path if path.contains(NUMBER) => (
            200,
            json!({"id": NUMBER, "display_phone_number": "+55 11 3000-0000", "verified_name": "Quinta Verde",
                   "quality_rating": "GREEN", "throughput": {"level": "HIGH"}, "is_on_biz_app": false}),
        ),
        _ => (400, json!({"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}})),
    }
}

fn form(token: &str) -> ConnectWhatsApp {
    ConnectWhatsApp {
        name: "Harvest".parse().expect("a name"),
        token: SecretString::from(token),
        phone_number_id: NUMBER.parse().expect("an id"),
        waba_id: WABA.parse().expect("an id"),
    }
}

async fn world(pool: storage::Pool) -> (World, GraphDouble) {
    let graph = GraphDouble::answering(graph).await;
    (World::new(pool, graph.address).await, graph)
}

async fn senders(world: &World) -> Vec<ChannelAccount> {
    list(&world.services, &world.access()).await.expect("listed")
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_number_is_connected_with_everything_that_belongs_to_it(pool: storage::Pool) {
    let (world, graph) = world(pool).await;
    let account =
        connect_whatsapp(&world.services, &world.access(), form("  good\n")).await.expect("connected");
    assert_eq!(account.state, AccountState::Connected);
    assert_eq!(account.plan, RatePlan::HIGH);
    assert_eq!(account.credential_expires_at, domain::Timestamp::from_timestamp(1_796_000_000, 0));
    let number = account.whatsapp.as_ref().expect("a number");
    assert_eq!(number.messaging_limit.as_deref(), Some("TIER_10K"));
    assert_eq!(number.checked_at, at(0));
    assert_eq!(senders(&world).await, std::slice::from_ref(&account));

    let query = templates::TemplateQuery { templates_max: 10, ..Default::default() };
    let synced = templates::list(&world.services, &world.access(), &query).await.expect("listed");
    assert_eq!(synced.len(), 1);
    assert_eq!(synced[0].sendable(), Ok(()));

    let asked = graph.asked();
    assert!(asked.iter().any(|asked| asked.starts_with(&format!("POST /v24.0/{WABA}/subscribed_apps"))));
    let opened =
        open_for_sending(&world.services, world.ours, account.id).await.expect("opened").expect("connected");
    assert_eq!(opened.plan, RatePlan::HIGH);
    assert!(open_for_sending(&world.services, world.theirs, account.id).await.expect("asked").is_none());
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_token_is_sealed_to_its_row(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    let mut conn = world.services.connection().await.expect("a connection");
    let stored = accounts::credential(&mut conn, world.ours, account.id).await.expect("read").expect("there");
    assert!(!stored.bytes.windows(4).any(|window| window == b"good"));
    let sealed = Sealed { key_id: stored.key_id, bytes: stored.bytes };
    let elsewhere = secrets::bound_to(world.theirs.uuid(), account.id.uuid());
    assert!(world.services.secrets.open(&sealed, &elsewhere).is_err());
}

/// Every mistake, with the field it belongs to; and after each nothing is stored.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_stored(pool: storage::Pool) {
    type Answer = fn(&str) -> (u16, Value);
    let cases: [(&str, Answer, Option<ConnectField>, &str); 10] = [
        ("expired", graph, Some(ConnectField::Token), "does not accept this token"),
        ("two words", graph, Some(ConnectField::Token), "not a token"),
        (
            "good",
            |asked| {
                if asked.contains("fields=id&") {
                    (200, json!({"data": [{"id": "300000000000009"}]}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::WabaId),
            "does not belong to this WhatsApp Business account",
        ),
        (
            "good",
            |asked| {
                if asked.contains("phone_numbers") {
                    (400, json!({"error": {"code": 100, "error_subcode": 33}}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::WabaId),
            "knows no WhatsApp Business account",
        ),
        (
            "good",
            |asked| {
                if asked.contains(NUMBER) {
                    (400, json!({"error": {"code": 100, "error_subcode": 33}}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::PhoneNumberId),
            "knows no number",
        ),
        (
            "good",
            |asked| {
                if asked.contains("message_templates") {
                    (403, json!({"error": {"code": 200}}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::Token),
            "whatsapp_business_management",
        ),
        (
            "good",
            |asked| {
                if asked.contains("debug_token") {
                    (200, json!({"data": {"is_valid": true, "app_id": APP_ID, "scopes": ["public_profile"]}}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::Token),
            "whatsapp_business_messaging",
        ),
        (
            "good",
            |asked| {
                if asked.contains("debug_token") {
                    (200, json!({"data": {"is_valid": true, "app_id": "77777"}}))
                } else {
                    graph(asked)
                }
            },
            Some(ConnectField::Token),
            "another Meta app (77777)",
        ),
        ("good", |_| (503, json!("<html>")), None, "could not be reached"),
        ("good", |_| (400, json!({"error": {"code": 80008}})), None, "Try again in 10 minutes"),
    ];
    let (mut world, _) = world(pool).await;
    for (token, answer, field, words) in cases {
        let double = GraphDouble::answering(answer).await;
        world.ask(&double);
        let error = connect_whatsapp(&world.services, &world.access(), form(token)).await.expect_err(words);
        let ConnectError::Refused(problem) = error else { panic!("{error:?}") };
        assert_eq!(problem.field(), field, "{problem}");
        assert!(problem.to_string().contains(words), "{problem}");
        assert_eq!(senders(&world).await, []);
        assert!(
            !double.asked().iter().any(|asked| asked.starts_with("POST")),
            "nothing was changed at Meta: {problem}"
        );
    }
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn graph_that_is_not_there_stores_nothing(pool: storage::Pool) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let world = World::new(pool, address).await;
    let error =
        connect_whatsapp(&world.services, &world.access(), form("good")).await.expect_err("unreachable");
    assert!(matches!(error, ConnectError::Refused(ConnectProblem::Unreachable)));
    assert_eq!(senders(&world).await, []);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_number_is_connected_once(pool: storage::Pool) {
    let (world, graph) = world(pool).await;
    connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    let questions = graph.asked().len();
    let again = connect_whatsapp(&world.services, &world.access(), form("good"))
        .await
        .expect_err("connected already");
    let expected = ConnectProblem::AlreadyConnected { name: "Harvest".to_owned() };
    assert!(matches!(again, ConnectError::Refused(problem) if problem == expected));
    let theirs =
        connect_whatsapp(&world.services, &world.access_to_theirs(), form("good")).await.expect_err("taken");
    assert!(matches!(theirs, ConnectError::Refused(ConnectProblem::ConnectedElsewhere)));
    assert_eq!(graph.asked().len(), questions, "Meta is not asked about what is known");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_at_once_make_one_sender(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let (ours, theirs) = (world.access(), world.access_to_theirs());
    let (left, right) = tokio::join!(
        connect_whatsapp(&world.services, &ours, form("good")),
        connect_whatsapp(&world.services, &theirs, form("good")),
    );
    assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
    let error = left.err().or(right.err()).expect("one was refused");
    assert!(matches!(error, ConnectError::Refused(ConnectProblem::ConnectedElsewhere)), "{error:?}");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_disconnected_number_comes_back_as_the_sender_it_was(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    assert!(disconnect(&world.services, &world.access(), account.id).await.expect("disconnected"));
    assert!(!disconnect(&world.services, &world.access(), account.id).await.expect("asked"));
    assert!(open_for_sending(&world.services, world.ours, account.id).await.expect("asked").is_none());
    let again = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    assert_eq!(again.id, account.id);
    assert_eq!(senders(&world).await.len(), 1);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_number_moves_to_another_workspace_once_it_is_disconnected(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    disconnect(&world.services, &world.access(), account.id).await.expect("disconnected");
    let moved =
        connect_whatsapp(&world.services, &world.access_to_theirs(), form("good")).await.expect("connected");
    assert_ne!(moved.id, account.id);
    let left = get(&world.services, &world.access(), account.id).await.expect("read").expect("kept");
    assert_eq!((left.state, left.whatsapp), (AccountState::Disconnected, None));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_token_is_replaced_only_by_one_that_works(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    let sealed = async || {
        let mut conn = world.services.connection().await.expect("a connection");
        accounts::credential(&mut conn, world.ours, account.id).await.expect("read")
    };
    let before = sealed().await;
    let refused =
        replace_token(&world.services, &world.access(), account.id, &SecretString::from("expired")).await;
    assert!(matches!(refused, Err(ConnectError::Refused(ConnectProblem::TokenRefused))));
    assert_eq!(sealed().await, before);
    replace_token(&world.services, &world.access(), account.id, &SecretString::from("newer"))
        .await
        .expect("replaced");
    assert_ne!(sealed().await, before);
    let theirs =
        replace_token(&world.services, &world.access_to_theirs(), account.id, &SecretString::from("newer"))
            .await;
    assert!(matches!(theirs, Err(ConnectError::NotFound)));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn another_workspace_reaches_nothing(pool: storage::Pool) {
    let (world, _) = world(pool).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    assert_eq!(get(&world.services, &world.access_to_theirs(), account.id).await.expect("read"), None);
    assert!(!disconnect(&world.services, &world.access_to_theirs(), account.id).await.expect("asked"));
    let refreshed = refresh(&world.services, &world.access_to_theirs::<Send>(), account.id).await;
    assert!(matches!(refreshed, Err(ConnectError::NotFound)));
    assert_eq!(senders(&world).await[0].state, AccountState::Connected);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_meta_says_later_changes_the_plan(pool: storage::Pool) {
    let double = GraphDouble::answering(|asked| {
        let (status, mut body) = graph(asked);
        if asked.contains("Bearer newer") && body["throughput"].is_object() {
            body["is_on_biz_app"] = json!(true);
            body["quality_rating"] = json!("YELLOW");
        }
        (status, body)
    })
    .await;
    let mut world = World::new(pool, double.address).await;
    let account = connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
    replace_token(&world.services, &world.access(), account.id, &SecretString::from("newer"))
        .await
        .expect("replaced");
    world.later(60);
    let refreshed = refresh(&world.services, &world.access::<Send>(), account.id).await.expect("refreshed");
    assert_eq!(refreshed.plan, RatePlan::COEXISTENCE);
    let number = refreshed.whatsapp.expect("a number");
    assert_eq!((number.quality_rating.as_str(), number.checked_at), ("YELLOW", at(60)));
}
