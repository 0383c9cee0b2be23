// What the stand-in for WhatsApp accepted, and how the people behind its numbers behave.
import { sandboxURL } from "./browser.mjs";

/** Ids and tokens of the world that the sandbox starts with; see crates/sandbox/src/seed.rs. */
export const world = {
  account: "200000000000001",
  otherAccount: "200000000000002",
  /** 80 messages a second. */
  number: "300000000000001",
  /** Also in the Business app: 20 a second. */
  slowNumber: "300000000000002",
  /** 1,000 a second. */
  fastNumber: "300000000000004",
  token: "sandbox-token",
  expiredToken: "sandbox-token-expired",
};

/** People in a hurry who do nothing by chance that a count could not follow. */
const brisk = {
  sent_after_ms: [5, 40],
  delivered_after_ms: [10, 150],
  read_after_ms: [30, 300],
  reply_after_ms: [50, 400],
  flush_after_ms: 20,
  failures: [{ code: 131026, share: 0.02 }],
  skip_delivered_share: 0,
};

/** Counts of everything that was accepted and reported since the sandbox started. */
export const ledger = () => ask("ledger");

/** Makes people answer within a second. */
export const hurry = () => ask("behaviour", "PATCH", brisk);

/** What will become of a marketing message to each of these people: the outcomes added up. */
export async function foretell(people) {
  const outcome = { submitted: 0, delivered: 0, read: 0, replied: 0, failed: 0, refused: 0 };
  for (const person of people) {
    const { fate } = await ask(`fate?to=${encodeURIComponent(person)}&category=MARKETING`);
    const failed = fate.refused !== null || fate.failure !== null;
    outcome.refused += Number(fate.refused !== null);
    outcome.failed += Number(failed);
    outcome.submitted += Number(!failed);
    outcome.delivered += Number(!failed && fate.delivered);
    outcome.read += Number(!failed && fate.read);
    outcome.replied += Number(!failed && fate.reply !== null);
  }
  return outcome;
}

/** How many more of each there are in the second ledger than in the first. */
export function since(before, after) {
  const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
  const reported = (what) => after.reported[what] - before.reported[what];
  return {
    accepted: after.accepted - before.accepted,
    refused: sum(after.refused) - sum(before.refused),
    failed: sum(after.reported.failed) - sum(before.reported.failed),
    delivered: reported("delivered"),
    read: reported("read"),
    replied: reported("inbound"),
    acceptedTwice: after.repeated_callback_data - before.repeated_callback_data,
  };
}

async function ask(path, method = "GET", body = undefined) {
  const response = await fetch(new URL(`/_sandbox/${path}`, sandboxURL), {
    method,
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${path}: ${await response.text()}`);
  return response.json();
}
