import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppleOperationIntent, AppleOperationState } from "../../src/entities/apple-operation.js";
import { LicenseCause, LicenseState } from "../../src/entities/license.js";
import type { StoreApp } from "../../src/entities/store-app.js";
import { rows } from "../../src/queries/sql.js";
import { purgeLedger } from "../../src/sync/licenses/purge-ended-licenses.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

const DAY_MS = 24 * 60 * 60_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

const ended = (endedAt: Date) => ({
  state: LicenseState.ENDED,
  endedAt,
  endCause: LicenseCause.DEPLOYMENT,
  endActor: "deployment",
});

describe("licensesAt", () => {
  const AT = `query ($at: DateTime!, $filter: LicensesAtFilter, $first: Int, $after: String) {
    licensesAt(at: $at, filter: $filter, first: $first, after: $after) {
      totalCount nodes { holderKey } pageInfo { hasNextPage endCursor }
    }
  }`;
  const heldAt = async (at: Date, filter: object) => {
    const { licensesAt } = (await api.read(AT, { at, filter })) as { licensesAt: { nodes: { holderKey: string }[] } };
    return licensesAt.nodes.map(({ holderKey }) => holderKey).sort();
  };

  test("tells who held a licence at a past moment, from the start of each holding until its end", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    await api.rows.license(app, { holderKey: "all along", startedAt: daysAgo(20) });
    await api.rows.license(app, { holderKey: "until ten", startedAt: daysAgo(20), ...ended(daysAgo(10)) });
    await api.rows.license(app, { holderKey: "since five", startedAt: daysAgo(5) });
    const filter = { storeApp: app.globalId };
    expect(await heldAt(daysAgo(21), filter)).toEqual([]);
    expect(await heldAt(daysAgo(15), filter)).toEqual(["all along", "until ten"]);
    expect(await heldAt(daysAgo(9), filter)).toEqual(["all along"]);
    expect(await heldAt(new Date(), filter)).toEqual(["all along", "since five"]);
  });

  test("leaves out what Apple refused, which nobody ever held", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const refused = { ...ended(daysAgo(1)), state: LicenseState.REFUSED, assignedAt: null };
    await api.rows.license(app, { startedAt: daysAgo(3), ...refused });
    expect(await heldAt(daysAgo(2), { storeApp: app.globalId })).toEqual([]);
  });

  test("keeps what was held before it was given up and claimed anew in vain", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const refused = { ...ended(daysAgo(1)), state: LicenseState.REFUSED, assignedAt: daysAgo(9) };
    await api.rows.license(app, { holderKey: "held once", startedAt: daysAgo(10), ...refused });
    expect(await heldAt(daysAgo(5), { storeApp: app.globalId })).toEqual(["held once"]);
  });

  test("is found by token and holder, page by page", async () => {
    const token = await api.rows.token();
    const app = await api.rows.storeApp(token);
    const device = await api.rows.device();
    await api.rows.license(app, { holderKey: "its own", deviceId: device.id, startedAt: daysAgo(3) });
    await api.rows.license(app, { holderKey: "another", startedAt: daysAgo(3) });
    expect(await heldAt(daysAgo(1), { token: token.globalId, device: device.globalId })).toEqual(["its own"]);
    const page = { at: daysAgo(1), filter: { token: token.globalId }, first: 1 };
    const first = (await api.read(AT, page)) as { licensesAt: { totalCount: number; pageInfo: { endCursor: string } } };
    expect(first).toMatchObject({ licensesAt: { totalCount: 2, pageInfo: { hasNextPage: true } } });
    const after = first.licensesAt.pageInfo.endCursor;
    expect(await api.read(AT, { ...page, after })).toMatchObject({
      licensesAt: { nodes: [{ holderKey: "another" }], pageInfo: { hasNextPage: false } },
    });
  });
});

describe("a purge", () => {
  const PURGE = `mutation ($input: PurgeEndedLicensesInput!) { purgeEndedLicenses(input: $input) { licenses dryRun } }`;
  const purge = (input: object) => api.ask(PURGE, { input });
  const left = async (app: StoreApp) =>
    (
      await rows<{ key: string }>(
        api.dataSource,
        "SELECT holder_key AS key FROM license WHERE token_id = $1 ORDER BY 1",
        [app.tokenId],
      )
    ).map(({ key }) => key);

  test("counts only, unless it is said that it is meant; then it takes the endings before the moment and nothing else", async () => {
    const own = await startSampleApi();
    try {
      const app = await own.rows.storeApp(await own.rows.token());
      await own.rows.license(app, { holderKey: "open", startedAt: daysAgo(900) });
      await own.rows.license(app, { holderKey: "old", startedAt: daysAgo(900), ...ended(daysAgo(500)) });
      await own.rows.license(app, { holderKey: "new", startedAt: daysAgo(900), ...ended(daysAgo(100)) });
      const input = { endedBefore: daysAgo(365) };
      const kept = async () =>
        (await rows<{ key: string }>(own.dataSource, "SELECT holder_key AS key FROM license ORDER BY 1")).map(
          ({ key }) => key,
        );
      expect((await own.ask(PURGE, { input })).data).toEqual({ purgeEndedLicenses: { licenses: 1, dryRun: true } });
      await purgeLedger(own.core);
      expect(await kept()).toEqual(["new", "old", "open"]);
      expect((await own.ask(PURGE, { input: { ...input, dryRun: false } })).data).toEqual({
        purgeEndedLicenses: { licenses: 1, dryRun: false },
      });
      expect(
        await rows(own.dataSource, "SELECT key FROM graphile_worker.jobs WHERE key LIKE 'purge-ledger%'"),
      ).toHaveLength(1);
      await purgeLedger(own.core);
      expect(await kept()).toEqual(["new", "open"]);
      const early = await own.ask(`query ($at: DateTime!) { licensesAt(at: $at) { totalCount } }`, {
        at: daysAgo(400),
      });
      expect(early.errors[0]?.extensions).toMatchObject({
        code: "INVALID_INPUT",
        details: { ledgerSince: input.endedBefore.toISOString() },
      });
    } finally {
      await own.close();
    }
  });

  test("takes the claims and returns with it of whose holdings none is left", async () => {
    const own = await startSampleApi();
    try {
      const app = await own.rows.storeApp(await own.rows.token());
      const over = { state: AppleOperationState.DONE, createdAt: daysAgo(900), endedAt: daysAgo(900) };
      const claimOf = async (holderKey: string, licence: object) => {
        const operation = await own.rows.appleOperation(app, over);
        const license = await own.rows.license(app, { holderKey, startedAt: daysAgo(900), ...licence });
        await own.dataSource.query(
          `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, license_id, outcome)
           VALUES ($1, $2, 'DEVICE', $3, $4, 'DONE')`,
          [app.tokenId, operation.id, holderKey, license.id],
        );
        return operation.id;
      };
      const kept = [await claimOf("open", {}), await claimOf("new", ended(daysAgo(100)))];
      await claimOf("old", ended(daysAgo(500)));
      const registration = await own.rows.appleOperation(app, { ...over, intent: AppleOperationIntent.CREATE_USERS });
      const young = await own.rows.appleOperation(app, { ...over, endedAt: daysAgo(100) });
      await own.ask(PURGE, { input: { endedBefore: daysAgo(365), dryRun: false } });
      await purgeLedger(own.core);
      const left = await rows<{ id: string }>(own.dataSource, "SELECT id FROM apple_operation ORDER BY id");
      expect(left.map(({ id }) => id)).toEqual([...kept, registration.id, young.id]);
    } finally {
      await own.close();
    }
  });

  test("of the last thirty days is refused, and takes nothing", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    await api.rows.license(app, { holderKey: "just ended", startedAt: daysAgo(60), ...ended(daysAgo(29)) });
    const { errors } = await purge({ endedBefore: daysAgo(28), dryRun: false });
    expect(errors[0]?.extensions.code).toBe("INVALID_INPUT");
    await purgeLedger(api.core);
    expect(await left(app)).toEqual(["just ended"]);
  });
});
