// A Chromium for the journeys: one browser, and a context for each way of looking at a page.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

/** Where the product under test answers. */
export const baseURL = required("FANFARE_E2E_BASE_URL");
/** Where the stand-in for the outside world answers. */
export const sandboxURL = required("FANFARE_E2E_SANDBOX_URL");

// It may run as root, without a display, and makes no calls of its own.
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Every way a page is looked at: as most people do, at night, on a phone, and without JavaScript. */
export const views = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true },
  plain: { viewport: { width: 1280, height: 860 }, colorScheme: "light", javaScriptEnabled: false },
};

/** Starts a browser with an empty profile; it is gone with `close()`. */
export function launch() {
  return chromium.launch({ executablePath: required("CHROMIUM_PATH"), args: flags });
}

/**
 * Opens a page in one of the `views`. What it complains about collects in `complaints`: errors and warnings on the
 * console (violations of the content security policy are among them), uncaught exceptions, and answers of 500 and up.
 */
export async function open(browser, view = views.light, options = {}) {
  const context = await browser.newContext({ baseURL, locale: "en-GB", ...view, ...options });
  // Nothing here takes longer unless it hangs.
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // What a page fetches ahead for its script is not used where none runs.
    const unused = view.javaScriptEnabled === false && /preload but not used/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !unused) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} from ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "no reason given";
    // A page that is left takes its open requests with it; a browser without JavaScript refuses to fetch any.
    const expected = reason === "net::ERR_ABORTED" || (reason === "csp" && view.javaScriptEnabled === false);
    if (!expected) complaints.push(`${reason} for ${request.url()}`);
  });
  return { context, page, complaints };
}

/**
 * What stands against the page for somebody with a screen reader or without a mouse, a line each; if rules are named, by
 * them alone.
 */
export async function accessibilityFaults(page, rules = undefined) {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(tags)).analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help} — ${node.target.join(" ")}`),
  );
}

/** Keeps a picture of the page for people to look at, if the run was asked for pictures. */
export async function picture(page, name) {
  const folder = process.env.FANFARE_E2E_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the journeys with: cargo xtask e2e`);
  return value;
}
