// Somebody watches a slow campaign and steps in: pauses, resumes, cancels, and loses the connection on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchBrowser, picture, views } from "../browser.mjs";
import { customers } from "../files.mjs";
import { faultsInDark, faultsOf, faultsOnPhone } from "../inspect.mjs";
import { openLine } from "../line.mjs";
import {
  compose, connectNumber, importList, launch, listOf, liveNumbers, liveNumbersBecome, openAsOwner,
} from "../product.mjs";
import { foretell, ledger, since, world } from "../sandbox.mjs";

// 20 a second: long enough to step in, short enough to see the end.
const sender = "Roastery";
const regulars = customers("regulars.csv", { rows: 250, from: 20_000 });
const members = customers("members.csv", { rows: 400, from: 30_000 });
const template = /^club_welcome /;

let browser;
let owner;
let line;
before(async () => {
  browser = await launchBrowser();
  line = await openLine();
  owner = await openAsOwner(browser, { ...views.light, reducedMotion: "reduce" }, { baseURL: line.url });
  await connectNumber(owner.page, sender, world.slowNumber);
  const plain = await openAsOwner(browser, views.plain);
  for (const file of [regulars, members]) await importList(plain.page, file);
  assert.deepEqual(plain.complaints, []);
  await plain.context.close();
});
after(async () => {
  await browser?.close();
  line?.close();
});

test("a pause holds everybody who was not handed over yet, and the page stays exact", async () => {
  const { page } = owner;
  await compose(page, { name: "Welcome, regulars", sender, template, list: listOf(regulars.file) });
  await launch(page);
  await page.locator('[data-line="live"]').waitFor();
  await liveNumbersBecome(page, { state: "Sending" });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.getByText(/^Paused\. /).waitFor();
  const paused = await liveNumbersBecome(page, { state: "Paused by Inês" });
  assert.ok(paused.handled < paused.reachable, "it did not run on");
  assert.equal(paused.ledger, regulars.counts.people);
  assert.ok(paused.addsUp);
  for (const faults of [faultsOf, faultsInDark, faultsOnPhone]) assert.deepEqual(await faults(page), []);
  await picture(page, "live-paused");
});

test("cancelling asks first, and Escape keeps the campaign", async () => {
  const { page } = owner;
  await page.getByRole("link", { name: "Cancel send…" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel Welcome, regulars?" });
  await dialog.waitFor();
  assert.deepEqual(await faultsOf(page), []);
  await picture(page, "live-cancel-question");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Resume" }).waitFor();
});

test("a lost connection is said, and the numbers are exact when it is back", async () => {
  const { page } = owner;
  const expected = await foretell(regulars.reached);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("It goes on.").waitFor();
  await page.locator('[data-line="live"]').waitFor();
  await page.evaluate(() => {
    window.isStillThisPage = true;
  });
  line.cut();
  await page.locator('[data-line="lost"]').waitFor();
  await page.getByText("Connection lost").waitFor();
  const whileLost = await liveNumbers(page);
  await picture(page, "live-lost");
  // The sending goes on meanwhile, as somebody with a connection sees.
  const { refused: _, ...wanted } = expected;
  const other = await openAsOwner(browser);
  await other.page.goto(new URL(page.url()).pathname);
  await liveNumbersBecome(other.page, wanted);
  assert.deepEqual(await liveNumbers(page), whileLost, "a page without a connection stands still");
  line.mend();
  const shown = await liveNumbersBecome(page, { audience: regulars.counts.people, ...wanted });
  assert.deepEqual(await liveNumbers(other.page), shown);
  assert.deepEqual(other.complaints, []);
  await other.context.close();
  assert.equal(await page.evaluate(() => window.isStillThisPage), true, "without a reload");
  assert.equal(await page.getByText("Connection lost").isVisible(), false);
  assert.match(shown.state, /^Finished/);
  assert.equal(shown.handled, regulars.reached.length);
  assert.equal(shown.ledger, regulars.counts.people);
  // The browser itself reports each try to connect while there is no line.
  const complaints = owner.complaints.splice(0);
  assert.deepEqual(
    complaints.filter((complaint) => !/^console: WebSocket|ERR_(CONNECTION|EMPTY|SOCKET)/.test(complaint)),
    [],
  );
});

test("a cancelled campaign accounts for everybody, sent or not", async () => {
  const { page } = owner;
  const earlier = await ledger();
  await compose(page, { name: "Welcome, members", sender, template, list: listOf(members.file) });
  await launch(page);
  await page.locator('[data-line="live"]').waitFor();
  await liveNumbersBecome(page, { state: "Sending" });
  await page.getByRole("link", { name: "Cancel send…" }).click();
  await page.getByRole("button", { name: "Cancel send" }).click();
  const notice = await page.getByText(/^Cancelled\. [\d,]+ people will not get it\./).innerText();
  const withheld = Number(/[\d,]+/.exec(notice)[0].replaceAll(",", ""));
  assert.ok(withheld > 0, "it was cancelled while it ran");
  // What was on its way at that moment still arrives, as far as the worker could not hold it back.
  const everybody = members.counts.people;
  const shown = await liveNumbersBecome(page, { state: "Cancelled", settled: everybody });
  assert.ok(shown.skipped >= withheld + members.counts.optedOut, "whoever was told not to get it did not");
  assert.equal(shown.ledger, everybody);
  assert.ok(shown.addsUp);
  const { accepted, refused, acceptedTwice } = since(earlier, await ledger());
  assert.deepEqual([accepted + refused, acceptedTwice], [shown.handled, 0]);
  await picture(page, "live-cancelled");
  await page.goto("/campaigns?state=cancelled");
  await page.getByRole("link", { name: "Welcome, members" }).waitFor();
});

test("nothing was complained about on the way", () => {
  assert.deepEqual(owner.complaints, []);
});
