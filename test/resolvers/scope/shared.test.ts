import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AlertKind } from "../../../src/entities/alert.js";
import type { Token } from "../../../src/entities/token.js";
import { type CreatedKey, createKey } from "../../http/create-key.js";
import { subscribe } from "../../http/subscriber.js";
import { type SampleApi, startSampleApi } from "../sample-api.js";

let api: SampleApi;
let red: CreatedKey;
let blue: CreatedKey;
beforeAll(async () => {
  api = await startSampleApi();
  red = await createKey(api, { role: "OPERATOR", teams: ["red"] });
  blue = await createKey(api, { role: "OPERATOR", teams: ["blue", "green"] });
});
afterAll(() => api.close());

const as = (key: CreatedKey, query: string, variables: Record<string, unknown> = {}) =>
  api.ask(query, variables, key.headers);
const codeOf = async (key: CreatedKey, query: string, variables: Record<string, unknown>) =>
  (await as(key, query, variables)).errors[0]?.extensions.code ?? null;

describe("what teams share", () => {
  test("a device shows each of them the licences of its own tokens alone", async () => {
    const device = await api.rows.device();
    for (const team of ["red", "blue"]) {
      const app = await api.rows.storeApp(await api.rows.token({ teams: [team] }), { name: `${team} app` });
      await api.rows.license(app, { deviceId: device.id });
    }
    const query = "query ($id: ID!) { device(id: $id) { licenses { totalCount nodes { storeApp { name } } } } }";
    for (const [key, name] of [
      [red, "red app"],
      [blue, "blue app"],
    ] as const) {
      expect((await as(key, query, { id: device.globalId })).data).toEqual({
        device: { licenses: { totalCount: 1, nodes: [{ storeApp: { name } }] } },
      });
    }
  });

  test("a person shows each of them the registrations with its own tokens alone", async () => {
    const user = await api.rows.user();
    for (const team of ["red", "blue"]) {
      await api.rows.appleUser(await api.rows.token({ teams: [team] }), {
        userId: user.id,
        clientUserId: `${team} client`,
      });
    }
    const query = "query ($id: ID!) { user(id: $id) { appleUsers { clientUserId } } }";
    expect((await as(red, query, { id: user.globalId })).data).toEqual({
      user: { appleUsers: [{ clientUserId: "red client" }] },
    });
  });

  test("a token of several teams is seen by each, and names to each its own teams alone", async () => {
    const token = await api.rows.token({ teams: ["red", "blue"] });
    const query = "query ($id: ID!) { token(id: $id) { teams } }";
    expect((await as(red, query, { id: token.globalId })).data).toEqual({ token: { teams: ["red"] } });
    expect(await api.read(query, { id: token.globalId })).toEqual({ token: { teams: ["red", "blue"] } });
  });
});

describe("a target and a collection of another team, to which an app of theirs is deployed,", () => {
  test("are seen, without their devices and people, and not theirs to change", async () => {
    const target = await api.rows.target({ teams: ["blue"], name: "Shared MDM" });
    const collection = await api.rows.collection({ teams: ["blue"], name: "Shared collection" });
    const member = await api.rows.device();
    await api.rows.member(collection, member);
    const app = await api.rows.storeApp(await api.rows.token({ teams: ["red"] }));
    const deployment = await api.rows.deployment(app, target, collection);
    const query = `query ($id: ID!) { deployment(id: $id) {
      target { name } collection { name memberCount members { nodes { __typename } } } } }`;
    expect((await as(red, query, { id: deployment.globalId })).data).toEqual({
      deployment: {
        target: { name: "Shared MDM" },
        collection: { name: "Shared collection", memberCount: 0, members: { nodes: [] } },
      },
    });
    const rename = 'mutation ($id: ID!) { updateCollection(input: { collection: $id, name: "Ours" }) { __typename } }';
    expect(await codeOf(red, rename, { id: collection.globalId })).toBe("FORBIDDEN");
    const importAll = "mutation ($id: ID!) { importHolders(input: { target: $id }) { __typename } }";
    expect(await codeOf(red, importAll, { id: target.globalId })).toBe("FORBIDDEN");
    expect(await codeOf(blue, rename, { id: collection.globalId })).toBeNull();
  });
});

describe("what a team makes", () => {
  test("is its own", async () => {
    const create = `mutation { createCollection(input: { name: "Red's", kind: DEVICE }) { collection { id teams } } }`;
    const { data } = await as(red, create);
    const { id, teams } = (data as { createCollection: { collection: { id: string; teams: string[] } } })
      .createCollection.collection;
    expect(teams).toEqual(["red"]);
    const query = "query ($id: ID!) { node(id: $id) { id } }";
    expect((await as(red, query, { id })).data).toEqual({ node: { id } });
    expect((await as(blue, query, { id })).data).toEqual({ node: null });
  });

  test("is answered again under its idempotency key after it is gone", async () => {
    const collection = await api.rows.collection({ teams: ["red"] });
    const remove = `mutation ($id: ID!) {
      deleteCollection(input: { collection: $id, idempotencyKey: "remove it" }) { deletedCollectionId } }`;
    for (let time = 0; time < 2; time += 1) {
      expect((await as(red, remove, { id: collection.globalId })).data).toEqual({
        deleteCollection: { deletedCollectionId: collection.globalId },
      });
    }
  });

  test("is no rule for all tokens", async () => {
    const rule = "mutation { setAlertRule(input: { kind: LOW_STOCK, below: 5 }) { __typename } }";
    expect(await codeOf(red, rule, {})).toBe("FORBIDDEN");
  });
});

describe("setTokenTeams, setTargetTeams and setCollectionTeams", () => {
  test("say who sees what from then on", async () => {
    const [token, target, collection] = [await api.rows.token(), await api.rows.target(), await api.rows.collection()];
    const set = `mutation ($token: ID!, $target: ID!, $collection: ID!, $teams: [String!]!) {
      setTokenTeams(input: { token: $token, teams: $teams }) { token { teams } }
      setTargetTeams(input: { target: $target, teams: $teams }) { target { teams } }
      setCollectionTeams(input: { collection: $collection, teams: $teams }) { collection { teams } } }`;
    const ids = [token, target, collection].map(({ globalId }) => globalId);
    const seen = async () =>
      ((await as(red, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids })).data as { nodes: unknown[] }).nodes;
    const named = { token: token.globalId, target: target.globalId, collection: collection.globalId };
    expect(await seen()).toEqual([null, null, null]);
    expect(await api.read(set, { ...named, teams: [" red ", "red", "other"] })).toEqual({
      setTokenTeams: { token: { teams: ["red", "other"] } },
      setTargetTeams: { target: { teams: ["red", "other"] } },
      setCollectionTeams: { collection: { teams: ["red", "other"] } },
    });
    expect(await seen()).toEqual(ids.map((id) => ({ id })));
    await api.read(set, { ...named, teams: [] });
    expect(await seen()).toEqual([null, null, null]);
  });
});

describe("a subscription", () => {
  test("tells a team of its own tokens alone", async () => {
    const ours = await api.rows.token({ teams: ["green"], name: "Ours" });
    const theirs = await api.rows.token({ teams: ["red"], name: "Theirs" });
    const key = await createKey(api, { role: "VIEWER", teams: ["green"] });
    const query = "subscription { tokenHealthChanged { name health { cause } } }";
    const follower = subscribe<{ tokenHealthChanged: { name: string; health: { cause: string | null } } }>(
      api.url,
      query,
      {},
      key.key,
    );
    const setCause = (id: string, cause: string) =>
      api.dataSource.query("UPDATE token SET health_cause = $2 WHERE id = $1", [id, cause]);
    expect((await follower.next()).tokenHealthChanged.name).toBe("Ours");
    await setCause(theirs.id, "not for them");
    await setCause(ours.id, "for them");
    expect((await follower.next()).tokenHealthChanged).toEqual({ name: "Ours", health: { cause: "for them" } });
    await follower.stop();
  });

  test("tells a team of the deployments and of the ledger of its own tokens alone", async () => {
    const [ours, theirs] = [await api.rows.token({ teams: ["teal"] }), await api.rows.token({ teams: ["red"] })];
    const key = (await createKey(api, { role: "VIEWER", teams: ["teal"] })).key;
    const wish = async (token: Token) =>
      api.rows.deployment(await api.rows.storeApp(token), await api.rows.target(), await api.rows.collection());
    const held = async (token: Token) => api.rows.license(await api.rows.storeApp(token));
    const [foreign, own] = [await wish(theirs), await wish(ours)];
    const [, license] = [await held(theirs), await held(ours)];
    const deployments = subscribe<{ deploymentChanged: { id: string } }>(
      api.url,
      "subscription { deploymentChanged { id } }",
      {},
      key,
    );
    const events = subscribe<{ licenseEvents: { license: { id: string } } }>(
      api.url,
      "subscription { licenseEvents { license { id } } }",
      {},
      key,
    );
    const change = ({ id }: { id: string }) =>
      api.dataSource.query("UPDATE deployment SET priority = priority + 1 WHERE id = $1", [id]);
    const told = [await deployments.next()];
    await change(foreign);
    await change(own);
    told.push(await deployments.next());
    expect(told.map(({ deploymentChanged }) => deploymentChanged.id)).toEqual([own.globalId, own.globalId]);
    expect((await events.next()).licenseEvents.license.id).toBe(license?.globalId);
    for (const subscriber of [deployments, events]) await subscriber.stop();
  });

  test("tells a team nothing more of a token that is no longer its own", async () => {
    const kept = await api.rows.token({ teams: ["yellow"], name: "Kept" });
    const lost = await api.rows.token({ teams: ["yellow"], name: "Lost" });
    const key = await createKey(api, { role: "VIEWER", teams: ["yellow"] });
    const query = "subscription { tokenHealthChanged { name health { cause } } }";
    const follower = subscribe<{ tokenHealthChanged: { name: string; health: { cause: string | null } } }>(
      api.url,
      query,
      {},
      key.key,
    );
    const first = [await follower.next(), await follower.next()];
    expect(first.map(({ tokenHealthChanged }) => tokenHealthChanged.name).sort()).toEqual(["Kept", "Lost"]);
    await api.read('mutation ($id: ID!) { setTokenTeams(input: { token: $id, teams: ["other"] }) { __typename } }', {
      id: lost.globalId,
    });
    for (const { id } of [lost, kept]) {
      await api.dataSource.query("UPDATE token SET health_cause = 'changed' WHERE id = $1", [id]);
    }
    expect((await follower.next()).tokenHealthChanged).toEqual({ name: "Kept", health: { cause: "changed" } });
    await follower.stop();
  });

  test("tells a team of a token that it is given, and of what comes with it", async () => {
    const target = await api.rows.target();
    const plant = async (token: Token) => {
      const app = await api.rows.storeApp(token);
      return {
        tokenHealthChanged: token.globalId,
        syncRunChanged: (await api.rows.syncRun(token)).globalId,
        deploymentChanged: (await api.rows.deployment(app, target, await api.rows.collection())).globalId,
        alertsChanged: (await api.rows.mismatch(app, { tokenId: token.id })).globalId,
      };
    };
    const own = await plant(await api.rows.token({ teams: ["pink"] }));
    const given = await plant(await api.rows.token());
    const { key } = await createKey(api, { role: "VIEWER", teams: ["pink"] });
    const followers = Object.keys(own).map((field) => {
      const text = `subscription { ${field} { id } }`;
      const subscriber = subscribe<Record<string, { id: string }>>(api.url, text, {}, key);
      return { subscriber, told: async () => [field, (await subscriber.next())[field]?.id] };
    });
    const tellAll = async () => Object.fromEntries(await Promise.all(followers.map(({ told }) => told())));
    expect(await tellAll()).toEqual(own);
    await api.read('mutation ($id: ID!) { setTokenTeams(input: { token: $id, teams: ["pink"] }) { __typename } }', {
      id: given.tokenHealthChanged,
    });
    expect(await tellAll()).toEqual(given);
    for (const { subscriber } of followers) await subscriber.stop();
  });

  test("tells a team of the apps that it follows and is given", async () => {
    const own = await api.rows.storeApp(await api.rows.token({ teams: ["orange"] }));
    const token = await api.rows.token();
    const given = await api.rows.storeApp(token);
    const ids = [own.globalId, given.globalId];
    const { key } = await createKey(api, { role: "VIEWER", teams: ["orange"] });
    const query = "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id } }";
    const follower = subscribe<{ storeAppChanged: { id: string } }>(api.url, query, { ids }, key);
    const told = [(await follower.next()).storeAppChanged.id];
    await api.read('mutation ($id: ID!) { setTokenTeams(input: { token: $id, teams: ["orange"] }) { __typename } }', {
      id: token.globalId,
    });
    told.push((await follower.next()).storeAppChanged.id);
    expect(told).toEqual(ids);
    await follower.stop();
  });

  test("tells a team of what there is to know of a target that it is given", async () => {
    const subject = (target: { globalId: string }) => ({ subject: target.globalId, kind: AlertKind.TARGET_FAILING });
    const app = await api.rows.storeApp(await api.rows.token());
    const [own, given] = [await api.rows.target({ teams: ["brown"] }), await api.rows.target()];
    const alerts = [await api.rows.mismatch(app, subject(own)), await api.rows.mismatch(app, subject(given))];
    const { key } = await createKey(api, { role: "VIEWER", teams: ["brown"] });
    const query = "subscription { alertsChanged { id } }";
    const follower = subscribe<{ alertsChanged: { id: string } }>(api.url, query, {}, key);
    const told = [(await follower.next()).alertsChanged.id];
    await api.read('mutation ($id: ID!) { setTargetTeams(input: { target: $id, teams: ["brown"] }) { __typename } }', {
      id: given.globalId,
    });
    told.push((await follower.next()).alertsChanged.id);
    expect(told).toEqual(alerts.map(({ globalId }) => globalId));
    await follower.stop();
  });

  test("tells a team of no app of another, though it asks for it by its id", async () => {
    const ours = await api.rows.storeApp(await api.rows.token({ teams: ["red"] }));
    const theirs = await api.rows.storeApp(await api.rows.token({ teams: ["blue"] }));
    const ids = [theirs.globalId, ours.globalId];
    const query = "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id } }";
    const follower = subscribe<{ storeAppChanged: { id: string } }>(api.url, query, { ids }, red.key);
    const change = (id: string) =>
      api.dataSource.query("UPDATE store_app SET held_count = held_count + 1 WHERE id = $1", [id]);
    const told = [await follower.next()];
    await change(theirs.id);
    await change(ours.id);
    told.push(await follower.next());
    expect(told.map(({ storeAppChanged }) => storeAppChanged.id)).toEqual([ours.globalId, ours.globalId]);
    await follower.stop();
  });
});
