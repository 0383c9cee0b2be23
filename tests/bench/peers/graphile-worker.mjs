// graphile-worker: 50 at once, 500 fetched ahead, completions in batches.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { database, inFlight, messages, pool, prepare, report, send } from "./send.mjs";

const quiet = new Logger(() => () => {});
await prepare();
const utils = await makeWorkerUtils({ connectionString: database, logger: quiet });
await utils.migrate();
await pool.query(`select count(*) from graphile_worker.add_jobs((
  select array_agg(row('send', json_build_object('id', message_id, 'address', address, 'name', name),
                       null, null, null, null, null, null)::graphile_worker.job_spec)
    from peer_messages))`);
await utils.release();
await pool.query("vacuum analyze");

let left = messages;
let done;
const all = new Promise((resolve) => (done = resolve));
const started = performance.now();
const runner = await run({
  taskList: {
    send: async (job) => {
      await send(job);
      left -= 1;
      if (left === 0) done();
    },
  },
  preset: {
    worker: {
      connectionString: database,
      concurrentJobs: inFlight,
      maxPoolSize: 10,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: quiet,
    },
  },
  noHandleSignals: true,
});
await all;
const seconds = (performance.now() - started) / 1000;
await runner.stop();
await report("graphile-worker", seconds);
