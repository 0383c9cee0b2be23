//! People of a finished campaign who are tried again.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::dispatch::TryAgain;
use domain::ids::CampaignId;
use futures::future::join_all;
use sandbox::{Fault, FaultKind};
use service::campaigns::{
    self, Click, Place, RecipientFilter, Refusal, SecondTry, Settlement, TriedAgain, TryAgainError,
};
use sqlx::PgPool;
use storage::dispatches::read::DispatchRow;
use tests::stage::plan;
use tokio_util::sync::CancellationToken;

use super::processes::WorkerProcess;
use super::{Run, processes};

const WITHIN: Duration = Duration::from_secs(60);
/// Not reachable on WhatsApp, which may change.
const TROUBLE: FaultKind = FaultKind::GraphError { code: 131_026 };

fn click(what: TryAgain, key: &str, expected: i64) -> Click {
    Click { what, key: key.parse().expect("a key"), expected, twice_is_fine: what == TryAgain::Unknown }
}

impl Run {
    /// A campaign that has finished, with these faults for its first people.
    async fn finished_with(&self, faults: Vec<Fault>) -> Result<(CampaignId, DispatchRow)> {
        self.sandbox.set_faults(faults);
        let campaign = self.stage.draft().await?;
        self.start_worker();
        self.stage.launch(campaign).await?;
        let row = self.finished(campaign).await?;
        self.sandbox.set_faults(Vec::new());
        Ok((campaign, row))
    }

    async fn finished(&self, campaign: CampaignId) -> Result<DispatchRow> {
        self.stage.until(campaign, WITHIN, |row| row.state == "finished").await
    }

    async fn second_try(&self, campaign: CampaignId, what: TryAgain) -> Result<SecondTry> {
        let access = self.stage.access().await?;
        let found = campaigns::second_try(&self.stage.services, &access, campaign, what).await?;
        found.context("it was launched")
    }

    async fn try_again(
        &self,
        campaign: CampaignId,
        click: &Click,
    ) -> Result<std::result::Result<TriedAgain, TryAgainError>> {
        // The plans are the stage's own: as if Graph had just said them.
        sqlx::query("update whatsapp_numbers set checked_at = now()")
            .execute(&self.stage.services.pool)
            .await?;
        let access = self.stage.access().await?;
        Ok(campaigns::try_again(&self.stage.services, &access, campaign, click).await)
    }

    async fn people(
        &self,
        campaign: CampaignId,
        filter: RecipientFilter,
        reason: Option<&str>,
    ) -> Result<Vec<campaigns::RecipientRow>> {
        let (access, after) = (self.stage.access().await?, Place::default());
        let page =
            campaigns::recipients(&self.stage.services, &access, campaign, filter, reason, after).await?;
        Ok(page.context("the campaign is there")?.recipients)
    }

    /// The provider reports that it has the message of the first row of these people after all.
    async fn reported_sent(&self, pool: &PgPool, ordinals: &[i32]) -> Result<()> {
        let dispatch: uuid::Uuid =
            sqlx::query_scalar("select dispatch_id from dispatches where slice = 1").fetch_one(pool).await?;
        let dispatch = domain::ids::DispatchId::from(dispatch);
        let statuses: Vec<serde_json::Value> = ordinals
            .iter()
            .map(|ordinal| {
                let recipient = domain::ids::RecipientId { dispatch, ordinal: *ordinal };
                serde_json::json!({
                    "id": format!("wamid.late{ordinal}"), "status": "sent", "timestamp": "1795000000",
                    "recipient_id": "351920000000", "biz_opaque_callback_data": recipient.to_string(),
                })
            })
            .collect();
        let webhook = serde_json::json!({"object": "whatsapp_business_account", "entry": [{
            "id": sandbox::seed::ACCOUNT_ID, "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp", "statuses": statuses,
                "metadata": {"display_phone_number": "1", "phone_number_id": sandbox::seed::NUMBER_ID},
            }}],
        }]});
        let services = &self.stage.services;
        service::webhooks::ingest(services, &[webhook.to_string().into_bytes()]).await?;
        let applied = service::webhooks::apply_stored(services, 10).await?;
        assert_eq!(applied.unreadable, 0);
        super::until(WITHIN, async || {
            let left: i64 = sqlx::query_scalar("select count(*) from webhook_inbox").fetch_one(pool).await?;
            Ok(left == 0)
        })
        .await
    }
}

fn sum(row: &DispatchRow) -> i32 {
    row.pending + row.sent + row.failed + row.skipped + row.unknown
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_failed_gets_exactly_one_more_message(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 40, plan(1_000, 20)).await?;
    let (campaign, row) = run.finished_with(vec![Fault::next(6, TROUBLE)]).await?;
    assert_eq!((row.sent, row.failed, run.accepted_once_each()), (34, 6, 34), "{row:?}");
    // Two of them opt out before anybody tries again.
    sqlx::query(
        "update addresses set consent = 'withdrawn' where value in (select address from recipients where state = 'failed' limit 2)",
    )
    .execute(&pool)
    .await?;
    let found = run.second_try(campaign, TryAgain::Failed).await?;
    assert_eq!((found.people, &found.refusal), (4, &None), "{found:?}");
    let left_out: Vec<_> = found.left_out.iter().map(|group| (group.reason.as_str(), group.people)).collect();
    assert_eq!(left_out, [("unsubscribed", 2)]);
    // Each number opens the people behind it.
    assert_eq!(run.people(campaign, RecipientFilter::FailedAgain, None).await?.len(), 4);
    assert_eq!(run.people(campaign, RecipientFilter::FailedAgain, Some("unsubscribed")).await?.len(), 2);
    let access = run.stage.access().await?;
    let progress = campaigns::progress(&run.stage.services, &access, campaign).await?;
    let offered = progress.and_then(|progress| progress.offered).context("it has finished")?;
    assert_eq!((offered.failed, offered.unknown), (4, 0));

    let changed = run.try_again(campaign, &click(TryAgain::Failed, "again-0001", 6)).await?;
    assert!(matches!(changed, Err(TryAgainError::NumberChanged { expected: 6, actual: 4 })), "{changed:?}");
    assert_eq!(run.accepted_once_each(), 34, "nothing was sent");
    assert!(run.try_again(campaign, &click(TryAgain::Failed, "again-0002", 4)).await??.is_new);
    let row = run.finished(campaign).await?;
    assert_eq!((row.audience, row.sent, row.failed, sum(&row)), (40, 38, 2, 40), "{row:?}");
    assert_eq!(run.accepted_once_each(), 38);
    // Everybody is on the list once, whoever was tried again with both tries.
    assert_eq!(run.people(campaign, RecipientFilter::All, None).await?.len(), 40);
    assert_eq!(run.sandbox.ledger().repeated_recipients, 0);
    let left = run.second_try(campaign, TryAgain::Failed).await?;
    assert_eq!(left.people, 0, "{left:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn fifty_clicks_are_one_and_another_choice_is_none(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 30, plan(1_000, 20)).await?;
    let (campaign, _) = run.finished_with(vec![Fault::next(5, TROUBLE)]).await?;
    let click_once = click(TryAgain::Failed, "again-0001", 5);
    let clicked = join_all((0..50).map(|_| run.try_again(campaign, &click_once))).await;
    let mut made = Vec::new();
    for tried in clicked {
        made.push(tried??);
    }
    assert_eq!(made.iter().filter(|tried| tried.is_new).count(), 1);
    assert!(made.iter().all(|tried| tried.dispatch == made[0].dispatch));
    let other = run.try_again(campaign, &click(TryAgain::Unknown, "again-0001", 5)).await?;
    assert!(matches!(other, Err(TryAgainError::KeyConflict)), "{other:?}");
    let row = run.finished(campaign).await?;
    assert_eq!((row.sent, run.accepted_once_each()), (30, 30), "{row:?}");
    let dispatches: i64 = sqlx::query_scalar("select count(*) from dispatches").fetch_one(&pool).await?;
    assert_eq!(dispatches, 2);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn fifty_clicks_with_keys_of_their_own_send_once(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let (campaign, _) = run.finished_with(vec![Fault::next(5, TROUBLE)]).await?;
    let clicks: Vec<Click> = (0..50).map(|n| click(TryAgain::Failed, &format!("again-{n:04}"), 5)).collect();
    let clicked = join_all(clicks.iter().map(|click| run.try_again(campaign, click))).await;
    let mut new = 0;
    for tried in clicked {
        match tried? {
            Ok(tried) => new += i32::from(tried.is_new),
            Err(TryAgainError::Refused(Refusal::NotFinished(_)) | TryAgainError::NumberChanged { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(new, 1);
    let row = run.finished(campaign).await?;
    assert_eq!((row.sent, run.accepted_once_each()), (10, 10), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_is_unknown_gets_it_again_only_if_that_is_said(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 20, plan(1_000, 20)).await?;
    let (campaign, row) = run.finished_with(vec![Fault::next(3, FaultKind::CutBeforeAccepting)]).await?;
    assert_eq!((row.sent, row.unknown), (17, 3), "{row:?}");
    let found = run.second_try(campaign, TryAgain::Unknown).await?;
    assert_eq!(found.people, 3);
    assert!(matches!(found.settlement, Some(Settlement::Expected { .. })), "{found:?}");
    let silent = Click { twice_is_fine: false, ..click(TryAgain::Unknown, "again-0001", 3) };
    let refused = run.try_again(campaign, &silent).await?;
    assert!(matches!(refused, Err(TryAgainError::NotConfirmed)), "{refused:?}");
    assert_eq!(run.accepted_once_each(), 17);
    run.try_again(campaign, &click(TryAgain::Unknown, "again-0002", 3)).await??;
    let row = run.finished(campaign).await?;
    assert_eq!((row.audience, row.sent, row.unknown), (20, 20, 0), "{row:?}");
    assert_eq!(run.sandbox.ledger().accepted, 20);

    // What comes late about the first rows changes nothing any more.
    let first: Vec<i32> =
        sqlx::query_scalar("select ordinal from recipients where superseded_by is not null")
            .fetch_all(&pool)
            .await?;
    run.reported_sent(&pool, &first).await?;
    let row = run.stage.dispatch(campaign).await?;
    assert_eq!((row.audience, row.sent, row.unknown, row.skipped), (20, 20, 0, 0), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_turns_out_to_have_it_is_not_sent_to_again(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 20, plan(1_000, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(3, FaultKind::CutBeforeAccepting)]);
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let (first_worker, services) = (CancellationToken::new(), run.stage.services.clone());
    let finishes = async {
        let row = run.finished(campaign).await;
        first_worker.cancel();
        row
    };
    let (_, row) = tokio::join!(worker::run(services, processes::quick(), first_worker.clone()), finishes);
    assert_eq!(row?.unknown, 3);
    run.try_again(campaign, &click(TryAgain::Unknown, "again-0001", 3)).await??;
    let unknown: Vec<i32> = sqlx::query_scalar(
        "select ordinal from recipients where superseded_by is not null and state = 'unknown' order by ordinal limit 2",
    )
    .fetch_all(&pool)
    .await?;
    run.reported_sent(&pool, &unknown).await?;
    let called_off =
        "select count(*) from recipients where reason = 'reached_meanwhile' and state = 'skipped'";
    assert_eq!(sqlx::query_scalar::<_, i64>(called_off).fetch_one(&pool).await?, 2);
    let row = run.stage.dispatch(campaign).await?;
    assert_eq!((row.audience, row.sent, row.pending), (20, 19, 1), "{row:?}");
    run.start_worker();
    let row = run.finished(campaign).await?;
    assert_eq!((row.audience, row.sent, row.unknown, row.skipped), (20, 20, 0, 0), "{row:?}");
    assert_eq!(run.accepted_once_each(), 18, "one of the three got it again");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn two_tries_in_a_row_over_several_parts_add_up(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 300, plan(1_000, 20)).await?;
    let (number, account) = (sandbox::seed::FAST_NUMBER_ID, sandbox::seed::ACCOUNT_ID);
    let further = run.stage.add_number(number, account, plan(1_000, 20)).await?;
    let campaign = run.stage.draft().await?;
    let found = campaigns::get(&run.stage.services, &run.stage.access().await?, campaign).await?;
    let mut draft = campaigns::Draft::of(&found.context("the draft is there")?);
    draft.further_senders = vec![further];
    campaigns::save(&run.stage.services, &run.stage.access().await?, campaign, draft).await?;
    run.sandbox.set_faults(vec![Fault::next(120, TROUBLE)]);
    run.start_worker();
    run.stage.launch(campaign).await?;
    let mut row = run.finished(campaign).await?;
    run.sandbox.set_faults(vec![Fault::next(30, TROUBLE)]);
    for key in ["again-0001", "again-0002"] {
        let expected = run.second_try(campaign, TryAgain::Failed).await?.people;
        assert_eq!(expected, i64::from(row.failed), "{row:?}");
        run.try_again(campaign, &click(TryAgain::Failed, key, expected)).await??;
        row = run.finished(campaign).await?;
        assert_eq!((row.audience, sum(&row)), (300, 300), "{row:?}");
    }
    assert_eq!((row.sent, row.failed, run.accepted_once_each()), (300, 0, 300), "{row:?}");
    assert_eq!(run.sandbox.ledger().repeated_recipients, 0);
    let parts: Vec<i64> = sqlx::query_scalar(
        "select count(*) from dispatches where tries_again = 'failed' group by launched_at order by launched_at",
    )
    .fetch_all(&pool)
    .await?;
    assert_eq!(parts, [2, 1], "120 people are shared by the senders, 30 are too few for that");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_worker_killed_while_people_are_tried_again_sends_to_nobody_twice(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 800, plan(400, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(500, TROUBLE)]);
    let campaign = run.stage.draft().await?;
    run.stage.launch(campaign).await?;
    let worker = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    let row = run.finished(campaign).await?;
    worker.kill();
    assert_eq!((row.sent, row.failed), (300, 500), "{row:?}");
    run.try_again(campaign, &click(TryAgain::Failed, "again-0001", 500)).await??;
    for pause in [700, 300, 900, 120, 500] {
        let worker = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
        // The moment of the kill is the point of the test; nothing is waited for that could be looked at.
        tokio::time::sleep(Duration::from_millis(pause)).await;
        worker.kill();
    }
    let _survivor = WorkerProcess::start(&run.database_url, run.sandbox.base_url());
    run.finished(campaign).await?;
    run.sandbox.webhooks_settled().await;
    let accepted = i32::try_from(run.accepted_once_each())?;
    let row = run.stage.until(campaign, WITHIN, |row| row.sent + row.failed == accepted).await?;
    assert_eq!((row.audience, sum(&row), row.pending), (800, 800, 0), "{row:?}");
    assert_eq!(row.unknown, 800 - accepted, "{row:?}");
    assert_eq!(run.sandbox.ledger().repeated_recipients, 0);
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_second_try_that_the_provider_stops_says_what_to_do(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 20, plan(1_000, 20)).await?;
    let (campaign, _) = run.finished_with(vec![Fault::next(5, TROUBLE)]).await?;
    run.sandbox.set_faults(vec![Fault::always(FaultKind::GraphError { code: 190 })]);
    run.try_again(campaign, &click(TryAgain::Failed, "again-0001", 5)).await??;
    let row = run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    assert_eq!((row.pause_kind.as_deref(), row.pending, row.sent), (Some("signed_out"), 5, 15), "{row:?}");
    let access = run.stage.access().await?;
    let progress = campaigns::progress(&run.stage.services, &access, campaign).await?;
    let remedy = progress.and_then(|progress| progress.remedy);
    assert_eq!(remedy, Some(campaigns::Remedy::Reconnect(run.stage.sender)));
    run.sandbox.set_faults(Vec::new());
    let access = run.stage.access().await?;
    service::channel_accounts::refresh(&run.stage.services, &access, run.stage.sender).await?;
    campaigns::resume(&run.stage.services, &access, campaign).await?;
    let row = run.finished(campaign).await?;
    assert_eq!((row.sent, run.accepted_once_each()), (20, 20), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_cannot_be_tried_again_is_refused_in_words(pool: PgPool) -> Result<()> {
    let run = Run::with_people(&pool, 10, plan(1_000, 20)).await?;
    let (campaign, _) = run.finished_with(vec![Fault::next(2, TROUBLE)]).await?;
    let refusal = async || Ok::<_, anyhow::Error>(run.second_try(campaign, TryAgain::Failed).await?.refusal);
    let refused = async |key: &str| {
        let tried = run.try_again(campaign, &click(TryAgain::Failed, key, 2)).await?;
        Ok::<_, anyhow::Error>(matches!(tried, Err(TryAgainError::Refused(_))))
    };
    assert_eq!(refusal().await?, None);

    sqlx::query("update templates set state = 'PAUSED'").execute(&pool).await?;
    match refusal().await? {
        Some(Refusal::StillStopped(words)) => assert!(words.ends_with("and try again."), "{words}"),
        other => panic!("{other:?}"),
    }
    assert!(refused("again-0001").await?);
    sqlx::query("update templates set state = 'APPROVED'").execute(&pool).await?;

    sqlx::query("update dispatches set not_after = now() - interval '1 second'").execute(&pool).await?;
    assert_eq!(refusal().await?, Some(Refusal::WindowOver));
    assert!(refused("again-0002").await?);
    sqlx::query("update dispatches set not_after = null").execute(&pool).await?;

    sqlx::query("update dispatches set state = 'cancelled'").execute(&pool).await?;
    sqlx::query("update campaigns set state = 'cancelled'").execute(&pool).await?;
    assert_eq!(refusal().await?, Some(Refusal::NotFinished("cancelled")));
    assert!(refused("again-0003").await?);
    assert_eq!(run.accepted_once_each(), 8);
    run.end().await;
    Ok(())
}
