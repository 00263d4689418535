import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { List, ListRequest } from "../../../src/queries/list.js";
import { appleOperationList } from "../../../src/queries/lists/apple-operations.js";
import { appleUserList } from "../../../src/queries/lists/apple-users.js";
import { collectionList } from "../../../src/queries/lists/collections.js";
import { deviceList } from "../../../src/queries/lists/devices.js";
import { installationList } from "../../../src/queries/lists/installations.js";
import { licenseEventList } from "../../../src/queries/lists/license-events.js";
import { licenseList } from "../../../src/queries/lists/licenses.js";
import { storeAppList } from "../../../src/queries/lists/store-apps.js";
import { syncRunList } from "../../../src/queries/lists/sync-runs.js";
import { userList } from "../../../src/queries/lists/users.js";
import { readPages } from "../../../src/queries/page.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { recordStatements } from "../../support/record-statements.js";
import { EARLY, plantMany, type Rare } from "./plant-many.js";
import { rowsRead } from "./rows-read.js";

/** Rows of the usual kind in each table. */
const MANY = 4_000;
/** Rows that may be looked at for a page of those few that are asked for. */
const FEW = 400;

type AnyList = List<unknown, Record<string, never>, never>;
type Filter = Readonly<Record<string, unknown>>;

let database: TestDatabase;
let rare: Rare;
beforeAll(async () => {
  database = await createTestDatabase();
  rare = await plantMany(database.dataSource, MANY);
}, 120_000);
afterAll(() => database.drop());

/** How many items a page has, and how many rows were looked at for it. */
async function ask(list: AnyList, filter: Filter, orderBy?: object): Promise<{ items: number; read: number }> {
  const request = { first: 50, filter, orderBy } as unknown as ListRequest<Record<string, never>, never>;
  const { result, statements } = await recordStatements(() =>
    readPages({ db: database.dataSource, teams: null }, list, request),
  );
  const [statement] = statements;
  if (!statement) throw new Error("No statement was asked");
  return { items: result[0]?.edges.length ?? 0, read: await rowsRead(database.dataSource, statement) };
}

/** By the list, the filters by which few of its many items are found, and the orders in which they are. */
const CASES: readonly [unknown, readonly ((rare: Rare) => Filter)[]][] = [
  [
    licenseList,
    [
      ...["CLAIMING", "RETURNING", "REFUSED", "ENDED"].map((state) => () => ({ state: [state] })),
      () => ({ state: ["CLAIMING", "REFUSED"] }),
      () => ({ open: false }),
      () => ({ startedBefore: new Date(EARLY.getTime() + 1) }),
      ({ storeApp }) => ({ storeApp }),
      ({ storeApp }) => ({ storeApp, open: true, holderKind: "DEVICE" }),
      ({ device }) => ({ device }),
      ({ user }) => ({ user }),
    ],
  ],
  [
    installationList,
    [
      () => ({ state: ["FAILED"] }),
      () => ({ state: ["FAILED", "REMOVING"] }),
      () => ({ reason: ["REFUSED_BY_TARGET"] }),
      () => ({ left: true }),
      ({ storeApp }) => ({ storeApp }),
      ({ deployment }) => ({ deployment }),
      ({ device }) => ({ device }),
      ({ user }) => ({ user }),
      ({ target }) => ({ target }),
    ],
  ],
  [
    deviceList,
    [
      () => ({ search: "zebra" }),
      () => ({ state: ["WIPED", "DELETED"] }),
      () => ({ platform: "tvOS" }),
      () => ({ lastSeenBefore: new Date(EARLY.getTime() + 1) }),
      ({ user }) => ({ user }),
    ],
  ],
  [
    storeAppList,
    [
      () => ({ nameContains: "zebra" }),
      () => ({ adamId: "42" }),
      () => ({ platform: "visionOS" }),
      () => ({ listed: false }),
      () => ({ hasWarning: true }),
      () => ({ freeBelow: 5 }),
      () => ({ productType: "BOOK" }),
    ],
  ],
  [userList, [() => ({ search: "zebra" }), () => ({ left: true })]],
  [appleUserList, [() => ({ status: ["REGISTERED"] }), ({ user }) => ({ user })]],
  [
    appleOperationList,
    [
      () => ({ state: ["FAILED"] }),
      () => ({ state: ["FAILED", "UNKNOWN"] }),
      () => ({ open: true }),
      () => ({ intent: ["RETIRE_USERS"] }),
      () => ({ createdBefore: new Date(EARLY.getTime() + 1) }),
      ({ storeApp }) => ({ storeApp }),
    ],
  ],
  [
    syncRunList,
    [
      () => ({ state: ["FAILED"] }),
      () => ({ mode: "FULL" }),
      () => ({ trigger: ["RECOVERY"] }),
      () => ({ trigger: ["RECOVERY", "MANUAL"] }),
    ],
  ],
  [collectionList, [() => ({ nameContains: "zebra" }), () => ({ local: true })]],
  [
    licenseEventList,
    [
      () => ({ before: new Date(EARLY.getTime() + 1) }),
      () => ({ kind: "ENDED" }),
      ({ storeApp }) => ({ storeApp }),
      ({ device }) => ({ device }),
    ],
  ],
];

const FILTERED = CASES.flatMap(([list, filters]) =>
  filters
    .map((filter) => ({ list: list as AnyList, filter }))
    .map((known) => ({ ...known, name: known.list.name, says: `${known.filter}`.replace(/^\(.*?\) => /, "") })),
);

describe("few among many are found without looking at the many", () => {
  test.each(FILTERED)("$name, $says", async ({ list, filter }) => {
    const orders = Object.keys(list.orders).flatMap((field) => [
      { field, direction: "ASC" },
      { field, direction: "DESC" },
    ]);
    for (const orderBy of [undefined, ...orders]) {
      const { items, read } = await ask(list, filter(rare), orderBy);
      expect(items).toBeGreaterThan(0);
      expect({ orderBy, few: read <= FEW, read }).toEqual({ orderBy, few: true, read });
    }
  });
});

describe("a page of all, in any order, looks at little more than itself", () => {
  const ORDERED = [...new Set(CASES.map(([list]) => list as AnyList))].flatMap((list) =>
    Object.keys(list.orders).map((field) => ({ list, name: list.name, field })),
  );
  test.each(ORDERED)("$name by $field", async ({ list, field }) => {
    for (const direction of ["ASC", "DESC"]) {
      const { items, read } = await ask(list, {}, { field, direction });
      expect(items).toBe(50);
      expect({ direction, few: read <= FEW, read }).toEqual({ direction, few: true, read });
    }
  });
});
