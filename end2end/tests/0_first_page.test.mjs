// The product is up, and the first page a visitor meets is whole: in every view, without a complaint.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessibilityFaults, baseURL, launch, open, picture, views } from "../browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("the server says that it is alive and ready", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await fetch(new URL(path, baseURL));
    assert.equal(response.status, 200, path);
  }
});

for (const [name, view] of Object.entries(views)) {
  test(`the first page renders with its styles (${name})`, async () => {
    const { context, page, complaints } = await open(browser, view);
    try {
      const response = await page.goto("/", { waitUntil: "load" });
      assert.equal(response.status(), 200, `after redirects: ${response.url()}`);
      assert.ok(await page.locator("form").first().isVisible(), "a form to set up or to sign in");
      assert.ok(await page.locator("h1").first().isVisible(), "a heading");
      assert.deepEqual(await stylesInEffect(page), { sheets: 1, font: "Inter Variable" });
      await picture(page, `first-page-${name}`);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });

  // axe is itself a script.
  if (view.javaScriptEnabled === false) continue;

  test(`nobody is kept out of the first page (${name})`, async () => {
    const { context, page } = await open(browser, { ...view, bypassCSP: true });
    try {
      await page.goto("/", { waitUntil: "load" });
      assert.deepEqual(await accessibilityFaults(page), []);
    } finally {
      await context.close();
    }
  });
}

test("what browsers may keep for ever says so, and comes compressed", async () => {
  const page = await (await fetch(baseURL)).text();
  const files = [...page.matchAll(/\/pkg\/fanfare\.[0-9a-f]{16}\.(?:css|js|wasm)/g)].map(([path]) => path);
  assert.ok(files.length > 0, "the page names files with hashes");
  for (const path of new Set(files)) {
    const response = await fetch(new URL(path, baseURL), { headers: { "accept-encoding": "br" } });
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get("cache-control") ?? "", /immutable/, path);
    assert.equal(response.headers.get("content-encoding"), "br", path);
  }
});

async function stylesInEffect(page) {
  const sheets = await page.locator('link[rel="stylesheet"]').count();
  const font = await page.locator("body").evaluate((body) => getComputedStyle(body).fontFamily);
  return { sheets, font: font.split(",")[0].replaceAll('"', "") };
}
