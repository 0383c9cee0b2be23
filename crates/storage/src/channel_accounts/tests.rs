use domain::account::WorkspaceName;
use domain::delivery::PauseReason;
use sqlx::PgPool;

use super::*;
use crate::dispatches::control::stop_senders;
use crate::workspaces::{self, Workspace};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_795_000_000 + second, 0).expect("a valid instant")
}

fn workspace(n: u8) -> WorkspaceId {
    WorkspaceId::mint(at(0), [n; 10])
}

fn account(n: u8) -> ChannelAccountId {
    ChannelAccountId::mint(at(0), [n; 10])
}

fn user() -> UserId {
    UserId::mint(at(0), [9; 10])
}

/// Two workspaces and a user.
async fn seeded(pool: &PgPool) -> Tx {
    let mut tx = pool.begin().await.expect("a transaction");
    for n in [1, 2] {
        let name: WorkspaceName = format!("Workspace {n}").parse().expect("a name");
        let new = Workspace { id: workspace(n), name, time_zone: "UTC".to_owned(), default_country: None };
        workspaces::insert(&mut tx, &new, at(0)).await.expect("inserted");
    }
    sqlx::query("insert into users (user_id, email, name, password_hash, created_at) values ($1, 'a@b.example', 'A', 'x', $2)")
        .bind(user().uuid())
        .bind(at(0))
        .execute(&mut *tx)
        .await
        .expect("inserted");
    tx
}

fn connected(n: u8, name: &str) -> Connected<'_> {
    Connected {
        id: account(n),
        channel: Channel::WhatsApp,
        name,
        credential: SealedCredential { key_id: "k1".to_owned(), bytes: vec![1, 2, 3] },
        credential_expires_at: Some(at(500)),
        plan: RatePlan::STANDARD,
        connected_by: user(),
        at: at(1),
    }
}

fn number(phone_number_id: &str) -> WhatsAppNumber {
    WhatsAppNumber {
        phone_number_id: phone_number_id.to_owned(),
        waba_id: "200000000000001".to_owned(),
        display_phone_number: "+55 11 3000-0000".to_owned(),
        verified_name: "Quinta Verde".to_owned(),
        quality_rating: "GREEN".to_owned(),
        throughput_level: "STANDARD".to_owned(),
        on_business_app: false,
        messaging_limit: Some("TIER_10K".to_owned()),
        checked_at: at(1),
    }
}

type Tx = crate::Tx;

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_sender_is_read_as_it_was_connected(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    insert(&mut tx, workspace(1), &connected(1, "Harvest")).await.expect("inserted");
    put_number(&mut tx, workspace(1), account(1), &number("300000000000001")).await.expect("put");
    let read = get(&mut tx, workspace(1), account(1)).await.expect("read").expect("there");
    assert_eq!(
        read,
        ChannelAccount {
            id: account(1),
            channel: Channel::WhatsApp,
            name: "Harvest".to_owned(),
            state: AccountState::Connected,
            plan: RatePlan::STANDARD,
            credential_expires_at: Some(at(500)),
            created_at: at(1),
            whatsapp: Some(number("300000000000001")),
        }
    );
    assert_eq!(list(&mut tx, workspace(1)).await.expect("listed"), [read]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn another_workspace_sees_and_changes_nothing(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    insert(&mut tx, workspace(1), &connected(1, "Harvest")).await.expect("inserted");
    let other = workspace(2);
    assert_eq!(get(&mut tx, other, account(1)).await.expect("read"), None);
    assert_eq!(list(&mut tx, other).await.expect("listed"), []);
    assert_eq!(credential(&mut tx, other, account(1)).await.expect("read"), None);
    assert!(!disconnect(&mut tx, other, account(1), at(2)).await.expect("asked"));
    stop_senders(&mut tx, other, account(1), PauseReason::SignedOut, "x").await.expect("asked");
    assert!(!reconnect(&mut tx, other, &connected(1, "Mine")).await.expect("asked"));
    assert!(!set_plan(&mut tx, other, account(1), RatePlan::HIGH, at(2)).await.expect("asked"));
    let read = get(&mut tx, workspace(1), account(1)).await.expect("read").expect("there");
    assert_eq!((read.name.as_str(), read.state), ("Harvest", AccountState::Connected));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn disconnecting_erases_the_credential_and_reconnecting_brings_one(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    insert(&mut tx, workspace(1), &connected(1, "Harvest")).await.expect("inserted");
    assert!(disconnect(&mut tx, workspace(1), account(1), at(2)).await.expect("disconnected"));
    assert!(!disconnect(&mut tx, workspace(1), account(1), at(3)).await.expect("asked"));
    assert_eq!(credential(&mut tx, workspace(1), account(1)).await.expect("read"), None);
    let gone = get(&mut tx, workspace(1), account(1)).await.expect("read").expect("there");
    assert_eq!((gone.state, gone.credential_expires_at), (AccountState::Disconnected, None));
    stop_senders(&mut tx, workspace(1), account(1), PauseReason::SignedOut, "x").await.expect("asked");
    let still = get(&mut tx, workspace(1), account(1)).await.expect("read").expect("there");
    assert_eq!(still.state, AccountState::Disconnected);

    assert!(reconnect(&mut tx, workspace(1), &connected(1, "Harvest 2")).await.expect("reconnected"));
    assert!(credential(&mut tx, workspace(1), account(1)).await.expect("read").is_some());
    let reason = PauseReason::SignedOut;
    stop_senders(&mut tx, workspace(1), account(1), reason, "Signed out.").await.expect("paused");
    let paused = get(&mut tx, workspace(1), account(1)).await.expect("read").expect("there");
    assert_eq!(paused.state, AccountState::Paused { kind: Some(reason), reason: "Signed out.".to_owned() });
    assert_eq!(paused.name, "Harvest 2");
}

/// A token is one sender's; what is wrong with the business concerns each of its numbers, and no other business.
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn trouble_with_the_business_account_stops_its_senders(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    for (n, waba_id) in [(1, "200000000000001"), (2, "200000000000001"), (3, "200000000000009")] {
        insert(&mut tx, workspace(1), &connected(n, "Harvest")).await.expect("inserted");
        let number = WhatsAppNumber { waba_id: waba_id.to_owned(), ..number(&format!("30000000000000{n}")) };
        put_number(&mut tx, workspace(1), account(n), &number).await.expect("put");
    }
    let mut stopped = async |reason| {
        stop_senders(&mut tx, workspace(1), account(1), reason, "No.").await.expect("stopped");
        let all = list(&mut tx, workspace(1)).await.expect("listed");
        let mut stopped: Vec<_> =
            all.into_iter().filter(|one| one.state != AccountState::Connected).map(|one| one.id).collect();
        stopped.sort_unstable();
        stopped
    };
    assert_eq!(stopped(PauseReason::SignedOut).await, [account(1)]);
    assert_eq!(stopped(PauseReason::PaymentIssue).await, [account(1), account(2)]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_number_belongs_to_one_sender_of_the_installation(pool: PgPool) {
    let mut tx = seeded(&pool).await;
    insert(&mut tx, workspace(1), &connected(1, "Harvest")).await.expect("inserted");
    insert(&mut tx, workspace(2), &connected(2, "Other")).await.expect("inserted");
    put_number(&mut tx, workspace(1), account(1), &number("300000000000001")).await.expect("put");
    let found = find_by_phone_number_id(&mut tx, "300000000000001").await.expect("read").expect("there");
    assert_eq!(
        (found.workspace, found.channel_account, found.disconnected),
        (workspace(1), account(1), false)
    );
    assert_eq!(find_by_phone_number_id(&mut tx, "300000000000002").await.expect("read"), None);
    tx.commit().await.expect("committed");

    let mut tx = pool.begin().await.expect("a transaction");
    let taken =
        put_number(&mut tx, workspace(2), account(2), &number("300000000000001")).await.expect_err("taken");
    assert_eq!(taken.constraint(), Some("whatsapp_numbers_phone_number_id_key"));
    drop(tx);

    let mut tx = pool.begin().await.expect("a transaction");
    assert!(!release_number(&mut tx, workspace(1), account(1), "300000000000001").await.expect("asked"));
    disconnect(&mut tx, workspace(1), account(1), at(2)).await.expect("disconnected");
    assert!(release_number(&mut tx, workspace(1), account(1), "300000000000001").await.expect("released"));
    put_number(&mut tx, workspace(2), account(2), &number("300000000000001")).await.expect("free now");
}
