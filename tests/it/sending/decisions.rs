//! What is decided on the provider's errors, from the answer to the screen's next step.

use std::time::Duration;

use domain::channel::AccountState;
use domain::delivery::PauseReason;
use domain::ids::CampaignId;
use sandbox::{Behaviour, FailureShare, Fault, FaultKind};
use service::campaigns::{self, ControlError, Remedy};
use service::channel_accounts;
use sqlx::PgPool;
use storage::dispatches::read::DispatchRow;
use tests::stage::{TEMPLATE_NAME, plan};

use super::Run;

const WITHIN: Duration = Duration::from_secs(60);

fn code(code: u32) -> FaultKind {
    FaultKind::GraphError { code }
}

async fn launched(run: &Run) -> anyhow::Result<CampaignId> {
    let campaign = run.stage.draft().await?;
    run.start_worker();
    run.stage.launch(campaign).await?;
    Ok(campaign)
}

async fn finished(run: &Run, campaign: CampaignId) -> anyhow::Result<DispatchRow> {
    run.stage.until(campaign, WITHIN, |row| row.state == "finished").await
}

async fn resume(run: &Run, campaign: CampaignId) -> anyhow::Result<Result<(), ControlError>> {
    let access = run.stage.access().await?;
    Ok(campaigns::resume(&run.stage.services, &access, campaign).await)
}

async fn remedy(run: &Run, campaign: CampaignId) -> anyhow::Result<Option<Remedy>> {
    let access = run.stage.access().await?;
    let progress = campaigns::progress(&run.stage.services, &access, campaign).await?;
    Ok(progress.and_then(|progress| progress.remedy))
}

/// Waits until so many people are held back, and lets a day pass for them.
async fn a_day_later(pool: &PgPool, people: i64) -> anyhow::Result<()> {
    let waiting = "select count(*) from recipients
                    where state = 'pending' and wait_reason = 'marketing_limit' and not_before > now() + interval '23 hours'";
    super::until(WITHIN, async || Ok(sqlx::query_scalar::<_, i64>(waiting).fetch_one(pool).await? == people))
        .await?;
    let held = "update recipients set not_before = not_before - interval '1 day'
                 where state = 'pending' and wait_reason = 'marketing_limit' and not_before > now() + interval '23 hours'";
    sqlx::query(held).execute(pool).await?;
    sqlx::query("update batches set not_before = now() where state = 'ready'").execute(pool).await?;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_pair_limit_holds_one_person_and_counts_no_attempt(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 6, plan(80, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(3, code(131_056))]);
    let campaign = launched(&run).await?;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, row.failed, run.accepted_once_each()), (6, 0, 6), "{row:?}");
    // A report may be faster than our own answer; then no attempt is written at all.
    let (holds, attempts): (i64, i16) =
        sqlx::query_as("select sum(holds), max(attempt) from recipients").fetch_one(&pool).await?;
    assert_eq!(holds, 3);
    assert!(attempts <= 1, "{attempts}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_gets_too_much_marketing_is_tried_again_a_day_later(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 6, plan(80, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(2, code(131_049))]);
    let campaign = launched(&run).await?;
    let row = run.stage.until(campaign, WITHIN, |row| row.sent == 4).await?;
    assert_eq!((row.state.as_str(), row.pending, row.failed), ("running", 2, 0), "{row:?}");
    a_day_later(&pool, 2).await?;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, run.accepted_once_each()), (6, 6), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_message_dropped_after_it_was_taken_is_sent_again_a_day_later(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 5, plan(80, 20)).await?;
    let flawless = Behaviour::clone(&run.sandbox.behaviour());
    let dropped = FailureShare { code: 131_049, share: 1.0 };
    run.sandbox.set_behaviour(Behaviour { failures: vec![dropped], ..flawless.clone() });
    let campaign = launched(&run).await?;
    // Reports may be faster than our own answers, so nobody may be seen as sent in between; all wait in the end.
    run.stage.until(campaign, WITHIN, |row| row.pending == 5 && row.state == "running").await?;
    let all_dropped =
        "select count(*) from recipients where state = 'pending' and cardinality(dropped_message_ids) = 1
                          and holds = 1 and not_before > now() + interval '23 hours'";
    super::until(WITHIN, async || Ok(sqlx::query_scalar::<_, i64>(all_dropped).fetch_one(&pool).await? == 5))
        .await?;
    assert_eq!(run.sandbox.ledger().accepted, 5);
    let state: String = sqlx::query_scalar("select state from campaigns").fetch_one(&pool).await?;
    assert_eq!(state, "running");

    run.sandbox.set_behaviour(flawless);
    a_day_later(&pool, 5).await?;
    let row = run.stage.until(campaign, WITHIN, |row| row.state == "finished" && row.delivered == 5).await?;
    assert_eq!((row.sent, row.failed, row.pending), (5, 0, 0), "{row:?}");
    assert_eq!(run.accepted_once_each(), 10, "each was taken twice, and dropped the first time");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_opt_out_is_kept_whichever_way_it_comes(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 3, plan(80, 20)).await?;
    let out = "select value from suppressions s
                 join addresses a using (workspace_id, kind, value)
                where s.reason = 'unsubscribed' and a.consent = 'withdrawn' order by value";
    run.sandbox.set_faults(vec![Fault::next(1, code(131_050))]);
    let flawless = Behaviour::clone(&run.sandbox.behaviour());
    let campaign = launched(&run).await?;
    finished(&run, campaign).await?;
    let at_once: Vec<String> = sqlx::query_scalar(out).fetch_all(&pool).await?;
    assert_eq!(at_once.len(), 1, "refused on the spot");

    let stopped = FailureShare { code: 131_050, share: 1.0 };
    run.sandbox.set_behaviour(Behaviour { failures: vec![stopped], ..flawless });
    let again = run.stage.draft().await?;
    run.stage.launch(again).await?;
    let row = run.stage.until(again, WITHIN, |row| row.failed == 2).await?;
    assert_eq!((row.skipped, row.sent), (1, 0), "{row:?}");
    let reported: Vec<String> = sqlx::query_scalar(out).fetch_all(&pool).await?;
    assert_eq!(reported.len(), 3, "reported afterwards");

    run.stage.add_people(351_930_000_000, 1).await?;
    let preference = serde_json::json!({"object": "whatsapp_business_account", "entry": [{
        "id": sandbox::seed::ACCOUNT_ID, "changes": [{"field": "user_preferences", "value": {
            "messaging_product": "whatsapp", "metadata": {"phone_number_id": sandbox::seed::NUMBER_ID},
            "user_preferences": [{"wa_id": "351930000000", "category": "marketing_messages", "value": "stop",
                                  "timestamp": 1_795_000_000}],
        }}],
    }]});
    service::webhooks::ingest(&run.stage.services, &[preference.to_string().into_bytes()]).await?;
    super::until(WITHIN, async || {
        let out: Vec<String> = sqlx::query_scalar(out).fetch_all(&pool).await?;
        Ok(out.last().is_some_and(|last| last == "+351930000000"))
    })
    .await?;
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_signed_out_sender_says_so_until_it_is_checked(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 40, plan(80, 20)).await?;
    run.sandbox.set_faults(vec![Fault::always(code(190))]);
    let campaign = launched(&run).await?;
    let row = run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    assert_eq!((row.pause_kind.as_deref(), row.pending), (Some("signed_out"), 40), "{row:?}");
    assert_eq!(remedy(&run, campaign).await?, Some(Remedy::Reconnect(run.stage.sender)));
    match resume(&run, campaign).await? {
        Err(ControlError::StillStopped(sentence)) => {
            assert!(sentence.contains("Brasa Coffee cannot send yet: Meta no longer accepts"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
    // Checking does not help while Meta refuses.
    run.sandbox.set_faults(vec![Fault::always(code(190)).everywhere()]);
    let access = run.stage.access().await?;
    assert!(channel_accounts::refresh(&run.stage.services, &access, run.stage.sender).await.is_err());

    run.sandbox.set_faults(Vec::new());
    let checked = channel_accounts::refresh(&run.stage.services, &access, run.stage.sender).await?;
    assert_eq!(checked.state, AccountState::Connected);
    assert_eq!(remedy(&run, campaign).await?, Some(Remedy::Resume));
    resume(&run, campaign).await??;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, run.accepted_once_each()), (40, 40), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_ban_stops_the_sender_before_the_next_message_is_refused(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 400, plan(40, 20)).await?;
    let campaign = launched(&run).await?;
    run.stage.until(campaign, WITHIN, |row| row.sent > 0).await?;
    let ban = serde_json::json!({"object": "whatsapp_business_account", "entry": [{
        "id": sandbox::seed::ACCOUNT_ID, "time": 1_795_000_000, "changes": [{"field": "account_update", "value": {
            "event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "today"},
        }}],
    }]});
    service::webhooks::ingest(&run.stage.services, &[ban.to_string().into_bytes()]).await?;
    let row = run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    assert_eq!(row.pause_kind.as_deref(), Some("restricted"));
    assert_eq!(remedy(&run, campaign).await?, Some(Remedy::AtTheProvider(run.stage.sender)));
    let access = run.stage.access().await?;
    let sender = channel_accounts::get(&run.stage.services, &access, run.stage.sender).await?;
    let kind = sender.map(|sender| sender.state);
    assert!(
        matches!(kind, Some(AccountState::Paused { kind: Some(PauseReason::Restricted), .. })),
        "{kind:?}"
    );
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_template_paused_by_whatsapp_stops_its_campaign_until_it_is_active(
    pool: PgPool,
) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 400, plan(40, 20)).await?;
    let campaign = launched(&run).await?;
    run.stage.until(campaign, WITHIN, |row| row.sent > 0).await?;
    let set = |status: &str| {
        run.sandbox
            .set_template_status(TEMPLATE_NAME, "en", status)
            .map_err(|error| anyhow::anyhow!("{error:?}"))
    };
    let known = async |state: &str| {
        super::until(WITHIN, async || {
            let known: String = sqlx::query_scalar("select state from templates").fetch_one(&pool).await?;
            Ok(known == state)
        })
        .await
    };
    set("PAUSED")?;
    let row = run.stage.until(campaign, WITHIN, |row| row.state == "paused").await?;
    assert_eq!(row.pause_kind.as_deref(), Some("template_paused"));
    known("PAUSED").await?;
    assert_eq!(remedy(&run, campaign).await?, Some(Remedy::Template(run.stage.template)));
    match resume(&run, campaign).await? {
        Err(ControlError::StillStopped(sentence)) => assert!(sentence.contains(TEMPLATE_NAME), "{sentence}"),
        other => panic!("{other:?}"),
    }

    set("APPROVED")?;
    known("APPROVED").await?;
    assert_eq!(remedy(&run, campaign).await?, Some(Remedy::Resume));
    resume(&run, campaign).await??;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, row.failed, run.accepted_once_each()), (400, 0, 400), "{row:?}");
    run.end().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_code_that_nobody_knows_fails_the_person_and_shows_the_code(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 10, plan(80, 20)).await?;
    run.sandbox.set_faults(vec![Fault::next(3, code(987_654))]);
    let campaign = launched(&run).await?;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, row.failed, row.pause_kind), (7, 3, None));
    let reasons: Vec<(String, i32)> = sqlx::query_as(
        "select reason, provider_code from dispatch_reasons where state = 'failed' and recipients = 3",
    )
    .fetch_all(&pool)
    .await?;
    assert_eq!(reasons, [("refused".to_owned(), 987_654)]);
    run.end().await;
    Ok(())
}

/// One refusal for its country, and nobody else there is asked about: whoever was would be accepted.
#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_country_that_is_closed_is_asked_about_once(pool: PgPool) -> anyhow::Result<()> {
    let run = Run::with_people(&pool, 6, plan(2, 20)).await?;
    run.stage.add_people(34_612_000_000, 6).await?;
    run.sandbox.set_faults(vec![Fault::next(1, code(130_497))]);
    let campaign = launched(&run).await?;
    let row = finished(&run, campaign).await?;
    assert_eq!((row.sent, row.failed, run.accepted_once_each()), (6, 6, 6), "{row:?}");
    let closed: (i64, i64) = sqlx::query_as(
        "select count(distinct left(address, 3)), count(*) from recipients where reason = 'country'",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(closed, (1, 6));
    run.end().await;
    Ok(())
}
