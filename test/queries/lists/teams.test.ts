import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { byCollection } from "../../../src/queries/columns.js";
import { countItems } from "../../../src/queries/count.js";
import type { List, ListRequest } from "../../../src/queries/list.js";
import { collectionMemberList } from "../../../src/queries/lists/collection-members.js";
import { deviceList } from "../../../src/queries/lists/devices.js";
import { userList } from "../../../src/queries/lists/users.js";
import { readPages } from "../../../src/queries/page.js";
import type { Parents } from "../../../src/queries/parents.js";
import { rows } from "../../../src/queries/sql.js";
import { SampleRows } from "../../http/sample-rows.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { recordStatements } from "../../support/record-statements.js";
import { plantMany } from "./plant-many.js";
import { rowsRead } from "./rows-read.js";

/** Devices, and people, each with an app of the large team: so many that an index is the way to a few of them. */
const MANY = 10_000;
/** Rows that may be looked at for what a small team sees. */
const FEW = 400;
/** For a page of what a large team sees: it is found out first that there is more than a little. */
const SOME = 3_000;

type AnyList = List<unknown, Record<string, never>, never>;

interface Seen {
  readonly devices: readonly string[];
  readonly users: readonly string[];
}

let database: TestDatabase;
let everybody: Parents;
let small: Seen;
beforeAll(async () => {
  database = await createTestDatabase();
  await plantMany(database.dataSource, MANY);
  await database.dataSource.query("UPDATE token SET teams = '{large}'");
  everybody = { ...byCollection, keys: [[await collectAll()]] };
  small = await plantSmallTeam();
  await database.dataSource.query("VACUUM ANALYZE");
}, 120_000);
afterAll(() => database.drop());

/** All devices and all people in one collection. */
async function collectAll(): Promise<string> {
  const { id } = await new SampleRows(database.dataSource).collection();
  for (const kind of ["device", "user"]) {
    await database.dataSource.query(
      `INSERT INTO collection_member (collection_id, ${kind}_id) SELECT $1, id FROM "${kind}" ORDER BY random()`,
      [id],
    );
  }
  return id;
}

/** A token with two devices and a person, and a target with one more of each, all of which others have apps for, too. */
async function plantSmallTeam(): Promise<Seen> {
  const { dataSource } = database;
  const planted = new SampleRows(dataSource);
  const token = await planted.token({ teams: ["small"] });
  const app = await planted.storeApp(token);
  const target = await planted.target({ teams: ["small"] });
  const [devices, users] = [await someOf("device", 3), await someOf('"user"', 2)];
  const [one, other, known] = devices;
  const [registered, met] = users;
  await planted.license(app, { deviceId: one as string });
  const deployment = await planted.deployment(app, target, await planted.collection());
  await planted.installation(deployment, { deviceId: other as string });
  await planted.appleUser(token, { userId: registered as string });
  for (const [column, holder] of [
    ["device_id", known],
    ["user_id", met],
  ]) {
    await dataSource.query(`INSERT INTO holder_alias (target_id, external_id, ${column}) VALUES ($1, 'one', $2)`, [
      target.id,
      holder,
    ]);
  }
  return { devices, users };
}

async function someOf(table: string, many: number): Promise<string[]> {
  const found = await rows<{ id: string }>(
    database.dataSource,
    `SELECT id FROM ${table} ORDER BY random() LIMIT ${many}`,
  );
  return found.map(({ id }) => id);
}

interface Asked {
  readonly ids: readonly string[];
  readonly total: number | undefined;
  /** Rows that were looked at for the page, and for the total. */
  readonly forPage: number;
  readonly forTotal: number;
}

async function ask(team: string, list: AnyList, orderBy?: object, parents: Parents | null = null): Promise<Asked> {
  const scoped = { db: database.dataSource, teams: [team] };
  const request = { first: 50, orderBy } as unknown as ListRequest<Record<string, never>, never>;
  const paged = await recordStatements(() => readPages(scoped, list, request, parents));
  const counted = await recordStatements(() => countItems(scoped, list, null, parents));
  const read = ([statement]: typeof paged.statements) => statement && rowsRead(database.dataSource, statement);
  return {
    ids: paged.result[0]?.edges.map(({ node }) => idOf(node)) ?? [],
    total: counted.result[0],
    forPage: (await read(paged.statements)) ?? Number.NaN,
    forTotal: (await read(counted.statements)) ?? Number.NaN,
  };
}

function idOf(node: unknown): string {
  const { id, deviceId, userId } = node as { id: string; deviceId?: string | null; userId?: string | null };
  return deviceId ?? userId ?? id;
}

const ordered = [deviceList, userList].flatMap((list) =>
  [null, ...Object.keys(list.orders)].map((field) => ({ name: list.name, list: list as unknown as AnyList, field })),
);

describe("a small team's few among many are found without looking at the many", () => {
  test.each(ordered)("$name by $field", async ({ list, field }) => {
    const expected = list.name === deviceList.name ? small.devices : small.users;
    for (const direction of ["ASC", "DESC"]) {
      const asked = await ask("small", list, field === null ? undefined : { field, direction });
      expect([...asked.ids].sort()).toEqual([...expected].sort());
      expect(asked.total).toBe(expected.length);
      expect(asked).toMatchObject({ forPage: expect.toSatisfy(isFew), forTotal: expect.toSatisfy(isFew) });
    }
  });

  test("among the members of a collection", async () => {
    const asked = await ask("small", collectionMemberList as unknown as AnyList, undefined, everybody);
    expect([...asked.ids].sort()).toEqual([...small.devices, ...small.users].sort());
    expect(asked.total).toBe(asked.ids.length);
    expect(asked).toMatchObject({ forPage: expect.toSatisfy(isFew), forTotal: expect.toSatisfy(isFew) });
  });
});

describe("a page of the many that a large team sees is found without looking at all of them", () => {
  test.each(ordered)("$name by $field", async ({ list, field }) => {
    for (const direction of ["ASC", "DESC"]) {
      const asked = await ask("large", list, field === null ? undefined : { field, direction });
      expect(asked.ids).toHaveLength(50);
      expect(asked.total).toBeGreaterThanOrEqual(MANY);
      expect(asked).toMatchObject({ forPage: expect.toSatisfy((read: number) => read <= SOME) });
    }
  });

  test("of the members of a collection", async () => {
    const asked = await ask("large", collectionMemberList as unknown as AnyList, undefined, everybody);
    expect(asked.ids).toHaveLength(50);
    expect(asked.total).toBeGreaterThanOrEqual(2 * MANY);
    expect(asked).toMatchObject({ forPage: expect.toSatisfy((read: number) => read <= SOME) });
  });
});

const isFew = (read: number) => read <= FEW;

test("a team of nobody sees nobody", async () => {
  for (const list of [deviceList, userList]) {
    expect(await ask("nobody", list as unknown as AnyList)).toMatchObject({ ids: [], total: 0 });
  }
});
