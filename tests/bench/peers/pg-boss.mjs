// pg-boss: 5,000 fetched at once, 50 of them on the wire, completed together; the next ones are fetched meanwhile.
import { PgBoss } from "pg-boss";
import { database, inFlight, messages, pool, prepare, report, send } from "./send.mjs";

const BATCH = 5_000;
await prepare();
const boss = new PgBoss({ connectionString: database, max: 10, schedule: false, supervise: false });
boss.on("error", (error) => console.error(error.message));
await boss.start();
await boss.createQueue("send");
const { rows } = await pool.query("select message_id as id, address, name from peer_messages order by message_id");
for (let at = 0; at < rows.length; at += BATCH) {
  await boss.insert("send", rows.slice(at, at + BATCH).map((data) => ({ data })));
}
await pool.query("vacuum analyze");

async function sendAll(jobs) {
  let next = 0;
  const line = async () => {
    while (next < jobs.length) await send(jobs[next++].data);
  };
  await Promise.all(Array.from({ length: inFlight }, line));
}

const started = performance.now();
const completions = [];
let coming = boss.fetch("send", { batchSize: BATCH });
for (let left = messages; left > 0; ) {
  const jobs = await coming;
  if (jobs.length === 0) throw new Error(`${left} messages are not in the queue`);
  left -= jobs.length;
  if (left > 0) coming = boss.fetch("send", { batchSize: BATCH });
  await sendAll(jobs);
  completions.push(boss.complete("send", jobs.map((job) => job.id)));
}
await Promise.all(completions);
const seconds = (performance.now() - started) / 1000;
await boss.stop({ graceful: false });
await report("pg-boss", seconds);
