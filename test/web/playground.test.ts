import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "../support/axe.js";
import { startBrowser, type TestBrowser, type Watched } from "../support/browser.js";
import { startTestService, type TestService } from "../support/service.js";

let service: TestService;
let browser: TestBrowser;

beforeAll(async () => {
  service = await startTestService();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

async function open(): Promise<Watched> {
  const watched = await browser.open({ viewport: { width: 1400, height: 900 } });
  await watched.page.goto(`${service.url}/playground`);
  return watched;
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Open the Playground" }).click();
}

async function openPlayground(): Promise<Watched> {
  const watched = await open();
  await giveKey(watched.page, service.adminApiKey);
  await watched.page.locator(QUERY).getByText("tokens", { exact: true }).waitFor();
  return watched;
}

const QUERY = ".graphiql-query-editor";
const VARIABLES = ".graphiql-editor-tool";

const tab = (page: Page, name: string) => page.getByTitle(name, { exact: true });
async function openTab(page: Page, name: string): Promise<void> {
  await tab(page, name).click();
  await page.locator(QUERY).getByText(name, { exact: true }).waitFor();
}

const play = (page: Page) => page.getByRole("button", { name: /^Execute query/ });
const stop = (page: Page) => page.getByRole("button", { name: /^Stop query/ });
const answer = (page: Page) => page.locator(".graphiql-response .view-lines");

/** GraphiQL takes a moment to know the operation of a tab, and until then runs the one before. */
async function startWatching(page: Page): Promise<void> {
  const press = async () => {
    await play(page).click();
    await stop(page).waitFor({ timeout: 3_000 });
    return true;
  };
  await expect.poll(() => press().catch(() => false), { timeout: 40_000 }).toBe(true);
}

/** Empties an editor and puts the cursor there. */
async function clear(page: Page, editor: string): Promise<void> {
  await page.locator(editor).locator(".view-lines").first().click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
}

/** Types an operation; its tab is named after it once it is understood. */
async function type(page: Page, name: string, selection: string, kind = "query"): Promise<void> {
  await clear(page, QUERY);
  await page.keyboard.type(`${kind} ${name} ${selection}`);
  await tab(page, name).waitFor();
}

async function pasteVariables(page: Page, variables: object): Promise<void> {
  await clear(page, VARIABLES);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(variables));
  await page.keyboard.press("ControlOrMeta+V");
}

/** The editor shows spaces as no-break spaces. */
const seen = async (page: Page) => (await answer(page).innerText()).replaceAll("\u00a0", " ");
const soon = (page: Page) => expect.poll(() => seen(page), { timeout: 30_000 });

describe("the Playground", () => {
  it("opens with an admin's day in tabs, and room for a token file", async () => {
    const { page } = await openPlayground();
    await openTab(page, "AddToken");
    expect(await page.getByRole("tab").allInnerTexts()).toEqual(
      expect.arrayContaining([
        "WatchSynchronisations",
        "PlanDeployment",
        "Deploy",
        "TakeBackLicences",
        "LicenseReport",
      ]),
    );
    await expect.poll(() => page.locator(VARIABLES).innerText()).toContain('"file"');
  });

  it("runs a mutation that was typed, with the key of the session", async () => {
    const { page } = await openPlayground();
    const selection = '{ createCollection(input: { name: "Typed by hand", kind: DEVICE }) { collection { name } } }';
    await type(page, "Typed", selection, "mutation");
    await play(page).click();
    await soon(page).toContain('"name": "Typed by hand"');
    const { collections } = await service.api.ask<{ collections: { totalCount: number } }>(
      'query { collections(filter: { nameContains: "Typed by hand" }) { totalCount } }',
    );
    expect(collections.totalCount).toBe(1);
  });

  it("adds the token whose file is pasted, and shows its synchronisation as it goes", async () => {
    const watching = await openPlayground();
    await openTab(watching.page, "WatchSynchronisations");
    await startWatching(watching.page);
    const { page } = await openPlayground();
    await openTab(page, "AddToken");
    await pasteVariables(page, { file: service.apple.tokenFile, name: "Head office", contacts: [] });
    await play(page).click();
    await soon(page).toContain('"name": "Head office"');
    await soon(watching.page).toContain('"state": "SUCCEEDED"');
    await stop(watching.page).click();
    await play(watching.page).waitFor();
    expect(watching.errors).toEqual([]);
  });

  it("has the schema's documentation", async () => {
    const { page } = await openPlayground();
    await page.getByRole("button", { name: /Documentation Explorer/i }).click();
    await page.getByText("licenseReport").first().waitFor();
  });

  it("reaches no other host, and its console stays clean", async () => {
    const { page, errors, requests } = await openPlayground();
    await page.getByRole("button", { name: /Documentation Explorer/i }).click();
    await type(page, "Typed", "{ licenseReport { totals { apps } } }");
    await play(page).click();
    await soon(page).toContain('"apps"');
    expect(new Set(requests.map((request) => new URL(request).origin))).toEqual(new Set([service.url]));
    expect(errors).toEqual([]);
  });

  it("asks again, with the reason, when the key is wrong", async () => {
    const { page } = await open();
    await giveKey(page, "a-key-of-somebody-else");
    await expect
      .poll(() => page.getByRole("dialog").getByRole("alert").innerText(), { timeout: 30_000 })
      .toMatch(/^This .*key/);
    await giveKey(page, service.adminApiKey);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await type(page, "Typed", "{ __typename }");
    await play(page).click();
    await soon(page).toContain('"Query"');
  });

  it("keeps the key and what was typed in the session only, and nothing of it in the address", async () => {
    const { page } = await openPlayground();
    await type(page, "Typed", '{ tokens(filter: { nameContains: "typed-secret" }) { totalCount } }');
    await play(page).click();
    await soon(page).toContain('"totalCount"');
    const places = await page.evaluate(() => {
      const real = Object.getOwnPropertyDescriptor(Window.prototype, "localStorage")?.get?.call(window) as Storage;
      return {
        lasting: JSON.stringify({ ...real }),
        session: JSON.stringify({ ...sessionStorage }),
        address: location.href,
      };
    });
    expect(places.lasting).toBe("{}");
    expect(places.address).toBe(`${service.url}/playground`);
    expect(places.session).toContain(service.adminApiKey);
    await page.reload();
    await tab(page, "Typed").first().waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByLabel("API key", { exact: true }).waitFor();
    const left = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    for (const given of [service.adminApiKey, "typed-secret"]) expect(left).not.toContain(given);
  });

  it("asks for the key in a way that axe finds nothing against", async () => {
    const { page } = await open();
    await page.getByRole("dialog").waitFor();
    expect((await accessibilityFaults(page)).filter((fault) => !fault.includes("graphiql"))).toEqual([]);
  });
});
