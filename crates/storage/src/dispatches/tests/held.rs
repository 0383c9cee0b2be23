//! Messages that the provider took and holds until it has seen how people react to the first ones.

use super::*;

async fn held(world: &World) -> Vec<(String, String, i32)> {
    sqlx::query_as(
        "select state, reason, recipients from dispatch_reasons
          where recipients <> 0 and state <> 'skipped' order by state",
    )
    .fetch_all(&world.pool)
    .await
    .expect("read")
}

fn id(ordinal: i32) -> ProviderMessageId {
    ProviderMessageId::new(format!("wamid.{ordinal}"))
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn whose_message_is_held_is_counted_until_it_is_let_go_or_dropped(pool: PgPool) {
    let world = World::launched(pool, 3, 20).await;
    let lease = world.lease(worker(1)).await;
    let batch = world.claim(worker(1), lease, 1).await.remove(0);
    let handover = world.open(worker(1), &batch, 1, &[1, 2, 3]).await.expect("open");
    let outcomes = (1..=3)
        .map(|ordinal| Outcome {
            ordinal,
            handover,
            left_at: Some(at()),
            answer: Answer::HeldForQuality(id(ordinal)),
        })
        .collect();
    world.record(worker(1), &Flush { outcomes, closed: vec![handover], ended: vec![] }).await;
    assert_eq!(held(&world).await, [("sent".to_owned(), "held_for_quality".to_owned(), 3)]);

    let said =
        |ordinal| Report { ordinal, provider_message_id: id(ordinal).into_string(), ..Report::default() };
    let reports = [
        Report { arrived: true, ..said(1) },
        Report { arrived: true, delivered_at: Some(at()), ..said(2) },
        Report { failed: Some(("template".to_owned(), Some(132_015))), ..said(3) },
    ];
    world.report(&reports).await;
    assert_eq!(
        held(&world).await,
        [
            ("failed".to_owned(), "template".to_owned(), 1),
            ("sent".to_owned(), "held_for_quality".to_owned(), 1),
        ]
    );
}
