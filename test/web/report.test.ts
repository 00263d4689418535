import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey } from "../http/create-key.js";
import { API_KEY, startApi, type TestApi } from "../http/start-api.js";
import { accessibilityFaults } from "../support/axe.js";
import { startBrowser, type TestBrowser, type Watched } from "../support/browser.js";
import { eventually } from "../support/eventually.js";
import { HEBREW_NAME, LONG_NAME, type SampleReport, writeSampleReport } from "./sample-report.js";

const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

let api: TestApi;
let sample: SampleReport;
let browser: TestBrowser;

beforeAll(async () => {
  api = await startApi();
  sample = await writeSampleReport(api);
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await api?.close();
});

async function open(options?: BrowserContextOptions): Promise<Watched> {
  const watched = await browser.open(options);
  await watched.page.goto(`${api.url}/report`);
  return watched;
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Show the report" }).click();
}

/** The report, read by whoever may. */
async function openReport(options?: BrowserContextOptions): Promise<Watched> {
  const watched = await open(options);
  await giveKey(watched.page, API_KEY);
  await watched.page.getByRole("button", { name: "Plain app 00" }).waitFor();
  return watched;
}

/** Keeps back what the page asks by an operation, until it is let go. */
async function keepBack(page: Page, operation: string): Promise<() => void> {
  let letGo = () => {};
  const kept = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await delay(page, operation, () => kept);
  return letGo;
}

async function delay(page: Page, operation: string, until: () => Promise<void>): Promise<void> {
  await page.route("**/graphql", async (route) => {
    if (route.request().postData()?.includes(`query ${operation}(`)) await until();
    // What was given up meanwhile needs none.
    await route.fallback().catch(() => undefined);
  });
}

/** What a page shows comes when it comes. */
const soon = <Seen>(look: () => Promise<Seen>) => expect.poll(look, { timeout: 30_000 });

const rowOf = (page: Page, name: string) => page.locator("tbody", { has: page.getByRole("button", { name }) });
const cellsOf = (page: Page, name: string) => rowOf(page, name).locator("tr:first-child td").allInnerTexts();
const namesIn = (page: Page) => page.locator(".app-name").allInnerTexts();
const search = (page: Page, text: string) => page.getByLabel("Search apps").fill(text);

describe("the key", () => {
  it("is asked for once a tab, kept for the session only, and forgotten when told so", async () => {
    const { page } = await openReport();
    await page.reload();
    await page.getByRole("button", { name: "Plain app 00" }).waitFor();
    const kept = await page.evaluate(() =>
      [JSON.stringify({ ...localStorage }), document.cookie, location.href].join(),
    );
    expect(kept).not.toContain(API_KEY);
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByLabel("API key", { exact: true }).waitFor();
    expect(await page.evaluate(() => ({ ...sessionStorage }))).toEqual({});
  });

  it("is tried once, refused with a reason when it is wrong, and asked for again", async () => {
    const { page, requests } = await open();
    await giveKey(page, "a-key-of-somebody-else");
    await soon(() => page.getByRole("alert").innerText()).toMatch(/^This .*key/);
    expect(requests.filter((request) => request.endsWith("/graphql"))).toHaveLength(1);
    await giveKey(page, API_KEY);
    await page.getByRole("button", { name: "Plain app 00" }).waitFor();
  });

  it("is asked for again when it is revoked, with the reason", async () => {
    const { page } = await open();
    const { id, key } = await createKey(api, { role: "VIEWER" });
    await giveKey(page, key);
    await page.getByText("Live", { exact: true }).waitFor();
    await api.ask("mutation ($apiKey: ID!) { revokeApiKey(input: { apiKey: $apiKey }) { apiKey { id } } }", {
      apiKey: id,
    });
    await page.getByLabel("API key", { exact: true }).waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("was revoked");
  });

  it("is taken with the spaces around it, and not sent at all when no request could carry it", async () => {
    const { page, requests } = await open();
    await giveKey(page, "a key – with a dash");
    expect(await page.getByLabel("API key", { exact: true }).evaluate((input) => input.matches(":invalid"))).toBe(true);
    expect(requests.filter((request) => request.endsWith("/graphql"))).toEqual([]);
    await giveKey(page, ` ${API_KEY} `);
    await page.getByRole("button", { name: "Plain app 00" }).waitFor();
  });
});

describe("the report", () => {
  it("shows the sums as licenseReport tells them", async () => {
    const { page } = await openReport();
    const { data } = await api.ask("{ licenseReport { totals { bought assigned free retired waiting } } }");
    const { totals } = (data as { licenseReport: { totals: Record<string, number> } }).licenseReport;
    await soon(async () =>
      (await page.locator(".figures dd").allInnerTexts()).map((text) => Number(text.replaceAll(",", ""))),
    ).toEqual([totals.bought, totals.assigned, totals.free, totals.retired, totals.waiting]);
  });

  it("shows each app's counts as numbers and as a bar, and no number where there is no limit", async () => {
    const { page } = await openReport();
    await search(page, "scarce");
    await rowOf(page, "Scarce app").waitFor();
    await soon(() => namesIn(page)).toEqual(["Scarce app"]);
    expect(await cellsOf(page, "Scarce app")).toEqual(["40", "38", "0", "3"]);
    const parts = await page.evaluate(() => {
      const widthOf = (part: string) =>
        document.querySelector(`.apps .bar ${part}`)?.getBoundingClientRect().width ?? 0;
      return { bought: widthOf(".bought"), used: widthOf(".used"), waiting: widthOf(".waiting") };
    });
    expect(parts.used / parts.bought).toBeCloseTo(38 / 40, 1);
    expect(parts.waiting / parts.bought).toBeCloseTo(3 / 40, 1);
    await search(page, "for all");
    await soon(() => namesIn(page)).toEqual(["Free for all"]);
    expect(await cellsOf(page, "Free for all")).toEqual(["no limit", "0", "no limit", "0"]);
  });

  it("shows a name as text, whatever it contains", async () => {
    const { page, errors } = await openReport();
    await search(page, "onerror");
    await soon(() => namesIn(page)).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(errors).toEqual([]);
  });

  it("says so when nothing is found", async () => {
    const { page } = await openReport();
    await search(page, "no such app");
    await page.getByText("No apps are called anything like “no such app”.").waitFor();
  });

  it("sorts by any column on the server, either way", async () => {
    const { page } = await openReport();
    const header = page.getByRole("columnheader", { name: "Free" });
    await header.getByRole("button").click();
    await soon(async () => (await namesIn(page))[0]).toBe("Scarce app");
    expect(await header.getAttribute("aria-sort")).toBe("ascending");
    await header.getByRole("button").click();
    await soon(async () => (await namesIn(page))[0]).toBe("Free for all");
    expect(await header.getAttribute("aria-sort")).toBe("descending");
  });

  it("shows a page before all are counted, and turns it once however often it is told to before the next one is there", async () => {
    const { page } = await open();
    const pages = page.getByRole("navigation", { name: "Pages of apps" });
    const count = await keepBack(page, "ReportAppCount");
    await giveKey(page, API_KEY);
    await pages.getByText("1–25 of … apps").waitFor();
    count();
    await pages.getByText("1–25 of 60 apps").waitFor();
    const read = await keepBack(page, "ReportApps");
    await pages.getByRole("button", { name: "Next" }).click();
    await pages.getByRole("button", { name: "Next" }).click();
    read();
    await pages.getByText("26–50 of 60 apps").waitFor();
  });

  it("loads one page at a time, forwards and backwards", async () => {
    const { page } = await openReport();
    const pages = page.getByRole("navigation", { name: "Pages of apps" });
    await pages.getByText("1–25 of 60 apps").waitFor();
    const first = await namesIn(page);
    await pages.getByRole("button", { name: "Next" }).click();
    await pages.getByText("26–50 of 60 apps").waitFor();
    await soon(() => namesIn(page)).not.toContain(first[0]);
    expect(await namesIn(page)).toHaveLength(25);
    await pages.getByRole("button", { name: "Next" }).click();
    await pages.getByText("51–60 of 60 apps").waitFor();
    await soon(() => pages.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
    await pages.getByRole("button", { name: "Previous" }).click();
    await pages.getByRole("button", { name: "Previous" }).click();
    await soon(() => namesIn(page)).toEqual(first);
  });

  it("shows the books, and the apps of one token", async () => {
    const { page } = await openReport();
    await page.getByRole("button", { name: "Only this token South" }).click();
    await soon(() => namesIn(page)).toEqual(["<img src=x onerror=alert(1)>"]);
    await page.getByRole("button", { name: "Only South" }).click();
    await page.getByText("of 60 apps").waitFor();
    await page.getByRole("combobox", { name: "Show" }).selectOption("BOOK");
    await page.getByText("There are no books.").waitFor();
  });

  it("draws the past of an app and where it leads, and has the same in words and numbers", async () => {
    const { page, errors } = await openReport();
    await search(page, "scarce");
    await soon(() => namesIn(page)).toEqual(["Scarce app"]);
    await page.getByRole("button", { name: "Scarce app" }).click();
    const chart = page.getByRole("img", { name: "Licences of Scarce app, day by day" });
    await chart.waitFor();
    expect(await chart.locator(".line-used path, path.line-used").count()).toBeGreaterThan(0);
    expect(await chart.locator(".line-forecast path, path.line-forecast").count()).toBeGreaterThan(0);
    await page.getByText("None is free, and somebody waits.").waitFor();
    await page.getByText("The same as numbers").click();
    const numbers = page.getByRole("region", { name: "Licences day by day" });
    expect(await numbers.locator("tbody tr").count()).toBe(81);
    expect(await numbers.locator("tbody tr").first().locator("td").allInnerTexts()).toEqual(["40", "38", "0", "3"]);
    expect(errors).toEqual([]);
  });

  it("shows the tokens that expire first, and what a locked one means", async () => {
    const { page } = await openReport();
    await soon(() => page.locator(".token h3").allInnerTexts()).toEqual(["North", "South", "Head office"]);
    const locked = page.locator(".token", { hasText: "South" });
    await locked.getByText("Revoked", { exact: true }).waitFor();
    await locked.getByText("Locked: nothing is read or changed at Apple.").waitFor();
    await locked.getByText("Upload the newer file with renewToken.").waitFor();
    await page.getByText("1 token is locked, and 1 token expires soon.").waitFor();
  });

  it("shows new counts when a synchronisation ends, without being asked", async () => {
    const { page } = await openReport();
    await page.getByText("Live", { exact: true }).waitFor();
    const app = await sample.rows.storeApp(sample.office, {
      name: "AAA first of all",
      totalCount: 3,
      availableCount: 3,
    });
    await sample.rows.syncRun(sample.office, { endedAt: new Date() });
    await page.getByRole("button", { name: "AAA first of all" }).waitFor();
    await api.dataSource.query("DELETE FROM store_app WHERE token_id = $1 AND id = $2", [app.tokenId, app.id]);
  });

  it("follows the counts of the apps that it shows, also where they change faster than they are answered", async () => {
    const { page } = await openReport();
    await page.getByText("Live", { exact: true }).waitFor();
    const recount = (count: number) =>
      api.dataSource.query("UPDATE store_app SET assigned_count = $1, held_count = $1 WHERE name = 'Plain app 00'", [
        count,
      ]);
    await recount(49);
    await soon(() => cellsOf(page, "Plain app 00")).toEqual(["50", "49", "1", "0"]);
    await recount(0);
    await soon(() => cellsOf(page, "Plain app 00")).toEqual(["50", "0", "50", "0"]);
    await delay(page, "ReportApps", () => sleep(2_000));
    let count = 0;
    await soon(async () => {
      count = (count % 50) + 1;
      await recount(count);
      return (await cellsOf(page, "Plain app 00"))[1];
    }).not.toBe("0");
    await recount(0);
  });

  it("says what is the matter when the service does not answer, and asks again when told to", async () => {
    const { page } = await openReport();
    await page.route("**/graphql", (route) => route.abort());
    await search(page, "scarce");
    const alert = page.getByRole("region", { name: "Apps" }).getByRole("alert");
    await alert.getByText("Allotment does not answer.").waitFor();
    expect(await namesIn(page)).toEqual([]);
    await page.unroute("**/graphql");
    await alert.getByRole("button", { name: "Try again" }).click();
    await soon(() => namesIn(page)).toEqual(["Scarce app"]);
  });

  it("is saved as the table of /report.csv", async () => {
    const { page } = await openReport();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^licence-report-\d{4}-\d\d-\d\d\.csv$/);
    expect((await readFile(await download.path(), "utf8")).trim().split("\r\n")).toHaveLength(61);
    await page.route("**/report.csv*", (route) => route.abort());
    await page.getByRole("button", { name: "Download CSV" }).click();
    await page.getByRole("alert").filter({ hasText: "Allotment does not answer." }).waitFor();
  });

  it("asks the API of this host and nothing else, and the console stays clean", async () => {
    const { page, errors, requests } = await openReport();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Plain app 00" }).click();
    await page.getByText("No forecast yet").waitFor();
    const origins = new Set(requests.map((request) => request.replace(/^ws/, "http").replace(/(:\d+)\/.*$/, "$1")));
    expect([...origins]).toEqual([api.url]);
    const paths = new Set(requests.map((request) => new URL(request).pathname));
    expect([...paths].sort()).toEqual(["/graphql", "/report"]);
    expect(errors).toEqual([]);
  });
});

describe("the report is for everybody", () => {
  const openAll = async (page: Page) => {
    await page.getByRole("columnheader", { name: "Free" }).getByRole("button").click();
    await page.getByRole("button", { name: "Scarce app" }).click();
    await page.getByRole("img", { name: /Scarce app/ }).waitFor();
    await page.getByText("The same as numbers").click();
  };

  it.each([
    ["light", {}],
    ["dark", { colorScheme: "dark" }],
    ["light on a phone", PHONE],
    ["dark on a phone", { ...PHONE, colorScheme: "dark" }],
  ] as const)("axe finds nothing against it: %s", async (_, options) => {
    const { page } = await open(options);
    expect(await accessibilityFaults(page)).toEqual([]);
    await giveKey(page, "a-key-of-somebody-else");
    await page.getByRole("alert").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await giveKey(page, API_KEY);
    await openAll(page);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it("fits the smallest phone without scrolling sideways, and leaves names the room there is", async () => {
    const { page } = await openReport({ ...PHONE, viewport: { width: 320, height: 640 } });
    await openAll(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const name = await page.getByRole("button", { name: LONG_NAME }).boundingBox();
    expect(name?.width).toBeGreaterThan(240);
  });

  it("shows a name in the direction it is read in", async () => {
    const { page } = await openReport();
    await search(page, HEBREW_NAME);
    await soon(() => namesIn(page)).toEqual([HEBREW_NAME]);
    const name = page.getByRole("button", { name: HEBREW_NAME }).getByText(HEBREW_NAME);
    expect(await name.evaluate((part) => getComputedStyle(part).direction)).toBe("rtl");
  });

  it("prints in light colours, without what cannot be pressed on paper, and axe finds nothing there", async () => {
    const { page } = await openReport({ colorScheme: "dark" });
    await openAll(page);
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("button", { name: /Print|Next|Download|Only this/ }).count()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(23, 33, 43)");
    await page.getByText("1–25 of 60 apps").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it("is used by keyboard alone", async () => {
    const { page } = await open();
    const { keyboard } = page;
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = (text: string) =>
      eventually(async () => {
        await keyboard.press("Tab");
        return (await focused()).startsWith(text) ? true : null;
      }, focused);
    await keyboard.press("Tab");
    await keyboard.type(API_KEY);
    await keyboard.press("Enter");
    await page.getByRole("button", { name: "Plain app 00" }).waitFor();
    await tabTo("Free");
    await keyboard.press("Enter");
    await soon(async () => (await namesIn(page))[0]).toBe("Scarce app");
    await tabTo("Scarce app");
    await keyboard.press("Enter");
    await page.getByRole("img", { name: /Scarce app/ }).waitFor();
    expect(await page.getByRole("button", { name: "Scarce app" }).getAttribute("aria-expanded")).toBe("true");
  });
});
