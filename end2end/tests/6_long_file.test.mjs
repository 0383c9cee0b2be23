// A long file is read beside the page, not in it: the page answers all the while.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch as launchBrowser } from "../browser.mjs";
import { many } from "../files.mjs";
import { card, openAsOwner } from "../product.mjs";

const rows = 200_000;
/** What people feel as a page that hangs. */
const longMs = 50;

let browser;
let folder;
before(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), "fanfare-journeys-"));
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test("200,000 rows are previewed, and no task keeps the page for long", async () => {
  const { page, complaints } = await openAsOwner(browser);
  // From the disk, as people do; handing the bytes over would itself keep the page busy.
  const path = join(folder, "long.csv");
  writeFileSync(path, many("long.csv", rows).buffer);
  // A machine that is busy otherwise stretches tasks now and then; reading the file in the page would each time.
  const readings = [];
  while (readings.length < 3 && !readings.some((long) => long.length === 0)) readings.push(await read(page, path));
  assert.deepEqual(readings.at(-1), [], `in each of ${readings.length} readings`);
  assert.deepEqual(complaints, []);
});

/** Has the wizard read the file; how long the tasks took that kept the page for long, in milliseconds. */
async function read(page, path) {
  await page.goto("/contacts/import", { waitUntil: "networkidle" });
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      window.longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)));
    }).observe({ type: "longtask" });
  });
  await page.getByLabel("Drop a CSV file here").setInputFiles(path);
  // The first rows are there before the last was read.
  await card(page, "preview").locator("tbody tr").first().waitFor();
  await page.getByRole("button", { name: "Import 200,000 contacts" }).waitFor();
  assert.match(await card(page, "tally").innerText(), /Ready\s+200,000/);
  return page.evaluate((longMs) => window.longTasks.filter((duration) => duration > longMs), longMs);
}
