import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AppleOperationHolder } from "../../src/entities/apple-operation.js";
import { AppleUserStatus } from "../../src/entities/apple-user.js";
import { CollectionKind } from "../../src/entities/collection.js";
import { InstallationState } from "../../src/entities/installation.js";
import { HolderKind, LicenseCause, LicenseState } from "../../src/entities/license.js";
import type { Node } from "../../src/entities/node.js";
import { ProductType, UNLIMITED } from "../../src/entities/store-app.js";
import type { Token } from "../../src/entities/token.js";
import { MOMENT, SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";

let api: TestApi;
let rows: SampleRows;
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
});
afterAll(() => api.close());

async function read(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { data, errors } = await api.ask(query, variables);
  expect(errors).toEqual([]);
  return data;
}

/** One app deployed to one device of one person, licensed to the person's registration. */
async function insertWorld() {
  const token = await rows.token();
  const storeApp = await rows.storeApp(token, { heldCount: 2 });
  const target = await rows.target();
  const user = await rows.user();
  const device = await rows.device({ userId: user.id });
  const appleUser = await rows.appleUser(token, { userId: user.id });
  const license = await rows.license(storeApp, {
    holderKind: HolderKind.USER,
    holderKey: appleUser.clientUserId,
    appleUserId: appleUser.id,
  });
  const deviceLicense = await rows.license(storeApp, { deviceId: device.id });
  const collection = await rows.collection({ kind: CollectionKind.USER });
  await rows.member(collection, user);
  const deployment = await rows.deployment(storeApp, target, collection);
  const installation = await rows.installation(deployment, {
    deviceId: device.id,
    userId: user.id,
    licenseId: license.id,
    state: InstallationState.INSTALLED,
  });
  const syncRun = await rows.syncRun(token);
  const stockChange = await rows.stockChange(storeApp);
  const appleOperation = await rows.appleOperation(storeApp);
  const { tokenId, id: operationId } = appleOperation;
  const holder = { tokenId, operationId, holderKind: HolderKind.USER, holderKey: appleUser.clientUserId };
  await api.dataSource.manager.save(Object.assign(new AppleOperationHolder(), holder));
  const objects = { token, storeApp, target, user, device, appleUser, license, collection, deployment, installation };
  return { ...objects, deviceLicense, syncRun, stockChange, appleOperation };
}

describe("node", () => {
  test("finds every kind of object again by the id that the API returned", async () => {
    const world: Record<string, Node> = await insertWorld();
    const [application] = await api.dataSource.query("SELECT token_id, id FROM application");
    const applicationId = Buffer.from(`Application:${application.token_id}:${application.id}`).toString("base64url");
    await api.dataSource.query(
      `INSERT INTO alert (id, kind, subject, message, raised_at) VALUES (gen_random_uuid(), 'COUNT_MISMATCH', 'x', 'y', $1)`,
      [MOMENT],
    );
    const { alerts } = (await read("{ alerts { edges { node { id } } } }")) as {
      alerts: { edges: { node: { id: string } }[] };
    };
    const ids = [...Object.values(world).map((node) => node.globalId), applicationId, alerts.edges[0]?.node.id];
    const QUERY = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const { nodes } = (await read(QUERY, { ids })) as { nodes: { __typename: string; id: string }[] };
    expect(nodes.map(({ id }) => id)).toEqual(ids);
    expect(new Set(nodes.map(({ __typename }) => __typename)).size).toBe(15);
    for (const id of ids)
      expect(await read("query ($id: ID!) { node(id: $id) { id } }", { id })).toEqual({ node: { id } });
  });

  test("refuses more than 500 ids at once", async () => {
    const answer = await api.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: Array(501).fill("x") });
    expect(answer.errors).toMatchObject([{ extensions: { code: "LIMIT_EXCEEDED" } }]);
  });
});

const EVERYTHING = `query ($id: ID!) {
  deployment(id: $id) {
    storeApp { name freeCount token { name health { state } syncRuns { edges { node { state token { id } } } } target { id } }
      licenses(filter: { holderKind: USER }) { totalCount edges { node { holderKey storeApp { id } device { id } appleUser { status token { id } } user { displayName } } } }
      deployments { totalCount } applications { totalCount } }
    application { storeApp { id } target { id } }
    collection { target { id } memberCount members { totalCount edges { node { __typename ... on User { devices { totalCount } appleUsers { status user { id } licenses { totalCount } } } } } } }
    target { plugin settings webhookUrl pluginInfo { displayName licenseAuthority settingsSchema } collections { totalCount } }
    installationCounts { state count }
    installations { edges { node { state deployment { id } storeApp { id } target { id } user { id } license { state }
      device { user { displayName } licenses { totalCount edges { node { device { id } user { id } } } } installations { totalCount } } } } }
  }
}`;

test("an object leads to all that belongs to it", async () => {
  const { deployment, device } = await insertWorld();
  expect(await read(EVERYTHING, { id: deployment.globalId })).toMatchObject({
    deployment: {
      storeApp: {
        freeCount: 8,
        token: { health: { state: "ACTIVE" }, syncRuns: { edges: [{ node: { state: "SUCCEEDED" } }] }, target: null },
        licenses: {
          totalCount: 1,
          edges: [
            { node: { device: null, appleUser: { status: "ASSOCIATED" }, user: { displayName: "Sample person" } } },
          ],
        },
        deployments: { totalCount: 1 },
        applications: { totalCount: 1 },
      },
      collection: {
        target: null,
        memberCount: 1,
        members: {
          totalCount: 1,
          edges: [
            { node: { __typename: "User", devices: { totalCount: 1 }, appleUsers: [{ licenses: { totalCount: 1 } }] } },
          ],
        },
      },
      target: {
        settings: { url: "https://mdm.example.com" },
        webhookUrl: expect.stringMatching(/^https:\/\/allotment\.example\.com\/targets\/[0-9a-f-]{36}\/webhook$/),
        pluginInfo: { displayName: "Sample MDM", settingsSchema: { properties: { password: { secret: true } } } },
      },
      installationCounts: [{ state: "INSTALLED", count: 1 }],
      installations: {
        edges: [
          {
            node: {
              license: { state: "HELD" },
              device: {
                licenses: { totalCount: 1, edges: [{ node: { device: { id: device.globalId }, user: null } }] },
                installations: { totalCount: 1 },
              },
            },
          },
        ],
      },
    },
  });
});

test("nothing that is sealed can be asked for", async () => {
  for (const field of ["tokens { edges { node { secret } } }", "targets { edges { node { secrets } } }"]) {
    expect((await api.ask(`{ ${field} }`)).errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  }
  await insertWorld();
  const { data } = await api.ask("{ targets { edges { node { settings } } } }");
  expect(JSON.stringify(data)).not.toContain("sealed");
});

test("a nested list costs the same number of statements however many rows there are", async () => {
  const QUERY = `{
    deployments(first: 500) { totalCount edges { node {
      storeApp { token { name } licenses(first: 2) { totalCount edges { node { user { displayName } device { name } } } } }
      collection { memberCount members(first: 2) { edges { node { ... on User { appleUsers { status } } } } } }
      target { collections(first: 2) { edges { node { name } } } }
      installationCounts { count }
      installations(first: 3) { edges { node { device { user { devices(first: 2) { edges { node { name } } } } } license { state } } } }
    } } }
    storeApps(first: 500) { nodes { warning stockChanges(first: 2) { nodes { totalAfter storeApp { name } } } } }
    appleUsers { nodes { user { displayName } token { name } } }
    appleOperations { edges { node { holders { outcome } storeApp { name } } } }
    licenseReport { apps { edges { node { waiting token { name } } } } }
  }`;
  const statements = async () => {
    const query = vi.spyOn(api.dataSource, "query");
    const data = await read(QUERY);
    const count = query.mock.calls.length;
    query.mockRestore();
    return { count, deployments: (data as { deployments: { totalCount: number } }).deployments.totalCount };
  };
  await insertWorld();
  const few = await statements();
  for (let world = 0; world < 10; world++) await insertWorld();
  const many = await statements();
  expect(many.deployments).toBe(few.deployments + 10);
  expect(many.count).toBe(few.count);
});

describe("the licence report", () => {
  test("sums what Apple lists, leaves unlimited items out of the totals, and says as of when", async () => {
    const token = await rows.token();
    const counts = { totalCount: 10, assignedCount: 4, availableCount: 5, retiredCount: 1, heldCount: 6 };
    const later = new Date(MOMENT.getTime() + 60_000);
    const app = await rows.storeApp(token, { name: "A", ...counts, countsAt: later });
    await rows.storeApp(token, { name: "B", totalCount: 3, availableCount: 3 });
    await rows.storeApp(token, { name: "C", totalCount: UNLIMITED, availableCount: UNLIMITED, heldCount: 2 });
    await rows.storeApp(token, { name: "D", totalCount: 100, unlistedAt: MOMENT });
    await rows.storeApp(token, { name: "E", totalCount: 7, availableCount: 7, productType: ProductType.BOOK });
    const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
    const device = await rows.device();
    await rows.installation(deployment, { deviceId: device.id, state: InstallationState.WAITING_FOR_LICENSE });
    const data = await read(
      `query ($token: ID) { licenseReport(token: $token) {
        asOf totals { apps bought assigned held free waiting retired }
        apps { totalCount edges { node { name bought assigned held free waiting retired unlimited token { name } storeApp { name } } } }
      } }`,
      { token: token.globalId },
    );
    const edge = (node: Record<string, unknown>) => ({ node: expect.objectContaining(node) });
    expect(data).toMatchObject({
      licenseReport: {
        asOf: MOMENT.toISOString(),
        totals: { apps: 2, bought: 13, assigned: 4, held: 6, free: 6, waiting: 1, retired: 1 },
        apps: {
          totalCount: 3,
          edges: [
            edge({ name: "A", bought: 10, assigned: 4, held: 6, free: 3, waiting: 1, retired: 1, unlimited: false }),
            edge({ name: "B", bought: 3, free: 3, waiting: 0 }),
            edge({ name: "C", bought: null, held: 2, free: null, unlimited: true }),
          ],
        },
      },
    });
  });

  test("keeps books apart: it is about them only if they are asked for", async () => {
    const token = await rows.token();
    await rows.storeApp(token, { name: "App" });
    await rows.storeApp(token, { name: "Book", totalCount: 7, availableCount: 7, productType: ProductType.BOOK });
    const QUERY = `query ($token: ID) { licenseReport(token: $token, productType: BOOK) {
      productType totals { apps bought } apps(filter: { productType: APP }) { nodes { name } }
    } }`;
    expect(await read(QUERY, { token: token.globalId })).toEqual({
      licenseReport: { productType: "BOOK", totals: { apps: 1, bought: 7 }, apps: { nodes: [{ name: "Book" }] } },
    });
  });

  test("is as of the last sync that found its counts unchanged, of the token that was synced the longest ago", async () => {
    const minutes = (count: number) => new Date(MOMENT.getTime() + count * 60_000);
    const asOf = async (token?: Token) => {
      const data = await read("query ($token: ID) { licenseReport(token: $token) { asOf } }", {
        token: token?.globalId ?? null,
      });
      return (data as { licenseReport: { asOf: string } }).licenseReport.asOf;
    };
    const synced = await rows.token({ lastSyncAt: minutes(5) });
    await rows.storeApp(synced);
    await rows.storeApp(synced, { countsAt: minutes(7) });
    const never = await rows.token({ lastSyncAt: null });
    await rows.storeApp(never, { countsAt: minutes(-9000) });
    expect(await asOf(synced)).toBe(minutes(5).toISOString());
    expect(await asOf(never)).toBe(minutes(-9000).toISOString());
    expect(await asOf()).toBe(minutes(-9000).toISOString());
  });

  test("is empty without apps", async () => {
    const token = await rows.token();
    const QUERY =
      "query ($token: ID) { licenseReport(token: $token) { asOf totals { apps bought free } apps { totalCount } } }";
    expect(await read(QUERY, { token: token.globalId })).toEqual({
      licenseReport: { asOf: null, totals: { apps: 0, bought: 0, free: 0 }, apps: { totalCount: 0 } },
    });
  });
});

describe("licence events", () => {
  test("tell the start and the end of each holding with cause and actor, the newest first, page by page", async () => {
    const storeApp = await rows.storeApp(await rows.token());
    const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
    await rows.license(storeApp, { holderKey: "first", startedAt: at(0) });
    const ended = { state: LicenseState.ENDED, endCause: LicenseCause.DEPLOYMENT, endActor: "admin" };
    await rows.license(storeApp, { holderKey: "second", startedAt: at(1), endedAt: at(3), ...ended });
    await rows.license(storeApp, { holderKey: "third", startedAt: at(2), endedAt: at(2), ...ended });
    const QUERY = `query ($storeApp: ID, $after: String) {
      licenseEvents(first: 2, after: $after, filter: { storeApp: $storeApp }) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { kind at cause actor license { holderKey } } }
      }
    }`;
    type Events = {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
      edges: { node: { kind: string; at: string; cause: string; actor: string; license: { holderKey: string } } }[];
    };
    const told: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { licenseEvents } = (await read(QUERY, { storeApp: storeApp.globalId, after })) as {
        licenseEvents: Events;
      };
      expect(licenseEvents.totalCount).toBe(5);
      told.push(
        ...licenseEvents.edges.map(({ node }) => `${node.license.holderKey} ${node.kind} ${node.cause} ${node.actor}`),
      );
      after = licenseEvents.pageInfo.endCursor;
      more = licenseEvents.pageInfo.hasNextPage;
    }
    expect(told).toEqual([
      "second ENDED DEPLOYMENT admin",
      "third ENDED DEPLOYMENT admin",
      "third STARTED SYNC apple",
      "second STARTED SYNC apple",
      "first STARTED SYNC apple",
    ]);
  });

  test("are found by cause and time, and each has the cause and the actor of its own end", async () => {
    const token = await rows.token();
    const storeApp = await rows.storeApp(token);
    const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
    const start = { startCause: LicenseCause.DEPLOYMENT, startActor: "admin", startedAt: at(0) };
    const end = { endCause: LicenseCause.EXTERNAL, endActor: "apple", endedAt: at(2), state: LicenseState.ENDED };
    await rows.license(storeApp, { ...start, ...end });
    await rows.license(storeApp, { startedAt: at(1) });
    const QUERY = `query ($filter: LicenseEventFilter) {
      licenseEvents(filter: $filter) { totalCount nodes { kind cause actor } }
    }`;
    const list = async (filter: object) =>
      ((await read(QUERY, { filter: { token: token.globalId, ...filter } })) as { licenseEvents: unknown })
        .licenseEvents;
    const [started, ended, found] = [
      { kind: "STARTED", cause: "DEPLOYMENT", actor: "admin" },
      { kind: "ENDED", cause: "EXTERNAL", actor: "apple" },
      { kind: "STARTED", cause: "SYNC", actor: "apple" },
    ];
    expect(await list({})).toEqual({ totalCount: 3, nodes: [ended, found, started] });
    expect(await list({ cause: ["EXTERNAL"] })).toEqual({ totalCount: 1, nodes: [ended] });
    expect(await list({ cause: ["DEPLOYMENT", "SYNC"] })).toEqual({ totalCount: 2, nodes: [found, started] });
    expect(await list({ since: at(1), before: at(2) })).toEqual({ totalCount: 1, nodes: [found] });
    expect(await list({ kind: "ENDED", cause: ["SYNC"] })).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe("store apps", () => {
  test("are listed without the books, which are there for who asks for them", async () => {
    const token = await rows.token();
    await rows.storeApp(token, { name: "App" });
    const book = await rows.storeApp(token, { name: "Book", productType: ProductType.BOOK });
    const QUERY = `query ($token: ID!, $filter: StoreAppFilter) {
      token(id: $token) { storeApps(filter: $filter) { totalCount nodes { name } } }
      storeApps(filter: $filter) { nodes { name } }
    }`;
    type Names = { nodes: { name: string }[] };
    const list = async (filter: object | null) =>
      (await read(QUERY, { token: token.globalId, filter })) as { token: { storeApps: Names }; storeApps: Names };
    const { token: apart, storeApps } = await list(null);
    expect(apart).toEqual({ storeApps: { totalCount: 1, nodes: [{ name: "App" }] } });
    expect(storeApps.nodes).not.toContainEqual({ name: "Book" });
    const books = await list({ productType: "BOOK" });
    expect(books.token).toEqual({ storeApps: { totalCount: 1, nodes: [{ name: "Book" }] } });
    expect(await read("query ($id: ID!) { storeApp(id: $id) { name } }", { id: book.globalId })).toEqual({
      storeApp: { name: "Book" },
    });
  });

  test("without a bound show none, nor in what is told of their stock", async () => {
    const app = await rows.storeApp(await rows.token(), { totalCount: UNLIMITED, availableCount: UNLIMITED });
    await rows.stockChange(app, { totalBefore: 4, totalAfter: UNLIMITED });
    const QUERY = `query ($id: ID!) { storeApp(id: $id) {
      unlimited totalCount availableCount freeCount stockChanges { nodes { totalBefore totalAfter } }
    } }`;
    expect(await read(QUERY, { id: app.globalId })).toEqual({
      storeApp: {
        unlimited: true,
        totalCount: null,
        availableCount: null,
        freeCount: null,
        stockChanges: { nodes: [{ totalBefore: 4, totalAfter: null }] },
      },
    });
  });

  test("say what is the matter with their counts while it is, and are found by it", async () => {
    const token = await rows.token();
    const [odd, mended] = [await rows.storeApp(token, { name: "Odd" }), await rows.storeApp(token, { name: "Mended" })];
    await rows.mismatch(odd);
    await rows.mismatch(mended, { clearedAt: MOMENT });
    const QUERY = `query ($filter: StoreAppFilter) { storeApps(filter: $filter) { totalCount nodes { name warning } } }`;
    const list = (hasWarning: boolean | null) => read(QUERY, { filter: { token: token.globalId, hasWarning } });
    const warned = { name: "Odd", warning: "Apple counts 2 in use, and shows 3 holders." };
    const sound = { name: "Mended", warning: null };
    expect(await list(null)).toEqual({ storeApps: { totalCount: 2, nodes: [sound, warned] } });
    expect(await list(true)).toEqual({ storeApps: { totalCount: 1, nodes: [warned] } });
    expect(await list(false)).toEqual({ storeApps: { totalCount: 1, nodes: [sound] } });
  });
});

test("changes of stock are told the newest first, of one app or token, within a time", async () => {
  const token = await rows.token();
  const [app, other] = [await rows.storeApp(token), await rows.storeApp(token)];
  const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
  for (const minutes of [0, 2, 1]) await rows.stockChange(app, { totalAfter: minutes, seenAt: at(minutes) });
  await rows.stockChange(other, { totalAfter: 9, seenAt: at(1) });
  const QUERY = `query ($filter: StockChangeFilter) { stockChanges(filter: $filter) { totalCount nodes { totalAfter } } }`;
  const totals = async (filter: object) => {
    const { stockChanges } = (await read(QUERY, { filter })) as { stockChanges: { nodes: { totalAfter: number }[] } };
    return stockChanges.nodes.map(({ totalAfter }) => totalAfter);
  };
  expect(await totals({ storeApp: app.globalId })).toEqual([2, 1, 0]);
  expect(await totals({ token: token.globalId, since: at(1), before: at(2) })).toEqual([9, 1]);
});

test("registrations are found by how far they have come, those of strangers too", async () => {
  const token = await rows.token();
  const user = await rows.user({ displayName: "Invited" });
  const invitationUrl = "https://apps.example.com/invitation";
  await rows.appleUser(token, { userId: user.id, status: AppleUserStatus.REGISTERED, invitationUrl });
  await rows.appleUser(token, { clientUserId: "a-stranger" });
  const QUERY = `query ($filter: AppleUserFilter) {
    appleUsers(filter: $filter) { nodes { id clientUserId status invitationUrl user { displayName } } }
  }`;
  type Answer = { appleUsers: { nodes: { id: string }[] } };
  const list = async (filter: object) =>
    (await read(QUERY, { filter: { token: token.globalId, ...filter } })) as Answer;
  const invited = await list({ status: ["REGISTERED"] });
  expect(invited.appleUsers.nodes).toMatchObject([{ invitationUrl, user: { displayName: "Invited" } }]);
  expect((await list({ known: false })).appleUsers.nodes).toMatchObject([{ clientUserId: "a-stranger", user: null }]);
  expect((await list({ user: user.globalId })).appleUsers.nodes).toHaveLength(1);
  const id = invited.appleUsers.nodes[0]?.id;
  expect(await read("query ($id: ID!) { appleUser(id: $id) { id } }", { id })).toEqual({ appleUser: { id } });
});
