// Runs the SQL on standard input against XTASK_SQL_URL and prints the rows of its last statement as JSON.
import { text } from "node:stream/consumers";
import pg from "pg";

const client = new pg.Client({ connectionString: process.env.XTASK_SQL_URL });
try {
  await client.connect();
  const result = await client.query(await text(process.stdin));
  const last = Array.isArray(result) ? result.at(-1) : result;
  console.log(JSON.stringify(last?.rows ?? []));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client.end();
}
