// Every page there is, as everybody may meet it: in light, in dark, on a phone, with the keyboard alone, and without
// script. New pages belong into `pagesOf`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchBrowser, open, picture, views } from "../browser.mjs";
import { customers } from "../files.mjs";
import { escapeFaults, faultsInDark, faultsOf, faultsOnPhone, keyboardFaults } from "../inspect.mjs";
import {
  card, compose, connectNumber, heading, importList, launch, liveNumbersBecome, openAsOwner, signIn, upload,
} from "../product.mjs";
import { world } from "../sandbox.mjs";

const sender = "Club line";
const visitors = customers("visitors.csv", { rows: 120, from: 60_000 });
const campaign = "A campaign with everything";
const draft = "A draft with variables";
const viewer = { name: "Vasco Leal", email: "vasco@brasa.example", password: "reads and nothing else" };

/** So many pages are looked at side by side; a browser has a process for each. */
const lookers = 2;

let browser;
let owner;
before(async () => {
  browser = await launchBrowser();
  // Without transitions a page is at once what it will be.
  owner = await openAsOwner(browser, { ...views.light, reducedMotion: "reduce" });
});
after(() => browser?.close());

/** Makes what the pages show: a finished campaign, a draft, an upload, people of every sort. */
async function furnish() {
  const plain = await openAsOwner(browser, views.plain);
  await connectNumber(plain.page, sender, world.fastNumber);
  await importList(plain.page, visitors);
  await plain.context.close();
  const { page } = owner;
  const chosen = { sender, list: "visitors" };
  await compose(page, { ...chosen, name: campaign, template: /^club_welcome / });
  await launch(page);
  await liveNumbersBecome(page, { handled: visitors.reached.length });
  const launched = new URL(page.url()).pathname;
  const variables = [{ field: "First name", text: "there" }, { text: "40" }];
  const waits = [/^Write to nobody in these hours/, /^Send to the first people first/];
  await compose(page, { ...chosen, name: draft, template: /^loyalty_points.* · en · /, variables, waits });
  const drafted = new URL(page.url()).pathname;
  return { launched, drafted };
}

async function addressOf(page, path, link) {
  await page.goto(path);
  const { pathname, search } = new URL(await link(page).first().getAttribute("href"), page.url());
  return pathname + search;
}

/** An upload that waits for its columns to be mapped. */
async function uploaded() {
  const plain = await openAsOwner(browser, views.plain);
  await upload(plain.page, customers("waiting.csv", { rows: 60, from: 70_000 }).file);
  await heading(plain.page, "Import contacts");
  const { pathname } = new URL(plain.page.url());
  await plain.context.close();
  return pathname;
}

/** Invites somebody who may only read; the link of the invitation, as it is shown once. */
async function invited() {
  const { page } = owner;
  await page.goto("/settings/team");
  await page.getByLabel("Name").fill(viewer.name);
  await page.getByLabel("Email").fill(viewer.email);
  await page.getByLabel("Role").selectOption({ label: "Viewer" });
  await page.getByRole("button", { name: "Add" }).click();
  const link = await page.getByLabel("Invitation link").inputValue();
  return new URL(link).pathname;
}

async function pagesOf() {
  const { launched, drafted } = await furnish();
  const { page } = owner;
  const main = (name) => (page) => page.getByRole("main").getByRole("link", { name });
  const contact = await addressOf(page, "/contacts", (page) => card(page, "people").locator("tbody a"));
  const list = await addressOf(page, "/contacts/lists", (page) => card(page, "lists").locator("tbody a.main"));
  const account = await addressOf(page, "/channels", main(`Details of ${sender}`));
  const template = await addressOf(page, "/templates", (page) => page.locator('main a[href^="/templates/"]'));
  const report = await addressOf(page, "/contacts/imports", main(visitors.file.name));
  const member = await addressOf(page, "/settings/team", (page) => page.locator('a[href*="?remove="]'));
  const listId = new URLSearchParams(list.split("?")[1]).get("list");
  const draftId = drafted.split("/")[2];
  const steps = ["sender", "template", "audience", "variables", "schedule", "review"];
  const shown = ["all", "failed", "unknown"];
  return [
    ["/"],
    ["/campaigns"],
    ["/campaigns?state=draft"],
    ["/campaigns?q=nothing+is+called+so"],
    [`/campaigns?delete=${draftId}`],
    ["/campaigns/new"],
    ...steps.map((step) => [`${drafted}?step=${step}`]),
    [`${drafted}?step=review&sample=2`],
    ...shown.map((state) => [`${launched}?show=${state}`]),
    ...["failed", "unknown"].map((what) => [`${launched}/retry?what=${what}`]),
    ["/contacts"],
    [`/contacts?list=${listId}`],
    ["/contacts?q=nobody+is+called+so"],
    ["/contacts/new"],
    ["/contacts/lists"],
    [`/contacts/lists?rename=${listId}`],
    [`/contacts/lists?delete=${listId}`],
    ["/contacts/imports"],
    [report],
    ["/contacts/import"],
    [await uploaded()],
    ["/contacts/suppressions"],
    ["/contacts/suppressions?q=%2B999"],
    [contact],
    [`${contact}?delete=ask`],
    [`${contact}/edit`],
    ["/templates"],
    ["/templates?q=nothing+is+called+so"],
    [template],
    ["/channels"],
    ["/channels/connect/whatsapp"],
    [account],
    [`${account}/disconnect`],
    ["/settings"],
    ["/settings/workspace"],
    ["/settings/team"],
    [member],
    ["/nowhere", 404],
    [`/campaigns/${listId}`, 404],
  ].map(([path, status = 200]) => ({ path, status }));
}

test("every page of the owner", { concurrency: lookers }, async (t) => {
  const pages = await pagesOf();
  assert.deepEqual(owner.complaints, [], "while the pages were furnished");
  const free = [];
  for (let looker = 0; looker < lookers; looker++) {
    const scripted = await openAsOwner(browser, { ...views.light, reducedMotion: "reduce" });
    free.push({ scripted, plain: await openAsOwner(browser, views.plain) });
  }
  const looks = pages.map(({ path, status }) =>
    t.test(`${path.replace(/\w{30,}/, "…")} (${status})`, async () => {
      const { scripted, plain } = free.pop();
      try {
        await look(scripted, plain, path, status);
      } finally {
        free.push({ scripted, plain });
      }
    }),
  );
  await Promise.all(looks);
});

test("every page of a person who may only read, and of strangers", async (t) => {
  const invitation = await invited();
  const stranger = await open(browser, { ...views.light, reducedMotion: "reduce" });
  const plain = await open(browser, views.plain);
  for (const [path, status] of [
    ["/login", 200],
    ["/nowhere", 404],
    [invitation, 200],
    ["/invitation/no-such-invitation", 200],
  ]) {
    await t.test(`${path.replace(/\w{30,}/, "…")} (${status}), signed out`, () => look(stranger, plain, path, status));
  }
  const { page } = stranger;
  await page.goto(invitation);
  await page.getByLabel("New password").fill(viewer.password);
  await page.getByRole("button", { name: "Save password and sign in" }).click();
  await heading(page, "Dashboard");
  await plain.page.goto("/login");
  await signIn(plain.page, viewer);
  for (const [path, status] of [
    ["/contacts/import", 403],
    ["/channels/connect/whatsapp", 403],
    ["/campaigns/new", 403],
    ["/contacts", 200],
    ["/channels", 200],
  ]) {
    await t.test(`${path} (${status}), viewer`, () => look(stranger, plain, path, status));
  }
});

// A browser says on the console that a page came with 404 or 403; that it does is wanted.
const expected = (complaint) => !/Failed to load resource: .* a status of 40[34]/.test(complaint);

async function look(opened, plain, path, status) {
  const { page, complaints } = opened;
  const response = await page.goto(path);
  assert.equal(response.status(), status);
  const faults = await faultsOf(page);
  faults.push(...(await faultsInDark(page)), ...(await faultsOnPhone(page)));
  faults.push(...(await keyboardFaults(page)), ...(await escapeFaults(page)));
  assert.deepEqual([...faults, ...complaints.splice(0).filter(expected)], []);
  // The same words without script, as far as they are there from the beginning.
  const answer = await plain.page.goto(path);
  assert.equal(answer.status(), status, "without script");
  const title = await plain.page.getByRole("heading", { level: 1 }).innerText();
  assert.equal(title, await page.getByRole("heading", { level: 1 }).innerText());
  assert.ok(await plain.page.getByRole("main").isVisible());
  assert.deepEqual(plain.complaints.splice(0).filter(expected), [], "without script");
}

test("pictures of the pages on a phone and at night", async () => {
  const { page } = owner;
  for (const path of ["/", "/campaigns", "/contacts", "/templates", "/channels", "/settings/team"]) {
    await page.goto(path);
    const name = path === "/" ? "dashboard" : path.slice(1).replace("/", "-");
    await picture(page, `${name}-light`);
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, `${name}-phone`);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
});
