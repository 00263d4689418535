import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AppleOperationHolder } from "../../src/entities/apple-operation.js";
import { CollectionKind } from "../../src/entities/collection.js";
import { InstallationState } from "../../src/entities/installation.js";
import { HolderKind } from "../../src/entities/license.js";
import type { Node } from "../../src/entities/node.js";
import { MOMENT } from "../http/sample-rows.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

/** One app deployed to one device of one person, licensed to the person's registration. */
async function insertWorld() {
  const token = await api.rows.token();
  const storeApp = await api.rows.storeApp(token, { heldCount: 2 });
  const target = await api.rows.target();
  const user = await api.rows.user();
  const device = await api.rows.device({ userId: user.id });
  const appleUser = await api.rows.appleUser(token, { userId: user.id });
  const license = await api.rows.license(storeApp, {
    holderKind: HolderKind.USER,
    holderKey: appleUser.clientUserId,
    appleUserId: appleUser.id,
  });
  const deviceLicense = await api.rows.license(storeApp, { deviceId: device.id });
  const collection = await api.rows.collection({ kind: CollectionKind.USER });
  await api.rows.member(collection, user);
  const deployment = await api.rows.deployment(storeApp, target, collection);
  const installation = await api.rows.installation(deployment, {
    deviceId: device.id,
    userId: user.id,
    licenseId: license.id,
    state: InstallationState.INSTALLED,
  });
  const syncRun = await api.rows.syncRun(token);
  const stockChange = await api.rows.stockChange(storeApp);
  const reservation = await api.rows.reservation(storeApp, collection);
  const appleOperation = await api.rows.appleOperation(storeApp);
  const { tokenId, id: operationId } = appleOperation;
  const holder = { tokenId, operationId, holderKind: HolderKind.USER, holderKey: appleUser.clientUserId };
  await api.dataSource.manager.save(Object.assign(new AppleOperationHolder(), holder));
  const objects = { token, storeApp, target, user, device, appleUser, license, collection, deployment, installation };
  return { ...objects, deviceLicense, syncRun, stockChange, reservation, appleOperation };
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
    const { alerts } = (await api.read("{ alerts { edges { node { id } } } }")) as {
      alerts: { edges: { node: { id: string } }[] };
    };
    const ids = [...Object.values(world).map((node) => node.globalId), applicationId, alerts.edges[0]?.node.id];
    const QUERY = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const { nodes } = (await api.read(QUERY, { ids })) as { nodes: { __typename: string; id: string }[] };
    expect(nodes.map(({ id }) => id)).toEqual(ids);
    expect(new Set(nodes.map(({ __typename }) => __typename)).size).toBe(16);
    for (const id of ids)
      expect(await api.read("query ($id: ID!) { node(id: $id) { id } }", { id })).toEqual({ node: { id } });
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
    target { plugin settings webhookUrl pluginInfo { displayName licenseAuthority abilities { listsUsers listsDevices hasApplications polls webhookTellsHolders webhookTellsStatuses network } settingsSchema } collections { totalCount } }
    installationCounts { state count }
    installations { edges { node { state deployment { id } storeApp { id } target { id } user { id } license { state }
      device { user { displayName } licenses { totalCount edges { node { device { id } user { id } } } } installations { totalCount } } } } }
  }
}`;

test("an object leads to all that belongs to it", async () => {
  const { deployment, device } = await insertWorld();
  expect(await api.read(EVERYTHING, { id: deployment.globalId })).toMatchObject({
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
        pluginInfo: {
          displayName: "Sample MDM",
          abilities: {
            listsUsers: false,
            listsDevices: true,
            hasApplications: false,
            polls: true,
            webhookTellsHolders: true,
            webhookTellsStatuses: false,
            network: true,
          },
          settingsSchema: { properties: { password: { secret: true } } },
        },
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
    appleOperations { edges { node { holders(first: 2) { edges { node { outcome license { state } } } } storeApp { name } } } }
    licenseReport { apps { edges { node { waiting token { name } } } } }
  }`;
  const statements = async () => {
    const query = vi.spyOn(api.dataSource, "query");
    const data = await api.read(QUERY);
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
