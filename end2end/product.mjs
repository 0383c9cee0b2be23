// What people do on the pages, in the words of the pages. Everything here works with and without script, unless it says
// otherwise, because each step is a form or a link.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { open, views } from "./browser.mjs";
import { hurry, world } from "./sandbox.mjs";

export const owner = {
  name: "Inês Duarte",
  email: "ines@brasa.example",
  password: "a bag of good coffee",
  workspace: "Brasa Coffee",
};

// The journeys of one run share a session, as sign-ins are few a minute. One of an earlier run is as good as none.
const sessionFile = join(tmpdir(), `fanfare-journeys-${userInfo().uid}.json`);

function session() {
  try {
    return JSON.parse(readFileSync(sessionFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** Opens a page signed in as the owner, on an installation that is set up: whichever journey comes first does it. */
export async function openAsOwner(browser, view = views.light, options = {}) {
  const opened = await open(browser, view, { storageState: session(), ...options });
  await opened.page.goto("/");
  const path = new URL(opened.page.url()).pathname;
  if (path === "/setup") await setUp(opened.page);
  if (path === "/login") await signIn(opened.page, owner);
  if (path !== "/") await keepSession(opened.context);
  return opened;
}

export async function keepSession(context) {
  writeFileSync(sessionFile, JSON.stringify(await context.storageState()), { mode: 0o600 });
}

/** Fills in the first page of an empty installation. */
export async function setUp(page) {
  await page.getByLabel("Your name").fill(owner.name);
  await page.getByLabel("Email").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByLabel("Workspace").fill(owner.workspace);
  await page.getByLabel("Time zone").selectOption("Europe/Lisbon");
  await page.getByLabel("Country").selectOption("PT");
  await page.getByRole("button", { name: "Create account and workspace" }).click();
  await heading(page, "Dashboard");
}

export async function signIn(page, { email, password }) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** Waits for the page with this heading. */
export async function heading(page, name) {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** A card of the page, by the id of its heading. */
export function card(page, id) {
  return page.locator(`section[aria-labelledby="${id}"]`);
}

/** Sends the form that connects a number; what comes then is the caller's to see. */
export async function sendNumber(page, { name, number = world.number, account = world.account, token = world.token }) {
  await page.goto("/channels/connect/whatsapp");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Phone number ID").fill(number);
  await page.getByLabel("WhatsApp Business account ID").fill(account);
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Check and connect" }).click();
}

/** Connects a number of the sandbox, unless a journey before did. */
export async function connectNumber(page, name, number) {
  await page.goto("/channels");
  if ((await sender(page, name).count()) > 0) return;
  await sendNumber(page, { name, number });
  await heading(page, "Channels");
  await sender(page, name).waitFor();
  await hurry();
}

/** The card of a sender on the page of channels. */
export function sender(page, name) {
  return page.getByRole("list", { name: "Senders" }).getByRole("listitem").filter({
    has: page.getByRole("heading", { name, exact: true }),
  });
}

/** Chooses a file in the wizard, which reads it in the browser, and waits until it has seen all of it. */
export async function readInWizard(page, file) {
  await page.goto("/contacts/import");
  await page.locator("leptos-island form").first().waitFor();
  await page.getByLabel("Drop a CSV file here").setInputFiles(file);
  await page.getByRole("button", { name: /^Import [\d,]+ contacts?$/ }).waitFor();
}

/** Uploads a file as browsers without script do, to the page that shows what it holds. */
export async function upload(page, file) {
  await page.goto("/contacts/import");
  await page.getByLabel("Drop a CSV file here").setInputFiles(file);
  await page.getByRole("button", { name: "Upload and check" }).click();
}

/** Brings a list of customers in, by plain forms. */
export async function importList(page, { file, counts }) {
  await upload(page, file);
  await page.getByRole("button", { name: `Import ${counts.people.toLocaleString("en-GB")} contacts` }).click();
  await heading(page, file.name);
}

/** The name that an import gives a list which gets no other. */
export const listOf = (file) => file.name.replace(/\.csv$/, "");

/** Goes through the steps of the composer, to the review. `waits` are the boxes to tick that make people wait. */
export async function compose(page, { name, sender, template, list, variables = [], undo = "0", waits = [] }) {
  await page.goto("/campaigns/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("radio", { name: sender }).check();
  await page.getByRole("button", { name: "Save and choose a template" }).click();
  await page.getByRole("radio", { name: template }).check();
  await page.getByRole("button", { name: "Save, next: audience" }).click();
  await page.getByRole("checkbox", { name: new RegExp(`^${list}`) }).check();
  if (variables.length === 0) {
    await page.getByRole("button", { name: "Save, next: schedule" }).click();
  } else {
    await page.getByRole("button", { name: "Save, next: variables" }).click();
    await fillVariables(page, variables);
    await page.getByRole("button", { name: "Save, next: schedule" }).click();
  }
  await page.getByLabel("After the button, the send can be taken back for").selectOption(undo);
  for (const wait of waits) {
    await page.getByRole("checkbox", { name: wait }).check();
  }
  await page.getByRole("button", { name: "Save, next: review" }).click();
  await page.getByRole("heading", { name: "Preflight" }).waitFor();
}

/** Fills the variables of a template, in their order: a field with what stands in for it, or a text for everybody. */
export async function fillVariables(page, variables) {
  for (const [position, { field, text }] of variables.entries()) {
    await page.locator(`[name="source_${position}"]`).selectOption({ label: field ?? "The same text for everybody" });
    await page.locator(`[name="text_${position}"]`).fill(text);
  }
}

/** Launches from the review, and comes to the live page. */
export async function launch(page) {
  await page.getByRole("button", { name: /^Send to / }).click();
  await page.waitForURL(/\/campaigns\/cmp_\w+$/);
}

/** The numbers of a live page. Read at one moment, or they would not belong together. */
export function liveNumbers(page) {
  return page.locator("main").evaluate(readNumbers);
}

/** Waits until a live page with script shows these numbers, without a reload: by the changes of the page alone. */
export async function liveNumbersBecome(page, wanted, patienceMs = 60_000) {
  const shown = await page.evaluate(`(${follow})(${JSON.stringify(wanted)}, ${patienceMs}, ${readNumbers})`);
  assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, shown[name]])), wanted);
  return shown;
}

function follow(wanted, patienceMs, read) {
  const main = document.querySelector("main");
  return new Promise((resolve) => {
    const look = () => {
      const numbers = read(main);
      if (Object.entries(wanted).every(([name, number]) => numbers[name] === number)) resolve(numbers);
    };
    new MutationObserver(look).observe(main, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => resolve(read(main)), patienceMs);
    look();
  });
}

function readNumbers(main) {
  const number = (text) => Number((text ?? "").replace(/\D/g, ""));
  const progress = main.querySelector('[aria-labelledby="progress"]');
  const numbers = {};
  for (const step of main.querySelectorAll('[aria-labelledby="funnel"] .funnel li')) {
    numbers[step.querySelector(".k").textContent.trim().toLowerCase()] = number(step.querySelector(".v").textContent);
  }
  let ledger = 0;
  for (const part of progress.querySelectorAll(".legend li:not(.push)")) {
    const people = number(part.querySelector(".num").textContent);
    const label = part.textContent.replace(part.querySelector(".num").textContent, "").trim().toLowerCase();
    if (label === "failed" || label === "skipped" || label === "unknown") numbers[label] = people;
    ledger += people;
  }
  const bar = progress.querySelector('[role="progressbar"]');
  const handled = Number(bar.getAttribute("aria-valuenow"));
  return {
    failed: 0,
    skipped: 0,
    unknown: 0,
    ...numbers,
    ledger,
    handled,
    settled: handled + (numbers.skipped ?? 0),
    reachable: Number(bar.getAttribute("aria-valuemax")),
    state: main.querySelector(".page-head .chip").textContent.trim(),
    addsUp: /Adds up to/.test(progress.querySelector(".legend").textContent),
  };
}
