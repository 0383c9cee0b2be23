//! What a lease carries from one session of a sender to the next.

use std::num::NonZeroU32;

use domain::channel::RatePlan;

use super::*;

fn rate(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("not zero")
}

impl World {
    async fn renew(&self, worker: WorkerId, lease: SenderLease, speed: lease::Speed) -> Option<RatePlan> {
        let mut conn = self.pool.acquire().await.expect("a connection");
        lease::renew_sender(&mut conn, worker, lease, TTL, speed).await.expect("asked")
    }

    async fn run(&self, script: &'static str) {
        sqlx::raw_sql(script).execute(&self.pool).await.expect("done");
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_renewal_tells_the_plan_of_the_moment(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let lease = world.lease(worker(1)).await;
    let speed = lease::Speed { rate_now: rate(80), throttled_ago: None, unreachable_for: None };
    let standard = RatePlan { rate_per_second: rate(80), batch_size: rate(20) };
    assert_eq!(world.renew(worker(1), lease, speed).await, Some(standard));
    world.run("update channel_accounts set rate_per_second = 1000, batch_size = 100").await;
    let high = RatePlan { rate_per_second: rate(1_000), batch_size: rate(100) };
    assert_eq!(world.renew(worker(1), lease, speed).await, Some(high));
    assert_eq!(world.renew(worker(2), lease, speed).await, None, "it is not theirs");
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_new_session_begins_as_slow_as_a_throttled_one_ended_for_a_while(pool: PgPool) {
    let world = World::launched(pool, 1, 20).await;
    let first = world.lease(worker(1)).await;
    assert_eq!(first.begin_at, None);
    let slowed = lease::Speed {
        rate_now: rate(39),
        throttled_ago: Some(Duration::from_secs(60)),
        unreachable_for: None,
    };
    world.renew(worker(1), first, slowed).await.expect("ours");
    // A later renewal of a session that was not told again does not forget it.
    let speed = lease::Speed { rate_now: rate(43), throttled_ago: None, unreachable_for: None };
    world.renew(worker(1), first, speed).await.expect("ours");
    world.expire_leases().await;
    let second = world.lease(worker(2)).await;
    assert_eq!(second.begin_at, Some(rate(43)));

    world.run("update sender_leases set throttled_at = throttled_at - interval '10 minutes'").await;
    world.expire_leases().await;
    assert_eq!(world.lease(worker(3)).await.begin_at, None);
}
