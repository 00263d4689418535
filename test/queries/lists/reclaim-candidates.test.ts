import { afterAll, beforeAll, expect, test } from "vitest";
import { DeviceState } from "../../../src/entities/device.js";
import { InstallationState } from "../../../src/entities/installation.js";
import { reclaimCandidateList } from "../../../src/queries/lists/reclaim-candidates.js";
import { readPages } from "../../../src/queries/page.js";
import { SampleRows } from "../../http/sample-rows.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { recordStatements } from "../../support/record-statements.js";
import { rowsRead } from "./rows-read.js";

/** Licences that nobody here is known to hold. */
const MANY = 4_000;
const FEW = 400;

const LONG_AGO = new Date("2020-01-02T00:00:00.000Z");
const SILENT_BEFORE = new Date("2021-01-02T00:00:00.000Z");

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const rows = new SampleRows(database.dataSource);
  const app = await rows.storeApp(await rows.token());
  await database.dataSource.query(
    `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor, assigned_at)
     SELECT $1, $2, 'DEVICE', 'SERIAL' || n, 'HELD', now(), 'SYNC', 'apple', now() FROM generate_series(1, ${MANY}) n`,
    [app.tokenId, app.id],
  );
  const silent = await rows.device({ lastSeenAt: LONG_AGO });
  await rows.license(app, { deviceId: silent.id, holderKey: "SILENT" });
  const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
  const left = await rows.license(app, { holderKey: "LEFT" });
  const wiped = await rows.device({ state: DeviceState.WIPED });
  const state = { state: InstallationState.INSTALLED, leftAt: LONG_AGO };
  await rows.installation(deployment, { deviceId: wiped.id, licenseId: left.id, ...state });
  await database.dataSource.query("VACUUM ANALYZE");
}, 60_000);
afterAll(() => database.drop());

async function ask(reason: string) {
  const list = reclaimCandidateList(SILENT_BEFORE);
  const { result, statements } = await recordStatements(() =>
    readPages({ db: database.dataSource, teams: null }, list, { first: 50, filter: { reason: [reason] } }),
  );
  const [statement] = statements;
  if (!statement) throw new Error("No statement was asked");
  return {
    candidates: (result[0]?.edges ?? []).map(({ node: { license, reasons } }) => ({ [license.holderKey]: reasons })),
    read: await rowsRead(database.dataSource, statement),
  };
}

test("a silent device is found without looking at what nobody here holds", async () => {
  const { candidates, read } = await ask("DEVICE_SILENT");
  expect(candidates).toEqual([{ SILENT: ["DEVICE_SILENT"] }]);
  expect({ few: read <= FEW, read }).toEqual({ few: true, read });
});

test("a page of what nobody here holds looks at little more than itself", async () => {
  const { candidates, read } = await ask("HOLDER_UNKNOWN");
  expect(candidates).toHaveLength(50);
  expect({ few: read <= FEW, read }).toEqual({ few: true, read });
});

test("what nobody here holds and an installation has left has that installation's reasons too", async () => {
  const { candidates } = await ask("MEMBER_LEFT");
  expect(candidates).toEqual([{ LEFT: expect.arrayContaining(["HOLDER_UNKNOWN", "MEMBER_LEFT", "DEVICE_WIPED"]) }]);
});
