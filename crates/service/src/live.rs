//! Live numbers: one ear per process, and from it to everybody who watches.
//!
//! [`LiveHub::run`] listens to what transactions announce, reads each watched campaign that changed, at most four times a
//! second, and hands the same snapshot to all who watch it. Nobody else asks the database. The last change is always
//! followed by a read, so the numbers end exact. When the connection is lost, everything watched is read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{CampaignId, WorkspaceId};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use storage::StorageError;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use uuid::Uuid;

use crate::Services;
use crate::access::{Read, WorkspaceAccess};
use crate::campaigns::{self, CampaignProgress, Settlement};
use crate::notifications::{Channel, Listener};

/// The shortest time between two snapshots of one campaign.
const PERIOD: Duration = Duration::from_millis(250);
/// A rate that is not nought falls without a change in the database: so long after the last read it is read again.
const RATE_PERIOD: Duration = Duration::from_secs(1);
/// Campaigns read at the same time.
const READS_MAX: usize = 4;
/// The longest wait before listening is tried again.
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Who watches which campaign. Cheap to clone; a clone is the same hub.
#[derive(Debug, Clone, Default)]
pub struct LiveHub {
    topics: Arc<Mutex<HashMap<CampaignId, Topic>>>,
    /// Somebody began to watch.
    begun: Arc<Notify>,
}

/// A watched campaign.
#[derive(Debug)]
struct Topic {
    workspace: WorkspaceId,
    snapshots: watch::Sender<Option<Arc<CampaignProgress>>>,
    /// When it is to be read next; `None` while nothing changed.
    due: Option<Instant>,
    last_read: Option<Instant>,
}

impl Topic {
    /// Something changed: read it now, or a period after it was read last.
    fn touch(&mut self, now: Instant) {
        let due = self.last_read.map_or(now, |last| (last + PERIOD).max(now));
        self.due = Some(self.due.map_or(due, |already| already.min(due)));
    }
}

/// One watcher's view of a campaign.
#[derive(Debug)]
pub struct LiveFeed {
    latest: Arc<CampaignProgress>,
    snapshots: watch::Receiver<Option<Arc<CampaignProgress>>>,
}

impl LiveFeed {
    /// The last snapshot.
    pub fn latest(&self) -> &CampaignProgress {
        &self.latest
    }

    /// Waits for a newer snapshot. Never ends while the process lives; may be dropped and called again.
    pub async fn next(&mut self) -> &CampaignProgress {
        loop {
            if self.snapshots.changed().await.is_err() {
                // The hub keeps the sender for as long as anybody watches.
                std::future::pending::<()>().await;
            }
            let newest = self.snapshots.borrow_and_update().clone();
            // A read that began before this watcher came may end after.
            if let Some(newest) = newest.filter(|newest| newest.as_of > self.latest.as_of) {
                self.latest = newest;
                return &self.latest;
            }
        }
    }
}

impl LiveHub {
    /// Watches a campaign. `None` when it does not exist in this workspace or was not launched.
    pub async fn watch(
        services: &Services,
        access: &WorkspaceAccess<Read>,
        campaign: CampaignId,
    ) -> Result<Option<LiveFeed>, StorageError> {
        let Some(found) = campaigns::progress(services, access, campaign).await? else {
            return Ok(None);
        };
        if found.dispatch.is_none() {
            return Ok(None);
        }
        let hub = &services.live;
        let mut topics = hub.lock();
        let topic = topics.entry(campaign).or_insert_with(|| Topic {
            workspace: access.workspace(),
            snapshots: watch::Sender::new(None),
            due: None,
            last_read: None,
        });
        let snapshots = topic.snapshots.subscribe();
        // What changed between the read above and this line was not heard.
        topic.touch(Instant::now());
        drop(topics);
        hub.begun.notify_one();
        Ok(Some(LiveFeed { latest: Arc::new(found), snapshots }))
    }

    /// Listens and reads, for as long as the process lives. One task of the web process.
    pub async fn run(services: Services) {
        let mut wait = Duration::from_millis(100);
        loop {
            let error = match Listener::connect(&services, Channel::DispatchChanged).await {
                Ok(listener) => {
                    services.live.touch_all();
                    wait = Duration::from_millis(100);
                    serve(&services, listener).await
                }
                Err(error) => error,
            };
            tracing::warn!(error = %error, "live numbers stand still; listening again soon");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY_MAX);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CampaignId, Topic>> {
        // Nothing is left half done inside; a panic elsewhere does not spoil the map.
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch_all(&self) {
        let now = Instant::now();
        self.lock().values_mut().for_each(|topic| topic.touch(now));
    }

    /// Notes an announcement: `<workspace uuid> <dispatch uuid> <campaign uuid>`.
    fn touch(&self, payload: &str) {
        let Some(campaign) = payload.rsplit(' ').next().and_then(|id| id.parse::<Uuid>().ok()) else {
            return;
        };
        if let Some(topic) = self.lock().get_mut(&campaign.into()) {
            topic.touch(Instant::now());
        }
    }

    /// Forgets what nobody watches any more, and tells when the next read is due.
    fn next_due(&self) -> Option<Instant> {
        let mut topics = self.lock();
        topics.retain(|_, topic| topic.snapshots.receiver_count() > 0);
        topics.values().filter_map(|topic| topic.due).min()
    }

    /// Takes what is due, with what was read of it last.
    fn take_due(&self, now: Instant) -> Vec<(WorkspaceId, CampaignId, Option<Arc<CampaignProgress>>)> {
        let mut topics = self.lock();
        let due = topics.iter_mut().filter(|(_, topic)| topic.due.is_some_and(|due| due <= now));
        due.map(|(campaign, topic)| {
            topic.due = None;
            topic.last_read = Some(now);
            (topic.workspace, *campaign, topic.snapshots.borrow().clone())
        })
        .collect()
    }

    fn publish(&self, campaign: CampaignId, read: Result<Option<CampaignProgress>, StorageError>) {
        let mut topics = self.lock();
        let Some(topic) = topics.get_mut(&campaign) else { return };
        match read {
            Ok(Some(progress)) => {
                if progress.rate() > 0.0 {
                    topic.due.get_or_insert(Instant::now() + RATE_PERIOD);
                }
                // Nothing in the database changes when nobody's report is expected any more.
                if let Some(Settlement::Expected { until }) = progress.settlement {
                    let left = (until - progress.as_of).to_std().unwrap_or_default();
                    topic.due.get_or_insert(Instant::now() + left);
                }
                topic.snapshots.send_replace(Some(Arc::new(progress)));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = %error, campaign.id = %campaign, "a live campaign was not read");
                topic.due.get_or_insert(Instant::now() + RATE_PERIOD);
            }
        }
    }
}

/// Until the connection is lost.
async fn serve(services: &Services, mut listener: Listener) -> StorageError {
    let hub = &services.live;
    loop {
        let due = hub.next_due();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = listener.next() => match heard {
                Ok(payload) => hub.touch(&payload),
                Err(error) => return error,
            },
            () = hub.begun.notified() => {}
            () = wait => read_due(services).await,
        }
    }
}

/// Reads everything that is due, a few at a time.
async fn read_due(services: &Services) {
    let hub = &services.live;
    let mut waiting = hub.take_due(Instant::now()).into_iter();
    let read = |(workspace, campaign, last): (_, _, Option<Arc<CampaignProgress>>)| async move {
        (campaign, campaigns::read_live(services, workspace, campaign, last.as_deref()).await)
    };
    let mut reads: FuturesUnordered<_> = waiting.by_ref().take(READS_MAX).map(read).collect();
    while let Some((campaign, progress)) = reads.next().await {
        hub.publish(campaign, progress);
        reads.extend(waiting.next().map(read));
    }
}
