import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type AppleSimulator, startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { controlApple, holdersAtApple } from "../support/control-apple.js";
import { copyDatabase, createTestDatabase, dataDirectoryOf, type TestDatabase } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { ask, loseDataDirectory, openSite, type Site } from "./backups.js";
import { healthBecomes, healthOf, readAll } from "./health.js";
import { addTarget, addToken, apps, changeAction, collectionNamed, deploy, importHolders, settled } from "./story.js";

const DEVICES = 4;
const RETURNED = "6440009001";
const OPEN = "6440009002";
const LONG = 120_000;

let original: TestDatabase;
let backup: Awaited<ReturnType<typeof copyDatabase>>;
let apple: AppleSimulator;
let directory: string;
let token: string;
let sites: Site[];

beforeEach(async () => {
  original = await createTestDatabase();
  await original.dataSource.destroy();
  apple = await startAppleSimulator({ apps: 2, licenses: 20, assigned: 6, domain: "allotment.example" });
  for (const adamId of [RETURNED, OPEN]) await controlApple(apple, "/purchase", { adamId, count: 10 });
  directory = await mkdtemp(join(tmpdir(), "allotment-restore-"));
  sites = [];
  await workUntilBackup();
}, LONG);

afterEach(async () => {
  for (const site of sites) await site.stop();
  await apple.stop();
  await backup.drop();
  await original.drop();
  await rm(directory, { recursive: true });
});

async function open(url: string, dataDirectory?: string): Promise<Site> {
  const site = await openSite(url, apple, dataDirectory);
  sites.push(site);
  return site;
}

async function close(site: Site): Promise<void> {
  sites = sites.filter((other) => other !== site);
  await site.stop();
}

/** One app is installed everywhere; another's association is under way at Apple when the backup is made. */
async function workUntilBackup(): Promise<void> {
  const site = await open(original.url);
  const settings = { world: directory, file: join(directory, "mock.json"), users: 0, devices: 0, userless: DEVICES };
  const target = await addTarget(site.api, "mock", { ...settings, installMs: 50 });
  token = await addToken(site.api, apple.tokenFile);
  await importHolders(site.api, target);
  const collection = await collectionNamed(site.api, "All devices");
  const [returned, opened] = await bothApps(site);
  const first = await deploy(site.api, { storeApp: returned, collection, target, licensing: "DEVICE" });
  await settled(site.api, first, ["INSTALLED"]);
  await controlApple(apple, "/switches", { eventDelayMs: 3_600_000 });
  await deploy(site.api, { storeApp: opened, collection, target, licensing: "DEVICE" });
  await openOperation(site);
  await close(site);
  backup = await copyDatabase(original.url);
  await controlApple(apple, "/switches", { eventDelayMs: 200 });
  await controlApple(apple, "/finish-events");
}

async function bothApps(site: Site): Promise<[string, string]> {
  const seen = await apps(site.api, token);
  const idOf = (adamId: string) => seen.find((app) => app.adamId === adamId)?.id ?? "";
  return [idOf(RETURNED), idOf(OPEN)];
}

/** Waits until Apple has taken an association that it has not done yet. */
function openOperation(site: Site): Promise<true> {
  return eventually(async () => {
    const found = await site.api.ask<{ appleOperations: { nodes: { state: string }[] } }>(
      "query { appleOperations(filter: { state: [SENT] }) { nodes { state } } }",
    );
    return found.appleOperations.nodes.length === 1 ? true : null;
  });
}

/** What happens at Apple after the backup: the first app is taken away everywhere, and everything is read once more. */
async function workOn(): Promise<void> {
  const site = await open(original.url);
  await healthBecomes(site.api, token, "ACTIVE");
  const found = await site.api.ask<{ deployments: { nodes: { id: string; storeApp: { adamId: string } }[] } }>(
    "query { deployments { nodes { id storeApp { adamId } } } }",
  );
  const idOf = (adamId: string) => found.deployments.nodes.find(({ storeApp }) => storeApp.adamId === adamId)?.id ?? "";
  await settled(site.api, idOf(OPEN), ["INSTALLED"]);
  await changeAction(site.api, idOf(RETURNED), "UNINSTALL");
  await settled(site.api, idOf(RETURNED), ["REMOVED"]);
  const epoch = epochAtApple().epoch;
  expect(await readAll(site.api, token)).toBe("SUCCEEDED");
  await eventually(async () => (epochAtApple().epoch > epoch ? true : null));
  await eventually(async () => ((await remembered(original.url)).epoch === epochAtApple().epoch ? true : null));
  await close(site);
}

function epochAtApple(): { epoch: number; instance: string } {
  return JSON.parse(apple.world.locations[0]?.mdmInfo?.metadata ?? "{}");
}

async function remembered(url: string): Promise<{ epoch: number }> {
  return JSON.parse(await readFile(join(dataDirectoryOf(url), "epoch.json"), "utf8"));
}

interface RunSeen {
  readonly mode: string;
  readonly trigger: string;
  readonly state: string;
  readonly endedAt: string | null;
}

/** Waits until a token that was distrusted is trusted again. @returns when everything had been read. */
async function trustedAgain(site: Site): Promise<string> {
  await healthBecomes(site.api, token, "ACTIVE");
  const { syncRuns } = await site.api.ask<{ syncRuns: { nodes: RunSeen[] } }>(
    "query { syncRuns(first: 50) { nodes { mode trigger state endedAt } } }",
  );
  const read = syncRuns.nodes.findLast(
    (run) => run.mode === "FULL" && run.trigger === "RECOVERY" && run.state === "SUCCEEDED",
  );
  if (!read?.endedAt) throw new Error(`Nothing was read in full: ${JSON.stringify(syncRuns.nodes)}`);
  return read.endedAt;
}

/** What was to change something at Apple since then, with the time of each. */
function postsSince(start: number): { path: string; at: string; body: unknown }[] {
  return apple.world.requests.entries
    .slice(start)
    .filter(({ method }) => method === "POST")
    .map(({ path, at, body }) => ({ path: path.replace(/^.*\/mdm\/v2/, ""), at, body }));
}

function adamIdsAtApple(): string[] {
  const assigned = [...(apple.world.locations[0]?.assignments.rows ?? [])].map(({ asset }) => asset.item.adamId);
  return [...new Set([...assigned, RETURNED, OPEN])];
}

/** Apple's holders and ours, by app, once both are the same and nothing is open. */
async function expectEqualHoldings(site: Site): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      const { licenses, appleOperations } = await site.api.ask<{
        licenses: { nodes: { holderKey: string; storeApp: { adamId: string } }[] };
        appleOperations: { totalCount: number };
      }>(
        `query { licenses(first: 500, filter: { state: [HELD] }) { nodes { holderKey storeApp { adamId } } }
                 appleOperations(filter: { state: [PENDING, SENDING, SENT, UNKNOWN, PAUSED] }) { totalCount } }`,
      );
      const adamIds = adamIdsAtApple();
      const ours = adamIds.map((adamId) =>
        licenses.nodes.flatMap(({ holderKey, storeApp }) => (storeApp.adamId === adamId ? holderKey : [])).sort(),
      );
      const theirs = adamIds.map((adamId) => holdersAtApple(apple, adamId));
      seen = { ours, theirs, open: appleOperations.totalCount };
      return JSON.stringify(ours) === JSON.stringify(theirs) && appleOperations.totalCount === 0 ? true : null;
    },
    () => seen,
  );
}

function restoredAlerts(site: Site): Promise<number> {
  return site.api
    .ask<{ alerts: { totalCount: number } }>(
      "query { alerts(filter: { kind: [DATABASE_RESTORED], open: true }) { totalCount } }",
    )
    .then(({ alerts }) => alerts.totalCount);
}

/** Nothing was written before everything was read, and what was open is looked up, not sent again. */
async function expectCarefulReturn(site: Site, start: number): Promise<void> {
  const readAt = await trustedAgain(site);
  await expectEqualHoldings(site);
  const posts = postsSince(start);
  expect(posts.filter(({ at }) => at < readAt)).toEqual([]);
  expect(posts[0]?.path).toBe("/client/config");
  const again = posts.filter(({ path, body }) => path === "/assets/associate" && JSON.stringify(body).includes(OPEN));
  expect(again).toEqual([]);
  expect(holdersAtApple(apple, OPEN)).toHaveLength(DEVICES);
  await eventually(async () => ((await restoredAlerts(site)) === 0 ? true : null));
}

it(
  "reads everything before it writes when a backup is put back, which the data directory knows",
  async () => {
    await workOn();
    const before = epochAtApple();
    const start = apple.world.requests.entries.length;
    const site = await open(backup.url, dataDirectoryOf(original.url));
    await expectCarefulReturn(site, start);
    expect(epochAtApple().epoch).toBeGreaterThan(before.epoch);
    expect(epochAtApple().instance).not.toBe(before.instance);
  },
  LONG,
);

it(
  "knows a backup that was put back by Apple's epoch alone, when neither data directory nor server tell",
  async () => {
    await workOn();
    await loseDataDirectory(original.url);
    await ask(
      backup.url,
      `UPDATE service_identity SET database_seen = split_part(database_seen, ':', 1) || ':' ||
         (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    const before = epochAtApple();
    const start = apple.world.requests.entries.length;
    const site = await open(backup.url);
    await eventually(async () => ((await restoredAlerts(site)) === 1 ? true : null));
    await expectCarefulReturn(site, start);
    expect(epochAtApple().epoch).toBeGreaterThan(before.epoch);
  },
  LONG,
);

it(
  "lets one of two living copies write, the other stops without a quarrel until somebody decides",
  async () => {
    await workOn();
    const first = await open(original.url);
    await healthBecomes(first.api, token, "ACTIVE");
    const start = apple.world.requests.entries.length;
    const second = await open(backup.url);
    await expectCarefulReturn(second, start);

    await readAll(first.api, token);
    const stopped = await healthBecomes(first.api, token, "CLAIMED_ELSEWHERE");
    expect(stopped.cause).toContain("copy of this installation");
    expect(stopped.remedy).toContain("takeOverToken");
    const claims = postsSince(0).filter(({ path }) => path === "/client/config").length;
    const mark = apple.world.requests.entries.length;
    for (const site of [first, second, first]) expect(await readAll(site.api, token)).toBe("SUCCEEDED");
    const instances = postsSince(mark).map(({ body }) => JSON.stringify(body));
    const own = epochAtApple().instance;
    expect(claims).toBeGreaterThan(0);
    expect(instances.filter((body) => !body.includes(own))).toEqual([]);
    expect((await healthOf(second.api, token)).state).toBe("ACTIVE");

    const { takeOverToken } = await first.api.ask<{ takeOverToken: { plan: { copy: boolean } } }>(
      "mutation ($token: ID!) { takeOverToken(input: { token: $token }) { plan { copy } } }",
      { token },
    );
    expect(takeOverToken.plan.copy).toBe(true);
    await healthBecomes(first.api, token, "ACTIVE");
    await readAll(second.api, token);
    await healthBecomes(second.api, token, "CLAIMED_ELSEWHERE");
    expect((await healthOf(first.api, token)).state).toBe("ACTIVE");
    expect(epochAtApple().instance).not.toBe(own);
  },
  LONG,
);
