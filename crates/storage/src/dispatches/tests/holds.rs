//! People whom the provider holds back, on the spot and after it had taken the message.

use domain::delivery::Hold;

use super::*;

fn id(message: &str) -> ProviderMessageId {
    ProviderMessageId::new(format!("wamid.{message}"))
}

fn held_back(hold: Hold, holds: u16) -> Answer {
    Answer::HeldBack { hold, wait: hold.wait(holds), provider_code: 131_049 }
}

fn dropped(ordinal: i32, message: &str, hold: Hold) -> Report {
    Report {
        ordinal,
        provider_message_id: id(message).into_string(),
        failed: Some((hold.failure().as_str().to_owned(), Some(131_049))),
        hold: Some(hold),
        ..Report::default()
    }
}

/// Two people, one batch.
struct Two {
    world: World,
    lease: SenderLease,
    batch: ClaimedBatch,
}

impl Two {
    async fn claimed(pool: PgPool) -> Self {
        let world = World::launched(pool, 2, 20).await;
        let two = Self::next(world).await;
        two.set("update dispatches set launched_at = now()").await;
        two
    }

    async fn next(world: World) -> Self {
        let lease = world.lease(worker(1)).await;
        let batch = world.claim(worker(1), lease, 1).await.remove(0);
        Self { world, lease, batch }
    }

    async fn set(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&self.world.pool).await.expect("set");
    }

    async fn record(&self, handover: HandoverId, answers: [(i32, Answer); 2]) {
        let outcomes = answers
            .into_iter()
            .map(|(ordinal, answer)| Outcome { ordinal, handover, left_at: Some(at()), answer })
            .collect();
        self.world.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    }

    async fn end(&self, wait: Option<Wait>) {
        let ended = vec![EndedBatch { ordinal: self.batch.ordinal, attempt: self.batch.attempt, wait }];
        self.world.record(worker(1), &Flush { outcomes: vec![], closed: vec![], ended }).await;
    }

    /// Both were accepted, everybody is through.
    async fn finished(pool: PgPool) -> Self {
        let two = Self::claimed(pool).await;
        let handover = two.world.open(worker(1), &two.batch, 1, &[1, 2]).await.expect("open");
        two.record(handover, [(1, Answer::Accepted(id("1"))), (2, Answer::Accepted(id("2")))]).await;
        two.end(None).await;
        assert_eq!(two.state().await, ("finished".to_owned(), "finished".to_owned()));
        two
    }

    async fn state(&self) -> (String, String) {
        sqlx::query_as(
            "select d.state, c.state from dispatches d join campaigns c using (workspace_id, campaign_id)",
        )
        .fetch_one(&self.world.pool)
        .await
        .expect("read")
    }

    /// State, reason, holds, attempts, what is waited for, and the hours until then.
    async fn person(&self, ordinal: i32) -> (String, Option<String>, i16, i16, Option<String>, Option<i32>) {
        sqlx::query_as(
            "select state, reason, holds, attempt, wait_reason, round(extract(epoch from not_before - now()) / 3600)::int
               from recipients where ordinal = $1",
        )
        .bind(ordinal)
        .fetch_one(&self.world.pool)
        .await
        .expect("read")
    }

    async fn batch(&self) -> (String, Option<String>, i32) {
        sqlx::query_as("select state, wait_reason, round(extract(epoch from not_before - now()) / 3600)::int from batches")
            .fetch_one(&self.world.pool)
            .await
            .expect("read")
    }
}

fn waiting(holds: i16, attempts: i16) -> (String, Option<String>, i16, i16, Option<String>, Option<i32>) {
    ("pending".to_owned(), None, holds, attempts, Some("marketing_limit".to_owned()), Some(24))
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn who_is_held_back_on_the_spot_waits_uncounted(pool: PgPool) {
    let two = Two::claimed(pool).await;
    let handover = two.world.open(worker(1), &two.batch, 1, &[1, 2]).await.expect("open");
    two.record(handover, [(1, held_back(Hold::Marketing, 0)), (2, held_back(Hold::Pair, 2))]).await;
    assert_eq!(two.person(1).await, waiting(1, 0));
    let pair = two.person(2).await;
    assert_eq!((pair.0.as_str(), pair.2, pair.3, pair.4.as_deref()), ("pending", 1, 0, Some("pair_limit")));
    two.end(Some(Hold::Pair.wait(2))).await;
    assert_eq!(two.batch().await, ("ready".to_owned(), Some("pair_limit".to_owned()), 0));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_day_later_must_be_within_the_window(pool: PgPool) {
    let two = Two::next(World::launched(pool, 12, 20).await).await;
    for (n, (setting, expected)) in (0_i32..).zip([
        ("update dispatches set launched_at = now() - interval '47 hours'", "pending"),
        ("update dispatches set launched_at = now() - interval '49 hours'", "failed"),
        ("update dispatches set not_after = now() + interval '25 hours'", "pending"),
        ("update dispatches set not_after = now() + interval '23 hours'", "failed"),
        ("update dispatches set not_after = null, launched_at = now(), holds_allowed = false", "failed"),
    ]) {
        two.set(setting).await;
        let (first, second) = (2 * n + 1, 2 * n + 2);
        let handover = two.world.open(worker(1), &two.batch, n, &[first, second]).await.expect("open");
        let taken = Answer::Accepted(id(&second.to_string()));
        two.record(handover, [(first, held_back(Hold::Marketing, 0)), (second, taken)]).await;
        // What is reported later follows the same rule.
        two.world.report(&[dropped(second, &second.to_string(), Hold::Marketing)]).await;
        for ordinal in [first, second] {
            let person = two.person(ordinal).await;
            assert_eq!(person.0, expected, "{setting}, person {ordinal}");
            let reason = (expected == "failed").then(|| "marketing_limit".to_owned());
            assert_eq!(person.1, reason, "{setting}, person {ordinal}");
        }
        two.world.row().await;
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_dropped_message_makes_a_finished_campaign_run_again(pool: PgPool) {
    let two = Two::finished(pool).await;
    for _ in 0..2 {
        two.world.report(&[dropped(2, "2", Hold::Marketing)]).await;
    }
    assert_eq!(two.person(2).await, waiting(1, 1));
    assert_eq!(two.state().await, ("running".to_owned(), "running".to_owned()));
    assert_eq!(two.batch().await, ("ready".to_owned(), Some("marketing_limit".to_owned()), 24));
    let row = two.world.row().await;
    assert_eq!((row.pending, row.sent, row.ended_at), (1, 1, None));
    // A report of the earlier message that says nothing new changes nothing; that it arrived after all does.
    let arrived =
        Report { ordinal: 2, provider_message_id: id("2").into_string(), arrived: true, ..Report::default() };
    two.world.report(std::slice::from_ref(&arrived)).await;
    assert_eq!(two.person(2).await, waiting(1, 1));
    two.world.report(&[Report { delivered_at: Some(at()), ..arrived }]).await;
    assert_eq!(two.person(2).await.0, "sent");
    assert_eq!(two.state().await, ("finished".to_owned(), "finished".to_owned()));
    assert_eq!(two.batch().await.0, "done", "nobody is left in it");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn in_a_cancelled_campaign_a_dropped_message_failed(pool: PgPool) {
    let two = Two::claimed(pool).await;
    let handover = two.world.open(worker(1), &two.batch, 1, &[1]).await.expect("open");
    let outcomes =
        vec![Outcome { ordinal: 1, handover, left_at: Some(at()), answer: Answer::Accepted(id("1")) }];
    two.world.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    let mut tx = two.world.pool.begin().await.expect("a transaction");
    control::cancel(&mut tx, two.world.workspace, two.world.dispatch)
        .await
        .expect("asked")
        .expect("cancelled");
    tx.commit().await.expect("committed");
    two.world.report(&[dropped(1, "1", Hold::Marketing)]).await;
    let person = two.person(1).await;
    assert_eq!((person.0.as_str(), person.1.as_deref()), ("failed", Some("marketing_limit")));
    assert_eq!(two.state().await.0, "cancelled");
}

/// The report comes while the message is in the air for us; our own answer comes afterwards, and the run over the batch
/// believes that nobody is left.
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_report_that_is_faster_than_the_answer_is_not_lost(pool: PgPool) {
    let two = Two::claimed(pool).await;
    let handover = two.world.open(worker(1), &two.batch, 1, &[1, 2]).await.expect("open");
    two.world.report(&[dropped(1, "1", Hold::Marketing)]).await;
    let sent =
        Report { ordinal: 2, provider_message_id: id("2").into_string(), arrived: true, ..Report::default() };
    two.world.report(&[sent]).await;
    two.world.report(&[dropped(2, "2", Hold::Marketing)]).await;
    two.record(handover, [(1, Answer::Accepted(id("1"))), (2, Answer::Accepted(id("2")))]).await;
    two.end(None).await;
    assert_eq!(two.person(1).await.0, "pending");
    assert_eq!(two.person(2).await.0, "pending");
    assert_eq!(two.state().await, ("running".to_owned(), "running".to_owned()));
    // The batch comes round once more at once and finds out for whom it waits.
    assert_eq!(two.batch().await.0, "ready");
    let again = two.world.claim(worker(1), two.lease, 1).await.remove(0);
    let mut conn = two.world.pool.acquire().await.expect("a connection");
    let waits = claim::waiting_recipients(&mut conn, &again).await.expect("read");
    assert!(waits.iter().all(|one| one.wait.reason == WaitReason::MarketingLimit), "{waits:?}");
    assert!(waits.iter().all(|one| one.wait.after > Duration::from_secs(23 * 3_600)), "{waits:?}");
}
