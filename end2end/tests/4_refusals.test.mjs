// What cannot be used is refused with a sentence that helps, and leaves nothing behind. With script and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchBrowser, picture, views } from "../browser.mjs";
import { damaged, unusable } from "../files.mjs";
import { faultsOf } from "../inspect.mjs";
import {
  card, connectNumber, heading, listOf, openAsOwner, readInWizard, sender, sendNumber, upload,
} from "../product.mjs";
import { world } from "../sandbox.mjs";

let browser;
let scripted;
let plain;
before(async () => {
  browser = await launchBrowser();
  scripted = await openAsOwner(browser);
  plain = await openAsOwner(browser, views.plain);
});
after(() => browser?.close());

/** How many imports and lists there are. */
async function kept(page) {
  await page.goto("/contacts/imports");
  const imports = await card(page, "imports").locator("tbody tr").count();
  await page.goto("/contacts/lists");
  return { imports, lists: await card(page, "lists").locator("tbody tr").count() };
}

for (const { what, file, says } of unusable) {
  test(`the wizard refuses ${what}`, async () => {
    const { page } = scripted;
    const before = await kept(page);
    await page.goto("/contacts/import");
    await page.getByLabel("Drop a CSV file here").setInputFiles(file);
    const said = page.getByRole("alert").filter({ hasText: says });
    await said.waitFor();
    assert.equal(await page.getByRole("button", { name: /^Import \d/ }).count(), 0);
    if (what === "no column with a number") {
      assert.deepEqual(await faultsOf(page), []);
      await picture(page, "import-refused");
    }
    assert.deepEqual(await kept(page), before, "nothing was imported");
  });

  test(`an upload refuses ${what}`, async () => {
    const { page } = plain;
    const before = await kept(page);
    await upload(page, file);
    await page.getByRole("alert").filter({ hasText: says }).waitFor();
    assert.equal(await page.getByRole("button", { name: /^Import \d/ }).count(), 0);
    if (what === "no column with a number") await picture(page, "import-refused-plain");
    assert.deepEqual(await kept(page), before, "nothing was imported");
  });
}

for (const { what, file, people, line, says } of damaged) {
  test(`the wizard names the line of ${what}`, async () => {
    const { page } = scripted;
    const before = await kept(page);
    await readInWizard(page, file);
    await page.getByRole("button", { name: "Skipped 1" }).click();
    const row = card(page, "preview").locator("tbody tr");
    assert.match(await row.innerText(), new RegExp(`^${line}\\b`));
    assert.match(await row.innerText(), says);
    assert.deepEqual(await kept(page), before, "nothing was imported");
  });

  test(`a report names the line of ${what}`, async () => {
    const { page } = plain;
    await upload(page, file);
    await page.getByRole("button", { name: `Import ${people} contact` }).click();
    await heading(page, file.name);
    const row = card(page, "problems").locator("tbody tr");
    assert.match(await row.innerText(), new RegExp(`^${line}\\b`));
    assert.match(await row.innerText(), says);
    await page.goto("/contacts/lists");
    await page.getByRole("row").filter({ hasText: listOf(file) }).waitFor();
  });
}

test("a file that was chosen before the wizard was awake is read all the same", async () => {
  const { page } = scripted;
  let wake;
  const awake = new Promise((resolve) => {
    wake = resolve;
  });
  await page.route(/\/pkg\/wizard\..*\.wasm$/, async (route) => {
    await awake;
    await route.continue();
  });
  await page.goto("/contacts/import", { waitUntil: "commit" });
  await page.getByLabel("Drop a CSV file here").setInputFiles(damaged[0].file);
  wake();
  await page.getByRole("button", { name: "Import 1 contact" }).waitFor();
  await page.unroute(/\/pkg\/wizard\..*\.wasm$/);
});

test("without the wizard's module the page is still a form that uploads", async () => {
  const { context, page } = await openAsOwner(browser);
  await page.route(/\/pkg\/wizard\..*\.wasm$/, (route) => route.abort());
  await upload(page, damaged[0].file);
  await page.getByRole("button", { name: "Import 1 contact" }).waitFor();
  await page.getByText("uploaded, nothing saved yet").waitFor();
  await context.close();
});

const connections = [
  { what: "a token that Meta does not know", with: { token: "no-such-token" }, says: /does not accept this token/ },
  { what: "a token whose time is over", with: { token: world.expiredToken }, says: /Meta does not accept this token/ },
  { what: "the account of somebody else", with: { account: world.otherAccount }, says: /does not belong to this/ },
  { what: "a number that is none", with: { number: "300000000000999" }, says: /knows no number with this id/ },
];

for (const [way, opened] of [
  ["with script", () => scripted],
  ["without script", () => plain],
]) {
  for (const { what, with: wrong, says } of connections) {
    test(`connecting refuses ${what}, ${way}`, async () => {
      const { page } = opened();
      await sendNumber(page, { name: "Not to be", number: "300000000000003", ...wrong });
      await page.getByRole("alert").filter({ hasText: says }).waitFor();
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Not to be");
      assert.equal(await page.getByLabel("Access token").inputValue(), "", "a token does not come back");
      if (way === "with script") assert.deepEqual(await faultsOf(page), []);
      await page.goto("/channels");
      assert.equal(await sender(page, "Not to be").count(), 0, "nothing was stored");
    });
  }
}

test("a number is connected once", async () => {
  const { page } = scripted;
  await connectNumber(page, "Brasa Coffee");
  await sendNumber(page, { name: "Once more" });
  await page.getByRole("alert").filter({ hasText: "connected already, as “Brasa Coffee”" }).waitFor();
  await page.goto("/channels");
  assert.equal(await sender(page, "Once more").count(), 0);
});

test("nothing was complained about on the way", () => {
  assert.deepEqual([scripted.complaints, plain.complaints], [[], []]);
});
