import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LicenseCause, LicenseState } from "../../src/entities/license.js";
import { rows } from "../../src/queries/sql.js";
import { MOMENT, SampleRows } from "../http/sample-rows.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

const ENDED = {
  state: LicenseState.ENDED,
  endedAt: MOMENT,
  endCause: LicenseCause.DEPLOYMENT,
  endActor: "deployment",
};

let database: TestDatabase;
let samples: SampleRows;
beforeAll(async () => {
  database = await createTestDatabase();
  samples = new SampleRows(database.dataSource);
});
afterAll(() => database.drop());

const query = (text: string, values: readonly unknown[] = []) => database.dataSource.query(text, [...values]);
const newLicense = async (own: object) => samples.license(await samples.storeApp(await samples.token()), own);
const stored = (id: string) => rows(database.dataSource, "SELECT * FROM license WHERE id = $1", [id]);

describe("the database itself refuses", () => {
  it.each([
    "ended_at = NULL, end_cause = NULL, state = 'HELD'",
    "ended_at = ended_at + interval '1 second'",
    "end_actor = 'somebody else'",
    "end_cause = 'MANUAL'",
    "assigned_at = NULL",
    "started_at = started_at - interval '1 day'",
    "proven_at = now()",
  ])("to change a holding that has ended: %s", async (change) => {
    const { id } = await newLicense(ENDED);
    const before = await stored(id);
    await expect(query(`UPDATE license SET ${change} WHERE id = $1`, [id])).rejects.toThrow("is not rewritten");
    expect(await stored(id)).toEqual(before);
  });

  it.each([
    "started_at = started_at - interval '1 day'",
    "start_cause = 'MANUAL'",
    "start_actor = 'somebody else'",
    "holder_key = 'another'",
    "start_deployment_id = 1",
  ])("to change how an open holding started: %s", async (change) => {
    const { id } = await newLicense({});
    await expect(query(`UPDATE license SET ${change} WHERE id = $1`, [id])).rejects.toThrow("is not rewritten");
  });

  it.each(["DELETE FROM license", "TRUNCATE license CASCADE"])("to forget holdings: %s", async (statement) => {
    const { id } = await newLicense({});
    await expect(query(statement)).rejects.toThrow("Nothing is deleted from the ledger");
    expect(await stored(id)).toHaveLength(1);
  });

  it("to forget holdings along with their app", async () => {
    const { id, tokenId } = await newLicense({});
    await expect(query("DELETE FROM store_app WHERE token_id = $1", [tokenId])).rejects.toThrow("Nothing is deleted");
    expect(await stored(id)).toHaveLength(1);
  });
});

it("lets a link to a device be found after a holding has ended", async () => {
  const { id } = await newLicense(ENDED);
  const device = await samples.device();
  await query("UPDATE license SET device_id = $2 WHERE id = $1", [id, device.id]);
  expect(await stored(id)).toMatchObject([{ device_id: device.id }]);
});

it("lets a holding end", async () => {
  const { id } = await newLicense({});
  await query(
    "UPDATE license SET state = 'ENDED', ended_at = $2, end_cause = 'MANUAL', end_actor = 'admin' WHERE id = $1",
    [id, MOMENT],
  );
  expect(await stored(id)).toMatchObject([{ state: "ENDED" }]);
});
