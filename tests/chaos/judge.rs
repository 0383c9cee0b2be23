//! Compares what we say became of everybody with what the sandbox accepted and told.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use domain::ids::CampaignId;
use sandbox::world::Category;
use sandbox::{Fate, RunningSandbox};
use serde_json::{Value, json};

use crate::stage::Stage;

/// Messages read from the ledger at once.
const PAGE: usize = 10_000;
/// People shown of those with whom something is wrong.
const EXAMPLES_MAX: usize = 20;

/// What became of a campaign, measured by the ledger.
#[derive(Debug, Default)]
pub struct Verdict {
    /// People to whom the provider accepted the message more than once. Must be 0.
    pub accepted_twice: u64,
    /// People who are in no final state, or in one that the provider's ledger contradicts: sent and never accepted, failed
    /// or skipped and accepted, nobody's row. Must be 0.
    pub lost: u64,
    /// People who are unknown although the provider accepted the message and told us. Must be 0.
    pub unknown_unsettled: u64,
    /// People who are unknown and whose message never reached the provider: a person decides.
    pub unknown_not_accepted: u64,
    /// People who are unknown, whose message was accepted, and about whom the provider told nobody.
    pub unknown_never_told: u64,
    /// Reports that the provider told, and that our rows do not show. Must be 0.
    pub reports_missing: u64,
    /// Counts of dispatches that differ from their rows. Must be 0.
    pub counts_wrong: u64,
    /// Reports that the provider gave up, or wrongly signed ones that were believed. Must be 0.
    pub webhooks_wrong: u64,
    /// Messages that the provider accepted.
    pub accepted: u64,
    /// Accepted messages of which no webhook tells.
    pub silenced: u64,
    /// Rows by state.
    pub sent: u64,
    /// Rows by state.
    pub failed: u64,
    /// Rows by state.
    pub unknown: u64,
    /// Of the failed, those that the provider refused as often as we try.
    pub failed_not_accepted: u64,
    /// What is wrong with the first of them, without addresses.
    pub examples: Vec<String>,
}

/// What we say of one person.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct Row {
    /// Position in the dispatch.
    pub ordinal: i32,
    /// The frozen address.
    pub address: Option<String>,
    /// `pending`, `sent`, `failed`, `skipped` or `unknown`.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// The provider's id of the message.
    pub provider_message_id: Option<String>,
    /// Whether it was delivered.
    pub delivered: bool,
    /// Whether it was read.
    pub read: bool,
}

/// What the ledger knows of one person.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Every message that was accepted for them.
    pub wamids: Vec<String>,
    /// Whether there is one of which no webhook tells.
    pub silenced: bool,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        let wrong = [
            self.accepted_twice,
            self.lost,
            self.unknown_unsettled,
            self.reports_missing,
            self.counts_wrong,
            self.webhooks_wrong,
        ];
        wrong.iter().all(|count| *count == 0)
    }

    /// All figures.
    pub fn as_json(&self) -> Value {
        json!({
            "accepted_twice": self.accepted_twice,
            "lost": self.lost,
            "unknown_unsettled": self.unknown_unsettled,
            "unknown_not_accepted": self.unknown_not_accepted,
            "unknown_never_told": self.unknown_never_told,
            "reports_missing": self.reports_missing,
            "counts_wrong": self.counts_wrong,
            "webhooks_wrong": self.webhooks_wrong,
            "accepted": self.accepted,
            "silenced": self.silenced,
            "sent": self.sent,
            "failed": self.failed,
            "failed_not_accepted": self.failed_not_accepted,
            "unknown": self.unknown,
        })
    }

    fn example(&mut self, row: &Row, known: &Known, problem: &str) {
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(format!(
                "position {}: {problem}; {} ({}), accepted {} times{}",
                row.ordinal,
                row.state,
                row.reason.as_deref().unwrap_or("no reason"),
                known.wamids.len(),
                if known.silenced { ", never told" } else { "" },
            ));
        }
    }

    /// Adds everything that can be said of one person, to whom a message would have had this fate.
    pub fn count(&mut self, row: &Row, known: &Known, fate: &Fate) {
        if known.wamids.len() > 1 {
            self.accepted_twice += 1;
            self.example(row, known, "accepted more than once");
        }
        let accepted = !known.wamids.is_empty();
        let told = accepted && !known.silenced;
        let told_failed = told && fate.failure.is_some();
        let contradicted = match row.state.as_str() {
            "sent" => {
                self.sent += 1;
                let ours = row.provider_message_id.as_ref();
                !accepted || ours.is_some_and(|id| !known.wamids.contains(id))
            }
            "failed" => {
                self.failed += 1;
                self.failed_not_accepted += u64::from(!accepted);
                accepted && !told_failed
            }
            "unknown" => {
                self.unknown += 1;
                self.count_unknown(row, known);
                false
            }
            // Still pending, or skipped, for which there was no reason.
            _ => true,
        };
        if contradicted {
            self.lost += 1;
            self.example(row, known, "not what the provider says");
        }
        let missing = row.state == "sent"
            && told
            && (told_failed
                || (fate.read && !row.read)
                || (fate.delivered && !fate.skips_delivered && !row.delivered));
        if missing {
            self.reports_missing += 1;
            self.example(row, known, "a report is missing");
        }
    }

    fn count_unknown(&mut self, row: &Row, known: &Known) {
        if known.wamids.is_empty() {
            self.unknown_not_accepted += 1;
        } else if known.silenced {
            self.unknown_never_told += 1;
        } else {
            self.unknown_unsettled += 1;
            self.example(row, known, "a webhook should have settled it");
        }
    }
}

/// Judges a campaign that has ended, of so many people.
///
/// # Errors
///
/// If the database does not answer.
pub async fn judge(
    stage: &Stage,
    campaign: CampaignId,
    sandbox: &RunningSandbox,
    recipients: u32,
) -> Result<Verdict> {
    let rows: Vec<Row> = sqlx::query_as(
        "select r.ordinal, r.address, r.state, r.reason, r.provider_message_id,
                r.delivered_at is not null as delivered, r.read_at is not null as read
           from recipients r join dispatches d using (workspace_id, dispatch_id)
          where d.workspace_id = $1 and d.campaign_id = $2",
    )
    .bind(stage.workspace.uuid())
    .bind(campaign.uuid())
    .fetch_all(&stage.services.pool)
    .await?;
    let mut people = known(sandbox);
    let (ledger, behaviour) = (sandbox.ledger(), sandbox.behaviour());
    let mut verdict = Verdict {
        accepted: ledger.accepted,
        silenced: ledger.silenced,
        webhooks_wrong: ledger.webhooks.lost
            + ledger.webhooks.forgeries_believed
            + ledger.webhooks.undeliverable_events,
        ..Verdict::default()
    };
    for row in &rows {
        let digits = row.address.as_deref().unwrap_or_default().trim_start_matches('+');
        let known = people.remove(digits).unwrap_or_default();
        verdict.count(row, &known, &behaviour.fate_of(digits, Category::Marketing));
    }
    // Accepted for somebody of whom we know nothing, and people of whom there is no row.
    verdict.lost += people.len() as u64 + u64::from(recipients).saturating_sub(rows.len() as u64);
    verdict.accepted_twice = verdict.accepted_twice.max(ledger.repeated_callback_data);
    verdict.counts_wrong = counts_wrong(stage).await?;
    Ok(verdict)
}

/// The ledger by person.
fn known(sandbox: &RunningSandbox) -> HashMap<String, Known> {
    let silenced: HashSet<String> = sandbox.silenced().into_iter().collect();
    let mut people: HashMap<String, Known> = HashMap::new();
    let mut offset = 0;
    loop {
        let page = sandbox.messages(offset, PAGE);
        if page.is_empty() {
            return people;
        }
        offset += page.len();
        for message in page {
            let known = people.entry(message.recipient.clone()).or_default();
            known.silenced |= silenced.contains(&message.wamid);
            known.wamids.push(message.wamid.clone());
        }
    }
}

/// Dispatches whose counts are not those of their rows.
async fn counts_wrong(stage: &Stage) -> Result<u64> {
    let wrong: i64 = sqlx::query_scalar(
        "select count(*)
           from dispatches d
          cross join lateral (
                select count(*) as audience, count(*) filter (where r.state = 'pending') as pending,
                       count(*) filter (where r.state = 'sent') as sent, count(*) filter (where r.state = 'failed') as failed,
                       count(*) filter (where r.state = 'skipped') as skipped,
                       count(*) filter (where r.state = 'unknown') as unknown,
                       count(r.delivered_at) filter (where r.state = 'sent') as delivered,
                       count(r.read_at) filter (where r.state = 'sent') as read
                  from recipients r
                 where r.workspace_id = d.workspace_id and r.dispatch_id = d.dispatch_id) r
          where (d.audience, d.pending, d.sent, d.failed, d.skipped, d.unknown, d.delivered, d.read)
                is distinct from
                (r.audience, r.pending, r.sent, r.failed, r.skipped, r.unknown, r.delivered, r.read)",
    )
    .fetch_one(&stage.services.pool)
    .await?;
    Ok(u64::try_from(wrong)?)
}
