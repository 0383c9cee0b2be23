use std::time::Duration;

use domain::Timestamp;
use domain::delivery::{FailureReason, ProviderMessageId, WaitReason};
use domain::dispatch::Wait;
use domain::ids::{
    CampaignId, ChannelAccountId, DispatchId, ListId, TemplateVersionId, UserId, WorkerId, WorkspaceId,
};
use domain::schedule::Timing;
use sqlx::PgPool;

use super::claim::{self, ClaimedBatch, Turns};
use super::handover::{self, HandoverId, Opening};
use super::launch::{self, AudienceQuery, LaunchedPeople, NewLaunch, NewSlice};
use super::lease::{self, SenderLease};
use super::outcome::{self, Answer, EndedBatch, Flush, Outcome};
use super::reports::{self, Report};
use super::{control, read, sweep, whole};

mod again;
mod again_law;
mod canary;
mod held;
mod holds;
mod late;
mod law;
mod leases;
mod pause;
mod planner;
mod portfolios;
mod quiet;
mod slices;
mod turns;
mod waiting;
mod window;
mod zones;

const TTL: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct World {
    pub pool: PgPool,
    pub workspace: WorkspaceId,
    pub dispatch: DispatchId,
    campaign: CampaignId,
    sender: ChannelAccountId,
    template_version: TemplateVersionId,
    user: UserId,
    list: ListId,
    audience: AudienceQuery,
}

fn at() -> Timestamp {
    Timestamp::from_timestamp(1_795_000_000, 0).expect("a valid instant")
}

pub(super) fn worker(n: u8) -> WorkerId {
    WorkerId::mint(at(), [n; 10])
}

impl World {
    /// A running dispatch to so many people who opted in, one without consent, and one suppressed.
    pub(super) async fn launched(pool: PgPool, people: i32, batch_size: i32) -> Self {
        let world = Self::prepared(pool, people).await;
        let mut tx = world.pool.begin().await.expect("a transaction");
        let counts = launch::insert(
            &mut tx,
            world.workspace,
            &world.new_launch("key-0001", batch_size),
            &world.audience,
        )
        .await
        .expect("launched");
        tx.commit().await.expect("committed");
        let people = i64::from(people);
        assert_eq!(counts, LaunchedPeople { audience: people + 2, pending: people });
        world
    }

    async fn prepared(pool: PgPool, people: i32) -> Self {
        let world = Self {
            pool,
            workspace: WorkspaceId::mint(at(), [1; 10]),
            dispatch: DispatchId::mint(at(), [2; 10]),
            campaign: CampaignId::mint(at(), [3; 10]),
            sender: ChannelAccountId::mint(at(), [4; 10]),
            template_version: TemplateVersionId::mint(at(), [5; 10]),
            user: UserId::mint(at(), [6; 10]),
            list: ListId::mint(at(), [7; 10]),
            audience: AudienceQuery {
                lists: vec![ListId::mint(at(), [7; 10])],
                address_kind: "phone",
                needs_consent: true,
                variable_fields: vec!["first_name".into(), "attribute".into(), "fixed".into()],
                variable_attributes: vec![String::new(), "city".into(), String::new()],
                variable_fallbacks: vec!["there".into(), String::new(), "20%".into()],
            },
        };
        world.seed(people).await;
        world
    }

    async fn seed(&self, people: i32) {
        let script = format!(
            "insert into workspaces values ('{w}', 'Brasa', 'UTC', 'PT', now());
             insert into users values ('{u}', 'a@b.example', 'A', 'x', now());
             insert into channel_accounts values ('{w}', '{c}', 'whatsapp', 'Brasa', 'connected', null, 'x', 'k1', 80, 20, '{u}', now(), now());
             insert into templates values ('{w}', '{v}', '1', '1', 't', 'en', 'MARKETING', 'APPROVED', 'POSITIONAL', '[]', null, null, now(), null);
             insert into template_versions values ('{w}', '{v}', '{v}', '{{}}', 'x', now());
             insert into campaigns (workspace_id, campaign_id, name, state, created_by, created_at, updated_at, launched_at)
                 values ('{w}', '{k}', 'Harvest', 'running', '{u}', now(), now(), now());
             insert into lists values ('{w}', '{l}', 'All', now());
             insert into contacts select '{w}', gen_random_uuid(), 'Ana ' || n, '{{\"city\": \"Porto\"}}', now(), now() from generate_series(1, {people} + 2) n;
             insert into addresses (workspace_id, kind, value, contact_id, consent, created_at)
                 select '{w}', 'phone', '+351910' || lpad(split_part(name, ' ', 2), 6, '0'), contact_id,
                        case when split_part(name, ' ', 2)::int = {people} + 1 then 'none' else 'confirmed' end, now() from contacts;
             insert into suppressions values ('{w}', 'phone', '+351910' || lpad(({people} + 2)::text, 6, '0'), 'unsubscribed', 'test', now());
             insert into list_members select '{w}', '{l}', contact_id, now() from contacts;",
            w = self.workspace.uuid(),
            u = self.user.uuid(),
            c = self.sender.uuid(),
            v = self.template_version.uuid(),
            k = self.campaign.uuid(),
            l = self.list.uuid(),
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&self.pool).await.expect("seeded");
    }

    fn new_launch(&self, key: &str, batch_size: i32) -> NewLaunch {
        NewLaunch {
            campaign: self.campaign,
            template_version: self.template_version,
            idempotency_key: key.to_owned(),
            content_digest: vec![1],
            launched_by: self.user,
            launched_at: at(),
            timing: Timing::default(),
            canary: None,
            slices: vec![NewSlice {
                dispatch: self.dispatch,
                channel_account: self.sender,
                batch_size,
                first: 1,
            }],
        }
    }

    pub(super) async fn lease(&self, worker: WorkerId) -> SenderLease {
        let mut conn = self.pool.acquire().await.expect("a connection");
        lease::acquire_sender(&mut conn, worker, TTL).await.expect("asked").expect("the sender is free")
    }

    pub(super) async fn claim(&self, worker: WorkerId, lease: SenderLease, most: i64) -> Vec<ClaimedBatch> {
        let turns = Turns { batches_max: most, after: None };
        let mut conn = self.pool.acquire().await.expect("a connection");
        claim::claim_batches(&mut conn, worker, lease, TTL, turns).await.expect("asked").batches
    }

    pub(super) async fn open(
        &self,
        worker: WorkerId,
        batch: &ClaimedBatch,
        sequence: i32,
        who: &[i32],
    ) -> Option<HandoverId> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        match handover::open(&mut conn, worker, batch, sequence, who).await.expect("asked") {
            Opening::Opened(opened) => opened.handover,
            Opening::Refused => None,
            Opening::Limited(limits) => {
                let mut tx = self.pool.begin().await.expect("a transaction");
                let opened = handover::open_limited(&mut tx, worker, batch, sequence, who, &limits).await;
                tx.commit().await.expect("committed");
                match opened.expect("asked") {
                    Opening::Opened(opened) => opened.handover,
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    pub(super) async fn record(&self, worker: WorkerId, flush: &Flush) {
        let mut tx = self.pool.begin().await.expect("a transaction");
        outcome::record(&mut tx, worker, self.workspace, self.dispatch, flush).await.expect("recorded");
        tx.commit().await.expect("committed");
    }

    pub(super) async fn expire_leases(&self) {
        sqlx::raw_sql("update batches set lease_expires_at = now() - interval '1 second' where state = 'claimed'; update sender_leases set expires_at = now() - interval '1 second'")
            .execute(&self.pool)
            .await
            .expect("expired");
    }

    pub(super) async fn sweep(&self) -> sweep::Swept {
        let mut tx = self.pool.begin().await.expect("a transaction");
        let swept = sweep::sweep(&mut tx, self.workspace, self.dispatch).await.expect("swept");
        tx.commit().await.expect("committed");
        swept
    }

    pub(super) async fn report(&self, reports: &[Report]) {
        let mut tx = self.pool.begin().await.expect("a transaction");
        reports::apply(&mut tx, self.workspace, self.dispatch, reports).await.expect("applied");
        tx.commit().await.expect("committed");
    }

    pub(super) async fn row(&self) -> read::DispatchRow {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let parts = whole::parts(&mut conn, self.workspace, self.campaign).await.expect("read");
        let row = parts.into_iter().find(|part| part.dispatch == self.dispatch).expect("there");
        assert!(
            sweep::counts_agree(&mut conn, self.workspace, self.dispatch).await.expect("compared"),
            "{row:?}"
        );
        row
    }

    async fn reasons(&self) -> Vec<(String, String, i32)> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let reasons = whole::reasons(&mut conn, self.workspace, &[self.dispatch]).await.expect("read");
        reasons.into_iter().map(|reason| (reason.state, reason.reason, reason.recipients)).collect()
    }
}

pub(super) fn accepted(handover: HandoverId, ordinal: i32) -> Outcome {
    Outcome {
        ordinal,
        handover,
        left_at: Some(at()),
        answer: Answer::Accepted(ProviderMessageId::new(format!("wamid.{ordinal}"))),
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_launch_freezes_everyone_with_a_reason_for_each_left_out(pool: PgPool) {
    let world = World::launched(pool, 45, 20).await;
    let row = world.row().await;
    assert_eq!((row.audience, row.pending, row.skipped), (47, 45, 2));
    assert_eq!(
        world.reasons().await,
        [("skipped".into(), "no_consent".into(), 1), ("skipped".into(), "unsubscribed".into(), 1)]
    );
    let lease = world.lease(worker(1)).await;
    let batches = world.claim(worker(1), lease, 10).await;
    let ranges: Vec<_> = batches.iter().map(|batch| (batch.first_recipient, batch.last_recipient)).collect();
    assert_eq!(ranges, [(1, 20), (21, 40), (41, 45)]);
    let mut conn = world.pool.acquire().await.expect("a connection");
    let first = claim::waiting_recipients(&mut conn, &batches[0]).await.expect("read").remove(0);
    assert_eq!(first.variables, ["Ana", "Porto", "20%"]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_second_launch_with_the_key_is_refused_by_the_schema(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let mut again = world.new_launch("key-0001", 20);
    again.slices[0].dispatch = DispatchId::mint(at(), [9; 10]);
    let mut tx = world.pool.begin().await.expect("a transaction");
    let error = launch::insert(&mut tx, world.workspace, &again, &world.audience).await.expect_err("refused");
    assert_eq!(error.constraint(), Some("dispatches_idempotency_key"));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_sender_has_one_driver_and_nothing_is_claimed_without_its_lease(pool: PgPool) {
    let world = World::launched(pool, 40, 20).await;
    let lease = world.lease(worker(1)).await;
    let mut conn = world.pool.acquire().await.expect("a connection");
    assert_eq!(lease::acquire_sender(&mut conn, worker(2), TTL).await.expect("asked"), None);
    let stolen = SenderLease { fence: lease.fence + 1, ..lease };
    assert!(world.claim(worker(2), lease, 10).await.is_empty());
    assert!(world.claim(worker(1), stolen, 10).await.is_empty());
    assert_eq!(world.claim(worker(1), lease, 10).await.len(), 2);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn outcomes_move_the_counts_and_the_last_one_finishes(pool: PgPool) {
    let world = World::launched(pool, 3, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    let failed = Answer::Failed { reason: FailureReason::NotReachable, provider_code: Some(131_026) };
    let flush = Flush {
        outcomes: vec![
            accepted(handover, 1),
            Outcome { ordinal: 2, handover, left_at: Some(at()), answer: failed },
            Outcome {
                ordinal: 3,
                handover,
                left_at: Some(at()),
                answer: Answer::RetryAfter { wait: Wait::NONE, counted: true },
            },
        ],
        closed: vec![handover],
        ended: vec![EndedBatch { ordinal: 1, attempt: batch.attempt, wait: Some(Wait::NONE) }],
    };
    world.record(worker(1), &flush).await;
    // A flush whose first commit went unheard changes nothing the second time.
    world.record(worker(1), &flush).await;
    let row = world.row().await;
    assert_eq!((row.pending, row.sent, row.failed, row.state.as_str()), (1, 1, 1, "running"));

    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[3]).await.expect("open");
    let ended = EndedBatch { ordinal: 1, attempt: batch.attempt, wait: None };
    world
        .record(
            worker(1),
            &Flush { outcomes: vec![accepted(handover, 3)], closed: vec![handover], ended: vec![ended] },
        )
        .await;
    let row = world.row().await;
    assert_eq!((row.pending, row.sent, row.state.as_str()), (0, 2, "finished"));
    let state: String =
        sqlx::query_scalar("select state from campaigns").fetch_one(&world.pool).await.expect("read");
    assert_eq!(state, "finished");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_a_dead_worker_had_in_the_air_is_unknown_and_the_rest_is_ready(pool: PgPool) {
    let world = World::launched(pool, 10, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3, 4]).await.expect("open");
    world.record(worker(1), &Flush { outcomes: vec![accepted(handover, 1)], ..Flush::default() }).await;
    world.expire_leases().await;
    assert_eq!(world.sweep().await, sweep::Swept { batches: 1, unknown: 3 });
    assert_eq!(world.row().await.unknown, 3);

    // The dead worker was only slow: it may not open another handover, and its late answers settle what is unknown:
    // whoever the provider certainly does not have waits again.
    assert_eq!(world.open(worker(1), &batch, 2, &[5]).await, None);
    let refused = Answer::Failed { reason: FailureReason::NotReachable, provider_code: None };
    let late = vec![
        accepted(handover, 2),
        Outcome { ordinal: 3, handover, left_at: Some(at()), answer: refused },
        Outcome {
            ordinal: 4,
            handover,
            left_at: Some(at()),
            answer: Answer::RetryAfter { wait: Wait::NONE, counted: true },
        },
    ];
    world.record(worker(1), &Flush { outcomes: late, closed: vec![handover], ended: vec![] }).await;
    let row = world.row().await;
    assert_eq!((row.sent, row.failed, row.unknown, row.pending), (2, 1, 0, 7));

    let lease = world.lease(worker(2)).await;
    let batch = world.claim(worker(2), lease, 1).await.remove(0);
    let mut conn = world.pool.acquire().await.expect("a connection");
    let left: Vec<i32> =
        claim::waiting_recipients(&mut conn, &batch).await.expect("read").iter().map(|r| r.ordinal).collect();
    assert_eq!(left, [4, 5, 6, 7, 8, 9, 10]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn opening_a_handover_again_gives_the_same_one(pool: PgPool) {
    let world = World::launched(pool, 4, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let first = world.open(worker(1), &batch, 1, &[1, 2]).await;
    assert_eq!(world.open(worker(1), &batch, 1, &[1, 2]).await, first);
    assert_ne!(world.open(worker(1), &batch, 2, &[3, 4]).await, first);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn cancel_skips_who_waits_and_keeps_the_outcome_of_who_flies(pool: PgPool) {
    let world = World::launched(pool, 10, 5).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    let mut tx = world.pool.begin().await.expect("a transaction");
    let cancelled = control::cancel(&mut tx, world.workspace, world.dispatch).await.expect("cancelled");
    tx.commit().await.expect("committed");
    assert_eq!(cancelled, Some(control::Cancelled { withheld: 7, escaped: 3 }));
    let outcomes = vec![
        accepted(handover, 1),
        Outcome { ordinal: 2, handover, left_at: Some(at()), answer: Answer::Released },
        Outcome { ordinal: 3, handover, left_at: Some(at()), answer: Answer::Unknown },
    ];
    let ended = EndedBatch { ordinal: 1, attempt: batch.attempt, wait: Some(Wait::NONE) };
    world.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![ended] }).await;
    let row = world.row().await;
    assert_eq!((row.pending, row.sent, row.skipped, row.unknown), (0, 1, 10, 1));
    assert_eq!(row.state, "cancelled");
    assert!(world.claim(worker(1), lease, 10).await.is_empty());
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_reply_belongs_to_the_latest_send_and_counts_once(pool: PgPool) {
    let world = World::launched(pool, 3, 20).await;
    let mut tx = world.pool.begin().await.expect("a transaction");
    let address: String = sqlx::query_scalar("select address from recipients where ordinal = 2")
        .fetch_one(&mut *tx)
        .await
        .expect("read");
    let asked = [address, "+351999999999".to_owned()];
    let found = reports::latest_sends(&mut tx, world.workspace, &asked, &[at(), at()]).await.expect("found");
    assert_eq!(found, [Some((world.dispatch, 2)), None]);
    for _ in 0..2 {
        reports::replied(&mut tx, world.workspace, world.dispatch, &[2, 2], &[at(), at()])
            .await
            .expect("noted");
    }
    tx.commit().await.expect("committed");
    assert_eq!(world.row().await.replied, 1);
}
