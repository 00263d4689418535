import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AppleOperationHolder } from "../../src/entities/apple-operation.js";
import { CollectionKind } from "../../src/entities/collection.js";
import { InstallationState } from "../../src/entities/installation.js";
import { HolderKind, LicenseCause, LicenseState } from "../../src/entities/license.js";
import type { Node } from "../../src/entities/node.js";
import { UNLIMITED } from "../../src/entities/store-app.js";
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
  const appleOperation = await rows.appleOperation(storeApp);
  const { tokenId, id: operationId } = appleOperation;
  const holder = { tokenId, operationId, holderKind: HolderKind.USER, holderKey: appleUser.clientUserId };
  await api.dataSource.manager.save(Object.assign(new AppleOperationHolder(), holder));
  const objects = { token, storeApp, target, user, device, appleUser, license, collection, deployment, installation };
  return { ...objects, deviceLicense, syncRun, appleOperation };
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
    expect(new Set(nodes.map(({ __typename }) => __typename)).size).toBe(14);
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
});
