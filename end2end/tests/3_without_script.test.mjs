// The same product in a browser that runs no script: every page is server HTML, every step a form.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchBrowser, picture, views } from "../browser.mjs";
import { customers } from "../files.mjs";
import {
  card, compose, connectNumber, heading, launch, liveNumbers, openAsOwner, upload,
} from "../product.mjs";
import { foretell, ledger, since, world } from "../sandbox.mjs";

const sender = "Club line";
const subscribers = customers("subscribers.csv", { rows: 200, from: 40_000 });
const list = "Subscribers without script";

let browser;
let plain;
before(async () => {
  browser = await launchBrowser();
  plain = await openAsOwner(browser, views.plain);
  await connectNumber(plain.page, sender, world.fastNumber);
});
after(() => browser?.close());

test("a file is uploaded, and its page shows what it holds", async () => {
  const { page } = plain;
  const { counts, problems } = subscribers;
  await upload(page, subscribers.file);
  await heading(page, "Import contacts");
  await page.getByText(`${counts.assumed} numbers have no country code and are taken for Portugal.`).waitFor();
  await page.getByText("uploaded, nothing saved yet").waitFor();
  await page.getByRole("link", { name: `Skipped ${counts.skipped}` }).click();
  const row = card(page, "preview").locator("tbody tr").first();
  assert.match(await row.innerText(), new RegExp(`^${problems[0].line}\\b`));
  assert.match(await row.innerText(), problems[0].problem);
  await picture(page, "import-mapped-plain");
});

test("its columns and its country can be changed and are checked again", async () => {
  const { page } = plain;
  const { counts } = subscribers;
  await page.getByRole("combobox", { name: "Points goes to" }).selectOption({ label: "Don’t import" });
  await page.getByLabel("Numbers without +").selectOption("none");
  await page.getByLabel("Name of the new list").fill(list);
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("button", { name: `Import ${counts.written} contacts` }).waitFor();
  assert.equal(await page.getByRole("combobox", { name: "Points goes to" }).inputValue(), "ignore");
  await page.getByLabel("Numbers without +").selectOption("PT");
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("button", { name: `Import ${counts.people} contacts` }).waitFor();
  assert.equal(await page.getByLabel("Name of the new list").inputValue(), list, "what was typed is still there");
});

test("a form that lacks something says what, and keeps the rest", async () => {
  const { page } = plain;
  await page.getByLabel("Yes, everybody in this file").check();
  await page.getByRole("button", { name: /^Import / }).click();
  await page.getByText("1 thing to fix").waitFor();
  await page.getByRole("alert").getByRole("link", { name: /Say where these people agreed/ }).click();
  assert.equal(await page.getByRole("combobox", { name: "Points goes to" }).inputValue(), "ignore");
  assert.equal(await page.getByLabel("Name of the new list").inputValue(), list);
  assert.equal(await page.getByLabel("Yes, everybody in this file").isChecked(), true);
});

test("the import reports what it did", async () => {
  const { page } = plain;
  const { counts } = subscribers;
  await page.getByLabel("Where they agreed").fill("Paper form in the shop");
  await page.getByRole("button", { name: /^Import / }).click();
  await heading(page, subscribers.file.name);
  const figures = (await card(page, "figures").innerText()).replace(/\s+/g, " ");
  assert.match(figures, new RegExp(`New contacts ${counts.people}.*Skipped ${counts.skipped}`));
  assert.match(figures, /Adds up to 200/);
  await page.getByRole("link", { name: "See the people" }).click();
  await heading(page, list);
});

test("a campaign is composed, reviewed, launched and read to its end", async () => {
  const { page } = plain;
  const { counts, reached } = subscribers;
  await compose(page, {
    name: "Points for everybody",
    sender,
    template: /^loyalty_points.* · en · /,
    list,
    variables: [
      { field: "First name", text: "there" },
      { text: "40" },
    ],
  });
  const summary = (await card(page, "summary").innerText()).replace(/\s+/g, " ");
  assert.match(summary, new RegExp(`Will get it ${reached.length} of ${counts.people} on the lists`));
  await picture(page, "review-plain");
  const expected = await foretell(reached);
  const earlier = await ledger();
  await launch(page);
  const { refused: _, ...wanted } = expected;
  await refreshUntil(page, wanted);
  const shown = await liveNumbers(page);
  assert.match(shown.state, /^Finished/);
  assert.deepEqual([shown.handled, shown.ledger, shown.addsUp], [reached.length, counts.people, true]);
  assert.equal(since(earlier, await ledger()).acceptedTwice, 0);
  await picture(page, "live-plain");
  await page.getByRole("navigation", { name: "Filter recipients" }).getByRole("link", { name: "Delivered" }).click();
  await card(page, "recipients").locator('[aria-current="true"]').filter({ hasText: "Delivered" }).waitFor();
});

test("a draft is deleted after a question that is a page", async () => {
  const { page } = plain;
  await page.goto("/campaigns/new");
  await page.getByLabel("Name", { exact: true }).fill("Never mind");
  await page.getByRole("radio", { name: sender }).check();
  await page.getByRole("button", { name: "Save and choose a template" }).click();
  await page.waitForURL("**/campaigns/*/compose?step=template");
  const id = new URL(page.url()).pathname.split("/")[2];
  await page.goto(`/campaigns?delete=${id}`);
  const question = page.getByRole("dialog", { name: "Delete the draft Never mind?" });
  await question.getByRole("link", { name: "Keep it" }).click();
  await question.waitFor({ state: "hidden" });
  await page.goto(`/campaigns?delete=${id}`);
  await page.getByRole("button", { name: "Delete draft" }).click();
  await page.getByText("Draft deleted").waitFor();
  assert.equal(await page.getByRole("link", { name: "Never mind" }).count(), 0);
});

test("nothing was complained about on the way", () => {
  assert.deepEqual(plain.complaints, []);
});

/** Follows the page's own link until it shows these numbers. */
async function refreshUntil(page, wanted) {
  for (let tries = 0; tries < 200; tries++) {
    const shown = await liveNumbers(page);
    if (Object.entries(wanted).every(([name, number]) => shown[name] === number)) return;
    await card(page, "funnel").getByRole("link", { name: "Refresh" }).click();
  }
  assert.deepEqual(await liveNumbers(page), wanted);
}
