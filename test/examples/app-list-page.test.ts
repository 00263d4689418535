import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SampleRows } from "../http/sample-rows.js";
import { API_KEY, startApi, type TestApi } from "../http/start-api.js";
import { startBrowser, type TestBrowser, type Watched } from "../support/browser.js";

const ROOT = fileURLToPath(new URL("../../examples/app-list", import.meta.url));
/** More than the page shows at once. */
const APPS = 30;

let api: TestApi;
let directory: string;
let server: PreviewServer;
let browser: TestBrowser;
let address: string;

beforeAll(async () => {
  api = await startApi();
  const rows = new SampleRows(api.dataSource);
  const token = await rows.token({ name: "Head office" });
  for (let at = 1; at < APPS; at += 1) await rows.storeApp(token, { name: `App ${String(at).padStart(2, "0")}` });
  await rows.storeApp(token, { name: "Zebra" });
  directory = await mkdtemp(join(tmpdir(), "allotment-app-list-page-"));
  await build({ root: ROOT, logLevel: "error", build: { outDir: directory, emptyOutDir: true } });
  server = await preview({
    root: ROOT,
    logLevel: "error",
    build: { outDir: directory },
    preview: { port: 0, host: "127.0.0.1", proxy: { "/graphql": { target: api.url, ws: true } } },
  });
  address = server.resolvedUrls?.local[0] ?? "";
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await api?.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(key = API_KEY): Promise<Watched> {
  const watched = await browser.open();
  await watched.page.goto(address);
  await watched.page.getByLabel("API key").fill(key);
  await watched.page.getByRole("button", { name: "Show apps" }).click();
  return watched;
}

const soon = <Seen>(look: () => Promise<Seen>) => expect.poll(look, { timeout: 30_000 });
const shown = (page: Page) => page.locator("li strong").allInnerTexts();

describe("the page of the app list", () => {
  it("shows a page of apps, and the rest at a press, and asks nobody but its service", async () => {
    const { page, errors, requests } = await open();
    await soon(() => shown(page)).toHaveLength(25);
    await page.getByRole("button", { name: "More" }).click();
    await soon(() => shown(page)).toHaveLength(APPS);
    expect(new Set(await shown(page)).size).toBe(APPS);
    expect(await page.getByRole("button", { name: "More" }).count()).toBe(0);
    expect(errors).toEqual([]);
    expect([...new Set(requests.map((request) => new URL(request).host))]).toEqual([new URL(address).host]);
  });

  it("finds apps by a part of the name, and says when there is none", async () => {
    const { page } = await open();
    await page.getByLabel("Search names").fill("zeb");
    await soon(() => shown(page)).toEqual(["Zebra"]);
    await page.getByLabel("Search names").fill("zebu");
    await page.getByText("No app is called so.").waitFor();
  });

  it("shows what is taken while somebody looks", async () => {
    const { page, errors } = await open();
    const counts = page.locator("li", { hasText: "App 07" }).locator(".counts");
    await soon(() => counts.innerText()).toBe("10 of 10 free");
    let held = 0;
    // The list is there before it is followed.
    await soon(async () => {
      held = (held % 9) + 1;
      await api.dataSource.query("UPDATE store_app SET held_count = $1 WHERE name = 'App 07'", [held]);
      return counts.innerText();
    }).not.toBe("10 of 10 free");
    expect(errors).toEqual([]);
  });

  it("says what is wrong with a key, and takes another", async () => {
    const { page } = await open("a-key-of-somebody-else");
    await soon(() => page.getByRole("alert").innerText()).toMatch(/key/);
    await page.getByRole("button", { name: "Change key" }).click();
    await page.getByLabel("API key").fill(API_KEY);
    await page.getByRole("button", { name: "Show apps" }).click();
    await soon(() => shown(page)).toHaveLength(25);
  });
});
