// What every page owes everybody: readable in light, dark and on a phone, with a screen reader and without a mouse.
import { accessibilityFaults } from "./browser.mjs";

const phone = { width: 390, height: 844 };

/** Faults of the page as it stands, a line each: for assistive technology, and in its outline. */
export async function faultsOf(page) {
  return [...(await accessibilityFaults(page)), ...(await outlineFaults(page)), ...(await overflow(page))];
}

/** The same at night, when only the colours differ. */
export async function faultsInDark(page) {
  await page.emulateMedia({ colorScheme: "dark" });
  const faults = await accessibilityFaults(page, ["color-contrast", "link-in-text-block"]);
  await page.emulateMedia({ colorScheme: "light" });
  return faults.map((fault) => `dark: ${fault}`);
}

/** The same as narrow as a phone. */
export async function faultsOnPhone(page) {
  const before = page.viewportSize();
  await page.setViewportSize(phone);
  const faults = [...(await accessibilityFaults(page)), ...(await overflow(page))];
  await page.setViewportSize(before);
  return faults.map((fault) => `phone: ${fault}`);
}

/** One heading that says what the page is, and a title in the tab. */
async function outlineFaults(page) {
  const headings = await page.locator("h1").count();
  const title = await page.title();
  return [
    ...(headings === 1 ? [] : [`outline: ${headings} headings of the first level`]),
    ...(/\S/.test(title.replace("Fanfare", "")) ? [] : [`outline: the title is ${JSON.stringify(title)}`]),
  ];
}

/** Whether the page as a whole can be moved sideways, and by what. */
export async function overflow(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => {
      const { right, width } = element.getBoundingClientRect();
      return width > 0 && right > clientWidth + 0.5;
    });
    const names = wide.map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`);
    return [`overflow: ${scrollWidth} wide on ${clientWidth}: ${[...new Set(names)].slice(0, 4).join(", ")}`];
  });
}

/**
 * What cannot be reached with the Tab key, or cannot be seen when it is. Tabs through the whole page and compares each
 * control with how it looked before it had the focus.
 */
export async function keyboardFaults(page) {
  const controls = await page.evaluate(rememberControls);
  const reached = new Set();
  const faults = [];
  // Twice around, because a page may put the focus somewhere in its middle, and the way around leads over the window.
  for (let stop = 0; stop < 2 * (controls.length + 2) && reached.size < controls.length; stop++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(focusedControl);
    if (seen === null || reached.has(seen.control)) continue;
    reached.add(seen.control);
    for (const other of seen.group) reached.add(other);
    if (!seen.changed) faults.push(`keyboard: the focus cannot be seen on ${controls[seen.control]}`);
  }
  const missed = controls.filter((_, control) => !reached.has(control));
  return [...faults, ...missed.map((name) => `keyboard: Tab does not reach ${name}`)];
}

function rememberControls() {
  const looks = (element) => {
    const { outline, boxShadow, borderColor, backgroundColor, textDecoration, opacity, clipPath, transform } =
      getComputedStyle(element);
    const { x, y, width } = element.getBoundingClientRect();
    return JSON.stringify([
      ...[outline, boxShadow, borderColor, backgroundColor, textDecoration, opacity, clipPath, transform],
      ...[x + scrollX, y + scrollY, width].map(Math.round),
    ]);
  };
  const around = (element) => [element, element.parentElement, element.parentElement?.parentElement].filter(Boolean);
  const selector = "a[href], button, input, select, textarea, summary, [tabindex]";
  document.activeElement?.blur();
  // What lies behind a question that must be answered is not to be reached.
  const place = document.querySelector("dialog:modal") ?? document;
  const all = [...place.querySelectorAll(selector)].filter((element) => {
    if (element.disabled || element.tabIndex < 0 || element.type === "hidden") return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
  });
  // The page keeps what it knows until it is left.
  window.controlsOfThisPage = { all, looks, around, before: all.map((element) => around(element).map(looks)) };
  return all.map((element) => {
    const words = element.getAttribute("aria-label") ?? element.innerText ?? element.name ?? "";
    return `${element.tagName.toLowerCase()} “${(words || element.name || element.id).trim().slice(0, 40)}”`;
  });
}

function focusedControl() {
  const { all, looks, around, before } = window.controlsOfThisPage;
  const control = all.indexOf(document.activeElement);
  if (control < 0) return null;
  // Radio buttons of one name are one stop; the arrow keys go between them.
  const { type, name } = document.activeElement;
  const isOfGroup = (other) => type === "radio" && other.type === type && other.name === name;
  const group = all.flatMap((other, index) => (isOfGroup(other) ? [index] : []));
  const now = around(document.activeElement).map(looks);
  return { control, group, changed: now.some((look, index) => look !== before[control][index]) };
}

/** Opens everything on the page that opens in place, closes it with Escape, and expects the focus back where it was. */
export async function escapeFaults(page) {
  const openers = page.locator("button[popovertarget]:visible, button[commandfor]:visible");
  if ((await page.locator("dialog:modal").count()) > 0) return [];
  const faults = [];
  for (const opener of await openers.all()) {
    const target = (await opener.getAttribute("popovertarget")) ?? (await opener.getAttribute("commandfor"));
    const name = (await opener.getAttribute("aria-label")) ?? (await opener.innerText());
    const panel = page.locator(`[id="${target}"]`);
    await opener.press("Enter");
    if (!(await panel.isVisible())) faults.push(`escape: Enter does not open “${name}”`);
    await page.keyboard.press("Escape");
    const isClosed = panel.waitFor({ state: "hidden", timeout: 1_000 });
    if (!(await isClosed.then(() => true, () => false))) faults.push(`escape: “${name}” stays open`);
    const isBack = await opener.evaluate((button) => button === document.activeElement);
    if (!isBack) faults.push(`escape: the focus is not back on “${name}”`);
  }
  return faults;
}
