import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import { InstallationReason, InstallationState } from "../../src/entities/installation.js";
import { ProductType, type StoreApp, UNLIMITED } from "../../src/entities/store-app.js";
import { TokenAuthority } from "../../src/entities/token.js";
import { MOMENT } from "../http/sample-rows.js";
import { countRows } from "../support/row-counts.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

const HOUR_MS = 3_600_000;
const RESERVE =
  "mutation ($input: ReserveLicensesInput!) { reserveLicenses(input: $input) { reservation { id count } } }";
const RELEASE = "mutation ($id: ID!) { releaseReservation(input: { reservation: $id }) { reservation { id } } }";

const inAnHour = () => new Date(Date.now() + HOUR_MS).toISOString();

async function reserve(app: StoreApp, count: number, own: Record<string, unknown> = {}) {
  const collection = (await api.rows.collection()).globalId;
  const input = { storeApp: app.globalId, collection, count, until: inAnHour(), ...own };
  const answer = (await api.read(RESERVE, { input })) as { reserveLicenses: { reservation: { id: string } } };
  return { collection, id: answer.reserveLicenses.reservation.id };
}

/** The code of a refusal, once it is sure that it has changed nothing and woken nobody. */
async function refused(query: string, variables: Record<string, unknown>) {
  const before = await countRows(api.dataSource);
  const { errors } = await api.ask(query, variables);
  expect(await countRows(api.dataSource)).toEqual(before);
  return errors?.[0]?.extensions;
}

async function refusedReservation(app: StoreApp, own: Record<string, unknown> = {}) {
  const collection = (await api.rows.collection()).globalId;
  return refused(RESERVE, {
    input: { storeApp: app.globalId, collection, count: 1, until: inAnHour(), ...own },
  });
}

describe("a reservation is refused", () => {
  test.each([0, -3])("of %i licences", async (count) => {
    const app = await api.rows.storeApp(await api.rows.token());
    expect(await refusedReservation(app, { count })).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("that would end in the past", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const until = new Date(Date.now() - 1).toISOString();
    expect(await refusedReservation(app, { until })).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("for a collection, or of an app, that there is not", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const none = "00000000-0000-4000-8000-000000000000";
    const collection = encodeGlobalId("Collection", none);
    expect(await refusedReservation(app, { collection })).toMatchObject({ code: "NOT_FOUND" });
    const storeApp = encodeGlobalId("StoreApp", none, "1");
    expect(await refusedReservation(app, { storeApp })).toMatchObject({ code: "NOT_FOUND" });
  });

  test.each([
    ["an unlimited app", { totalCount: UNLIMITED }],
    ["a book", { productType: ProductType.BOOK }],
  ])("of %s, as senseless", async (_, own) => {
    const app = await api.rows.storeApp(await api.rows.token(), own);
    expect(await refusedReservation(app)).toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  test("of what a target's own token has, since that heeds none", async () => {
    const target = await api.rows.target();
    const token = await api.rows.token({ authority: TokenAuthority.TARGET, targetId: target.id, secret: null });
    expect(await refusedReservation(await api.rows.storeApp(token))).toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  test("of a token that is being removed", async () => {
    const token = await api.rows.token({ removingAt: MOMENT });
    expect(await refusedReservation(await api.rows.storeApp(token))).toMatchObject({ code: "CONFLICT" });
  });

  test("of more than there is, less what is reserved for others and what is retired", async () => {
    const app = await api.rows.storeApp(await api.rows.token(), { totalCount: 10, retiredCount: 2 });
    await reserve(app, 5);
    expect(await refusedReservation(app, { count: 4 })).toMatchObject({
      code: "NO_LICENSE_AVAILABLE",
      details: { usable: 8, reservedForOthers: 5, reservable: 3 },
    });
    await reserve(app, 3);
  });
});

describe("a reservation that is there", () => {
  test("is replaced by the next one for the same collection, which may take all that it had", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const { id, collection } = await reserve(app, 6);
    expect((await reserve(app, 10, { collection })).id).toBe(id);
    expect(await api.read("query ($id: ID!) { reservation(id: $id) { count } }", { id })).toEqual({
      reservation: { count: 10 },
    });
  });

  test("keeps nothing once its time is over, even before anybody has looked", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const { id, collection } = await reserve(app, 10);
    await api.dataSource.query("UPDATE reservation SET until = now() WHERE token_id = $1", [app.tokenId]);
    const query = `query ($id: ID!, $app: ID!) { reservation(id: $id) { unfilledCount } storeApp(id: $app) { reservedCount } }`;
    expect(await api.read(query, { id, app: app.globalId })).toEqual({
      reservation: { unfilledCount: 0 },
      storeApp: { reservedCount: 0 },
    });
    expect(await refused(RELEASE, { id })).toMatchObject({ code: "CONFLICT" });
    expect((await reserve(app, 10, { collection })).id).not.toBe(id);
  });

  test("is released once", async () => {
    const { id } = await reserve(await api.rows.storeApp(await api.rows.token()), 1);
    await api.read(RELEASE, { id });
    expect(await refused(RELEASE, { id })).toMatchObject({
      code: "CONFLICT",
      details: { endedAt: expect.any(String) },
    });
  });

  test("wakes the queue when it is made, and when it is released", async () => {
    const token = await api.rows.token();
    const woken = () =>
      api.dataSource.query("SELECT 1 FROM graphile_worker.jobs WHERE key = 'license-installations:' || $1 || ':now'", [
        token.id,
      ]);
    const { id } = await reserve(await api.rows.storeApp(token), 1);
    expect(await woken()).toHaveLength(1);
    await api.dataSource.query("SELECT graphile_worker.remove_job('license-installations:' || $1 || ':now')", [
      token.id,
    ]);
    await api.read(RELEASE, { id });
    expect(await woken()).toHaveLength(1);
  });

  test("is listed with its app and its collection, and by each of them, until it ends", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const { id, collection } = await reserve(app, 2);
    const query = `query ($app: ID!, $collection: ID!, $alive: Boolean) {
      reservations(filter: { storeApp: $app, alive: $alive }) { totalCount nodes { id count createdBy storeApp { id } collection { id } } }
      storeApp(id: $app) { reservations(filter: { alive: $alive }) { nodes { id } } }
      collection(id: $collection) { reservations(filter: { alive: $alive }) { nodes { id } } } }`;
    const seen = { nodes: [{ id }] };
    const whole = { id, count: 2, createdBy: "admin", storeApp: { id: app.globalId }, collection: { id: collection } };
    const found = {
      reservations: { totalCount: 1, nodes: [whole] },
      storeApp: { reservations: seen },
      collection: { reservations: seen },
    };
    expect(await api.read(query, { app: app.globalId, collection })).toEqual(found);
    await api.read(RELEASE, { id });
    expect(await api.read(query, { app: app.globalId, collection })).toMatchObject({ reservations: { totalCount: 0 } });
    expect(await api.read(query, { app: app.globalId, collection, alive: false })).toEqual(found);
  });
});

describe("a place in the queue", () => {
  test("is told for a whole page by one statement, and by none where nobody waits", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const deployment = await api.rows.deployment(app, await api.rows.target(), await api.rows.collection());
    const QUERY = `query ($id: ID!) { installations(filter: { deployment: $id }) { nodes { state queue { position } } } }`;
    const ask = async () => {
      const statements = vi.spyOn(api.dataSource, "query");
      const answer = await api.read(QUERY, { id: deployment.globalId });
      const asked = statements.mock.calls.filter(([text]) => text.includes("row_number()")).length;
      statements.mockRestore();
      return { answer, asked };
    };
    const add = async (state: InstallationState, reason: InstallationReason | null) =>
      api.rows.installation(deployment, { deviceId: (await api.rows.device()).id, state, reason });
    await add(InstallationState.REQUESTED, null);
    expect(await ask()).toMatchObject({ asked: 0 });
    await add(InstallationState.WAITING_FOR_LICENSE, InstallationReason.OUT_OF_STOCK);
    await add(InstallationState.WAITING_FOR_LICENSE, InstallationReason.LICENSE_RETURNING);
    await add(InstallationState.WAITING_FOR_LICENSE, InstallationReason.OUT_OF_STOCK);
    expect(await ask()).toEqual({
      asked: 1,
      answer: {
        installations: {
          nodes: [
            { state: "REQUESTED", queue: null },
            { state: "WAITING_FOR_LICENSE", queue: { position: 1 } },
            { state: "WAITING_FOR_LICENSE", queue: null },
            { state: "WAITING_FOR_LICENSE", queue: { position: 2 } },
          ],
        },
      },
    });
  });
});
