//! What timers do to senders.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::secrets::{ExposeSecret, KeyRing};

const HOUR: Duration = Duration::from_secs(3_600);

/// A connected sender, and Graph, which from some moment on answers something else.
struct Connection {
    world: World,
    id: ChannelAccountId,
    graph: GraphDouble,
    changed: Arc<AtomicBool>,
}

impl Connection {
    async fn new(pool: storage::Pool, later: fn(&str) -> (u16, Value)) -> Self {
        let changed = Arc::new(AtomicBool::new(false));
        let now = Arc::clone(&changed);
        let graph =
            GraphDouble::answering(
                move |asked| {
                    if now.load(Ordering::Relaxed) { later(asked) } else { graph(asked) }
                },
            )
            .await;
        let world = World::new(pool, graph.address).await;
        let account =
            connect_whatsapp(&world.services, &world.access(), form("good")).await.expect("connected");
        Self { world, id: account.id, graph, changed }
    }

    /// Two hours pass, and Graph changes its mind.
    async fn later(&mut self) {
        self.world.later(7_200);
        self.changed.store(true, Ordering::Relaxed);
        sqlx::query(
            "update channel_accounts set refresh_claimed_at = refresh_claimed_at - interval '2 hours'",
        )
        .execute(&self.world.services.pool)
        .await
        .expect("aged");
    }

    async fn refresh(&self) -> Option<Refreshed> {
        refresh_next(&self.world.services, HOUR).await.expect("asked")
    }
}

fn changed(asked: &str) -> (u16, Value) {
    let (status, mut body) = graph(asked);
    if body["throughput"].is_object() {
        body["quality_rating"] = json!("RED");
        body["throughput"]["level"] = json!("STANDARD");
        body["verified_name"] = json!("Quinta Verde Lda");
    }
    if asked.contains("/message_templates") {
        body["data"][0]["status"] = json!("PAUSED");
    }
    (status, body)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_sender_is_brought_up_to_date_once_by_however_many_workers(pool: storage::Pool) {
    let mut connection = Connection::new(pool, changed).await;
    assert_eq!(connection.refresh().await, None, "it was asked about when it was connected");
    connection.later().await;
    let asked = connection.graph.asked().len();
    let found = tokio::join!(connection.refresh(), connection.refresh(), connection.refresh());
    let mine: Vec<Refreshed> = [found.0, found.1, found.2].into_iter().flatten().collect();
    assert_eq!(mine, [Refreshed { channel_account: connection.id, problem: None }]);
    assert_eq!(connection.graph.asked().len() - asked, 4, "number, limit, portfolio, templates");

    let account = senders(&connection.world).await.remove(0);
    assert_eq!(account.plan, RatePlan::STANDARD);
    let number = account.whatsapp.expect("a number");
    assert_eq!((number.quality_rating.as_str(), number.throughput_level.as_str()), ("RED", "STANDARD"));
    assert_eq!((number.verified_name.as_str(), number.checked_at), ("Quinta Verde Lda", at(7_200)));
    let query = templates::TemplateQuery { templates_max: 10, ..Default::default() };
    let synced = templates::list(&connection.world.services, &connection.world.access(), &query).await;
    assert!(synced.expect("listed")[0].sendable().is_err(), "Meta paused it");
    assert_eq!(connection.refresh().await, None, "not due again");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_token_that_is_refused_pauses_the_sender_and_it_is_not_asked_about_again(pool: storage::Pool) {
    let refused = |_: &str| (401, json!({"error": {"code": 190, "message": "Session has expired"}}));
    let mut connection = Connection::new(pool, refused).await;
    connection.later().await;
    let problem = connection.refresh().await.expect("due").problem.expect("refused");
    assert!(problem.contains("does not accept this token"), "{problem}");
    let account = senders(&connection.world).await.remove(0);
    assert!(account.state.cannot_send().is_some_and(|why| why.contains("token")), "{account:?}");
    connection.later().await;
    assert_eq!(connection.refresh().await, None);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_was_known_stays_while_meta_cannot_be_reached(pool: storage::Pool) {
    let mut connection = Connection::new(pool, |_| (503, json!("<html>"))).await;
    connection.later().await;
    assert!(connection.refresh().await.expect("due").problem.is_some());
    let account = senders(&connection.world).await.remove(0);
    assert_eq!(account.state, AccountState::Connected);
    assert_eq!(account.whatsapp.expect("a number").quality_rating, "GREEN");
    assert_eq!(account.plan, RatePlan::STANDARD, "nobody says that it may be faster");
    assert_eq!(connection.refresh().await, None, "not at once");
    sqlx::query("update channel_accounts set refresh_claimed_at = refresh_claimed_at - interval '6 minutes'")
        .execute(&connection.world.services.pool)
        .await
        .expect("aged");
    assert!(connection.refresh().await.is_some(), "but within minutes");
    let mut conn = connection.world.services.connection().await.expect("a connection");
    let used = portfolios::usage(&mut conn, connection.world.ours, connection.id).await;
    let used = used.expect("asked").expect("a portfolio");
    assert_eq!((used.people_max, used.numbers), (Some(10_000), 1), "a limit that is known holds on");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_number_in_the_business_app_never_gets_faster_for_want_of_an_answer(pool: storage::Pool) {
    let in_the_app = |asked: &str| {
        let (status, mut body) = graph(asked);
        if body["throughput"].is_object() {
            body["is_on_biz_app"] = json!(true);
        }
        (status, body)
    };
    let silent = |asked: &str| match asked {
        asked if asked.contains("is_on_biz_app") => {
            (400, json!({"error": {"code": 100, "message": "no such field"}}))
        }
        asked => graph(asked),
    };
    let mut connection = Connection::new(pool, in_the_app).await;
    connection.later().await;
    assert_eq!(connection.refresh().await.expect("due").problem, None);
    assert_eq!(senders(&connection.world).await.remove(0).plan, RatePlan::COEXISTENCE);
    connection.world.ask(&GraphDouble::answering(silent).await);
    connection.later().await;
    assert_eq!(connection.refresh().await.expect("due").problem, None);
    let account = senders(&connection.world).await.remove(0);
    assert_eq!(account.plan, RatePlan::COEXISTENCE);
    connection.world.ask(&GraphDouble::answering(|_| (503, json!("<html>"))).await);
    connection.later().await;
    assert!(connection.refresh().await.expect("due").problem.is_some());
    assert_eq!(senders(&connection.world).await.remove(0).plan, RatePlan::COEXISTENCE);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_launch_asks_first_and_goes_on_at_the_standard_plan_without_an_answer(pool: storage::Pool) {
    let mut connection = Connection::new(pool, changed).await;
    let (ours, id) = (connection.world.ours, connection.id);
    let asked = connection.graph.asked().len();
    ask_before_launch(&connection.world.services, ours, id).await.expect("asked");
    assert_eq!(connection.graph.asked().len(), asked, "Meta answered a moment ago");
    connection.later().await;
    ask_before_launch(&connection.world.services, ours, id).await.expect("asked");
    assert_eq!(senders(&connection.world).await.remove(0).plan, RatePlan::STANDARD, "as Meta says now");

    connection.world.ask(&GraphDouble::answering(graph).await);
    connection.later().await;
    ask_before_launch(&connection.world.services, ours, id).await.expect("asked");
    assert_eq!(senders(&connection.world).await.remove(0).plan, RatePlan::HIGH);
    connection.world.ask(&GraphDouble::answering(|_| (503, json!("<html>"))).await);
    connection.later().await;
    ask_before_launch(&connection.world.services, ours, id).await.expect("not held up");
    let account = senders(&connection.world).await.remove(0);
    assert_eq!((account.plan, account.state), (RatePlan::STANDARD, AccountState::Connected));

    let refused = |_: &str| (401, json!({"error": {"code": 190, "message": "Session has expired"}}));
    connection.world.ask(&GraphDouble::answering(refused).await);
    connection.later().await;
    ask_before_launch(&connection.world.services, ours, id).await.expect("asked");
    assert!(senders(&connection.world).await.remove(0).state.cannot_send().is_some());
}

fn ring(active_key: &str, keys: &[(&str, &[u8; 32])]) -> Arc<KeyRing> {
    Arc::new(KeyRing::new(active_key, keys.iter().copied()).expect("the active key is there"))
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn after_sealing_anew_the_old_key_can_be_taken_away(pool: storage::Pool) {
    const K1: (&str, &[u8; 32]) = ("k1", &[7; 32]);
    const K2: (&str, &[u8; 32]) = ("k2", &[8; 32]);
    let Connection { mut world, id, .. } = Connection::new(pool, graph).await;

    world.services.secrets = ring("k2", &[K2]);
    let done = reseal_credentials(&world.services).await.expect("tried");
    assert_eq!(done, Resealed { resealed: 0, unreadable: 1 }, "k1 was taken away too early");

    world.services.secrets = ring("k2", &[K1, K2]);
    let both = tokio::join!(reseal_credentials(&world.services), reseal_credentials(&world.services));
    let both = [both.0.expect("done"), both.1.expect("done")];
    assert_eq!(both.iter().map(|done| done.resealed).sum::<u64>(), 1, "{both:?}");
    assert_eq!(reseal_credentials(&world.services).await.expect("asked"), Resealed::default());

    world.services.secrets = ring("k2", &[K2]);
    let opened = open_for_sending(&world.services, world.ours, id).await.expect("opened");
    assert!(opened.is_some());
    let token = {
        let mut conn = world.services.connection().await.expect("a connection");
        token(&world.services, &mut conn, world.ours, id).await.expect("opened").expect("there")
    };
    assert_eq!(token.expose_secret(), "good");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_token_that_was_replaced_meanwhile_stays(pool: storage::Pool) {
    let Connection { world, id, .. } = Connection::new(pool, graph).await;
    let mut conn = world.services.connection().await.expect("a connection");
    let stale = accounts::stale_credentials(&mut conn, "k2", None, 10).await.expect("read").remove(0);
    let newer = SecretString::from("newer");
    replace_token(&world.services, &world.access(), id, &newer).await.expect("replaced");
    let fresh = SealedCredential { key_id: "k2".to_owned(), bytes: vec![1] };
    let late = [accounts::ResealedCredential { stale, fresh }];
    assert_eq!(accounts::reseal(&mut conn, &late).await.expect("asked"), 0);
    let stored = accounts::credential(&mut conn, world.ours, id).await.expect("read").expect("there");
    assert_eq!(stored.key_id, "k1");
}
