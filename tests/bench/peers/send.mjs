// What both queues do with one job: a call to Graph over a kept connection, then one durable update of the row.
import pg from "pg";
import { Agent, request } from "undici";

export const database = process.env.PEER_DATABASE_URL;
export const messages = Number(process.env.PEER_MESSAGES);
const graph = process.env.PEER_GRAPH_URL;
/** Calls on the wire at once. */
export const inFlight = 50;

const agent = new Agent({ connections: inFlight, pipelining: 1, keepAliveTimeout: 60_000 });
export const pool = new pg.Pool({ connectionString: database, max: inFlight });

/** The rows that are to be sent: what a campaign would have resolved. */
export async function prepare() {
  await pool.query("drop table if exists peer_messages");
  await pool.query(`create table peer_messages (
    message_id integer primary key, address text not null, name text not null, state text not null default 'pending',
    provider_message_id text, sent_at timestamptz) with (fillfactor = 60)`);
  await pool.query(
    `insert into peer_messages (message_id, address, name)
     select n, '+' || (351920000000 + n), 'Person ' || n from generate_series(1, $1::integer) n`,
    [messages],
  );
  await pool.query("analyze peer_messages");
}

/** Sends one message and records what was answered. */
export async function send({ id, address, name }) {
  const { statusCode, body } = await request(`${graph}/v24.0/300000000000001/messages`, {
    method: "POST",
    dispatcher: agent,
    headers: { authorization: "Bearer sandbox-token", "content-type": "application/json" },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: address,
      type: "template",
      biz_opaque_callback_data: `peer:${id}`,
      template: {
        name: "summer_iced",
        language: { code: "en" },
        components: [{ type: "body", parameters: [{ type: "text", text: name }] }],
      },
    }),
  });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  await pool.query({
    name: "record",
    text: "update peer_messages set state = 'sent', provider_message_id = $2, sent_at = now() where message_id = $1",
    values: [id, answer.messages[0].id],
  });
}

/** Everybody was sent to: prints the result, as every measurement does. */
export async function report(peer, seconds) {
  const { rows } = await pool.query("select count(*)::integer as sent from peer_messages where state = 'sent'");
  if (rows[0].sent !== messages) throw new Error(`${peer} sent ${rows[0].sent} of ${messages}`);
  await pool.end();
  await agent.close();
  console.log(JSON.stringify({ peer, value: Math.round(messages / seconds), seconds: Math.round(seconds * 1e3) / 1e3 }));
}
