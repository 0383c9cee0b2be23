// The first hour with the product: set up, connect, import, compose, send, and watch it to the end. With script, as
// most people have it, and on a database without a row.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchBrowser, open, picture } from "../browser.mjs";
import { customers } from "../files.mjs";
import { faultsOf } from "../inspect.mjs";
import {
  card, compose, connectNumber, heading, keepSession, launch, liveNumbers, liveNumbersBecome, openAsOwner,
  readInWizard, sender, setUp,
} from "../product.mjs";
import { foretell, ledger, since } from "../sandbox.mjs";

const autumn = customers("autumn_customers.csv", { withSpecial: true });
const list = "Autumn customers";
const campaign = "Winter harvest, everybody";

let browser;
let owner;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

test("whoever comes first becomes the owner, and is led on", async () => {
  const opened = await open(browser);
  await opened.page.goto("/");
  if (new URL(opened.page.url()).pathname === "/setup") await setUp(opened.page);
  await keepSession(opened.context);
  await opened.context.close();
  owner = await openAsOwner(browser);
  await heading(owner.page, "Dashboard");
  await owner.page.getByText("0 of 4 done").waitFor();
  await picture(owner.page, "dashboard-first-steps");
});

test("before there is anything, each page says how to begin", async () => {
  const empty = [
    ["/campaigns", "Send your first campaign"],
    ["/campaigns/new", "No sender yet"],
    ["/contacts", "The people you write to"],
    ["/contacts/lists", "People you write to together"],
    ["/contacts/imports", "Nothing was imported yet"],
    ["/contacts/suppressions", "Nobody has opted out"],
    ["/templates", /./],
    ["/channels", "Connect the number that sends"],
  ];
  for (const [path, words] of empty) {
    await owner.page.goto(path);
    await owner.page.getByRole("main").getByText(words).first().waitFor();
    assert.deepEqual(await faultsOf(owner.page), [], path);
  }
});

test("a number is connected, and its templates are there", async () => {
  const { page } = owner;
  await connectNumber(page, "Brasa Coffee");
  await page.getByText("Brasa Coffee is connected, and its templates were read").waitFor();
  assert.match(await sender(page, "Brasa Coffee").innerText(), /\+351 910 000 187/);
  await picture(page, "channels-connected");
  await page.goto("/templates");
  for (const name of ["winter_harvest", "loyalty_points", "order_ready"]) {
    await page.getByRole("main").getByText(name).first().waitFor();
  }
});

test("the wizard says what a file holds before anything leaves the browser", async () => {
  const { page } = owner;
  const posted = [];
  page.on("request", (request) => request.method() === "POST" && posted.push(request.url()));
  await readInWizard(page, autumn.file);
  const { counts } = autumn;
  const goesTo = (heading) => page.getByRole("combobox", { name: `${heading} goes to` });
  assert.deepEqual(
    await Promise.all(["Name", "Mobile", "City", "Newsletter"].map((heading) => goesTo(heading).inputValue())),
    ["name", "phone", "attribute:city", "consent"],
  );
  const note = `${counts.assumed} numbers have no country code and are taken for Portugal.`;
  await page.getByText(note).waitFor();
  await page.getByText(`Spain ${counts.written}`).waitFor();
  await page.getByText("Portugal assumed").first().waitFor();
  await page.getByRole("button", { name: `Skipped ${counts.skipped}` }).click();
  for (const { line, problem } of autumn.problems.slice(0, 2)) {
    const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: String(line), exact: true }) });
    assert.match(await row.first().innerText(), problem);
  }
  await picture(page, "import-preview");
  assert.deepEqual(posted, [], "nothing was sent yet");
});

test("another mapping and another country are checked at once", async () => {
  const { page } = owner;
  const { counts } = autumn;
  await page.getByRole("combobox", { name: "Points goes to" }).selectOption({ label: "Don’t import" });
  await page.getByLabel("Numbers without +").selectOption("none");
  // Without a country only those who wrote theirs can be reached.
  await page.getByRole("button", { name: `Import ${counts.written} contacts` }).waitFor();
  await page.getByLabel("Numbers without +").selectOption("PT");
  await page.getByRole("button", { name: `Import ${counts.people} contacts` }).waitFor();
});

test("the import does what its preview said", async () => {
  const { page } = owner;
  const { counts, problems } = autumn;
  await page.getByLabel("Name of the new list").fill(list);
  await page.getByLabel("Yes, everybody in this file").check();
  await page.getByLabel("Where they agreed").fill("Paper form in the shop");
  await page.getByLabel("Wording they saw").fill("Yes, send me news about coffee over WhatsApp.");
  await page.getByRole("button", { name: `Import ${counts.people} contacts` }).click();
  await heading(page, autumn.file.name);
  const figures = await card(page, "figures").innerText();
  for (const [label, count] of [
    ["New contacts", counts.people],
    ["Same person again", counts.repeated],
    ["Skipped", counts.skipped],
  ]) {
    assert.match(figures.replace(/\s+/g, " "), new RegExp(`${label} ${count}`));
  }
  assert.match(figures, /Adds up to 1,000/);
  const first = card(page, "problems").locator("tbody tr").first();
  assert.match(await first.innerText(), new RegExp(`^${problems[0].line}\\b`));
  await picture(page, "import-report");
  await page.getByRole("link", { name: "See the people" }).click();
  await heading(page, list);
});

test("the composer leads to a review that counts everybody", async () => {
  const { page } = owner;
  await compose(page, {
    name: campaign,
    sender: "Brasa Coffee",
    template: /^winter_harvest.* · en · /,
    list,
    variables: [
      { field: "City", text: "your city" },
      { field: "First name", text: "there" },
      { text: "20%" },
      { text: "30 November" },
      { field: "City", text: "shop" },
    ],
  });
  const { counts, reached } = autumn;
  const summary = (await card(page, "summary").innerText()).replace(/\s+/g, " ");
  assert.match(summary, new RegExp(`Will get it ${reached.length} of ${counts.people} on the lists`));
  assert.match(summary, /80 a second/);
  const preflight = (await card(page, "preflight").innerText()).replace(/\s+/g, " ");
  assert.match(preflight, /Nothing blocks/);
  assert.match(preflight, new RegExp(`${counts.optedOut} people will be skipped`));
  await picture(page, "review");
});

test("a double click sends it once, and the live page follows it to the end", async () => {
  const { page } = owner;
  const { counts, reached } = autumn;
  const expected = await foretell(reached);
  const earlier = await ledger();
  await page.getByRole("button", { name: `Send to ${reached.length} people` }).dblclick();
  await page.waitForURL(/\/campaigns\/cmp_\w+$/);
  await page.evaluate(() => {
    window.isStillThisPage = true;
  });
  await page.locator('[data-line="live"]').waitFor();
  const midway = await liveNumbers(page);
  assert.ok(midway.handled < reached.length, "it is watched while it runs");
  assert.ok(midway.addsUp, "and adds up at every moment");
  await picture(page, "live-running");
  const { refused: _, ...wanted } = expected;
  const shown = await liveNumbersBecome(page, { audience: counts.people, skipped: counts.optedOut, ...wanted });
  const unsettled = card(page, "recipients").locator("tbody tr").filter({ hasText: /Waiting|Being handed over/ });
  await unsettled.first().waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => window.isStillThisPage), true, "without a reload");
  assert.match(shown.state, /^Finished/);
  assert.deepEqual(
    { handled: shown.handled, reachable: shown.reachable, ledger: shown.ledger, unknown: shown.unknown },
    { handled: reached.length, reachable: reached.length, ledger: counts.people, unknown: 0 },
  );
  const said = since(earlier, await ledger());
  assert.deepEqual(said, {
    accepted: reached.length - expected.refused,
    refused: expected.refused,
    failed: expected.failed - expected.refused,
    delivered: expected.delivered,
    read: expected.read,
    replied: expected.replied,
    acceptedTwice: 0,
  });
  await picture(page, "live-finished");
  await page.goto("/campaigns");
  assert.equal(await page.getByRole("link", { name: campaign }).count(), 1, "one campaign from two clicks");
});

test("every number opens the people behind it", async () => {
  const { page } = owner;
  await page.goto("/campaigns");
  await page.getByRole("link", { name: campaign }).click();
  const numbers = await liveNumbers(page);
  for (const state of ["Failed", "Skipped", "Replied"]) {
    const pill = page.getByRole("navigation", { name: "Filter recipients" }).getByRole("link", { name: state });
    assert.equal(Number((await pill.innerText()).replace(/\D/g, "")), numbers[state.toLowerCase()], state);
    await pill.click();
    await card(page, "recipients").locator('[aria-current="true"]').filter({ hasText: state }).waitFor();
    const rows = card(page, "recipients").locator("tbody tr");
    assert.equal(await rows.count(), Math.min(numbers[state.toLowerCase()], 50), state);
    const chips = await rows.locator("td:nth-child(2)").allInnerTexts();
    assert.deepEqual([...new Set(chips.map((chip) => chip.trim()))], [state]);
  }
  await card(page, "recipients").locator("tbody tr").first().getByRole("link").click();
  await page.getByRole("heading", { name: /get WhatsApp campaigns\?/ }).waitFor();
});

test("whoever answered STOP gets nothing more, and is listed", async () => {
  const { page } = owner;
  await page.goto("/contacts/suppressions");
  await page.getByRole("main").getByText("+351 912 990 010").first().waitFor();
});

test("nothing was complained about on the way", () => {
  assert.deepEqual(owner.complaints, []);
});
