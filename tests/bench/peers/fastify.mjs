// The usual webhook endpoint: checks the signature, inserts the event, updates the message, and then answers 200. One
// process for each core, as Node does it.
import cluster from "node:cluster";
import { createHmac, timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";
import Fastify from "fastify";
import pg from "pg";

const secret = process.env.PEER_APP_SECRET;
const connections = 16;

if (cluster.isPrimary) {
  const processes = availableParallelism();
  for (let started = 0; started < processes; started += 1) cluster.fork({ PEER_CONNECTIONS: connections / processes });
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.kill();
    process.exit(0);
  });
} else {
  const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL, max: Math.ceil(process.env.PEER_CONNECTIONS) });
  const app = Fastify({ logger: false });
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  app.get("/readyz", async () => "ready");
  app.post("/webhooks/whatsapp", async (request, reply) => {
    const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(request.body).digest("hex")}`);
    const given = Buffer.from(request.headers["x-hub-signature-256"] ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send();
    for (const entry of JSON.parse(request.body).entry) {
      for (const change of entry.changes) {
        for (const status of change.value.statuses ?? []) {
          await pool.query({
            name: "store",
            text: `with stored as (
                     insert into peer_events (provider_message_id, kind, occurred_at, payload)
                     values ($1, $2, to_timestamp($3), $4) on conflict do nothing)
                   update peer_statuses set state = $2, changed_at = now() where provider_message_id = $1`,
            values: [status.id, status.status, Number(status.timestamp), JSON.stringify(status)],
          });
        }
      }
    }
    return reply.code(200).send();
  });
  await app.listen({ host: "127.0.0.1", port: Number(process.env.PEER_PORT) });
}
