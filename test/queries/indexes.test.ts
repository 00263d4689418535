import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import {
  byCollection,
  byDeployment,
  byDevice,
  byEndpoint,
  byOperation,
  byPlan,
  byStoreApp,
  byTarget,
  byToken,
  byUser,
} from "../../src/queries/columns.js";
import type { List, ListRequest, Relation } from "../../src/queries/list.js";
import { alertList } from "../../src/queries/lists/alerts.js";
import { appleOperationList } from "../../src/queries/lists/apple-operations.js";
import { appleUserList } from "../../src/queries/lists/apple-users.js";
import { applicationList } from "../../src/queries/lists/applications.js";
import { collectionList } from "../../src/queries/lists/collections.js";
import { deploymentPlanMemberList } from "../../src/queries/lists/deployment-plan-members.js";
import { deploymentList } from "../../src/queries/lists/deployments.js";
import { deviceList } from "../../src/queries/lists/devices.js";
import { installationList } from "../../src/queries/lists/installations.js";
import { leakedLicenseList } from "../../src/queries/lists/leaked-licenses.js";
import { licenseDriftList } from "../../src/queries/lists/license-drift.js";
import { licenseEventList } from "../../src/queries/lists/license-events.js";
import { licenseList } from "../../src/queries/lists/licenses.js";
import { operationHolderList } from "../../src/queries/lists/operation-holders.js";
import { reclaimCandidateList } from "../../src/queries/lists/reclaim-candidates.js";
import { reservationList } from "../../src/queries/lists/reservations.js";
import { stockChangeList } from "../../src/queries/lists/stock-changes.js";
import { storeAppList } from "../../src/queries/lists/store-apps.js";
import { syncRunList } from "../../src/queries/lists/sync-runs.js";
import { targetList } from "../../src/queries/lists/targets.js";
import { tokenList } from "../../src/queries/lists/tokens.js";
import { userList } from "../../src/queries/lists/users.js";
import { webhookDeliveryList } from "../../src/queries/lists/webhook-deliveries.js";
import { readPages } from "../../src/queries/page.js";
import type { Teams } from "../../src/queries/scopes.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

type AnyList = List<unknown, Record<string, never>, never>;
const untyped = (list: unknown) => list as AnyList;

/** The plan of a page when PostgreSQL avoids whole reads, and sorting a whole list, wherever an index allows it. */
async function planOf(
  list: AnyList,
  request: object,
  relation: Relation | null = null,
  teams: Teams = null,
): Promise<string> {
  const { dataSource } = database;
  const query = vi.spyOn(dataSource, "query").mockResolvedValueOnce([]);
  const parents = relation && { ...relation, keys: [KEY] };
  await readPages({ db: dataSource, teams }, list, request as ListRequest<Record<string, never>, never>, parents);
  const [text, values] = query.mock.lastCall ?? [];
  query.mockRestore();
  return dataSource.transaction(async (tx) => {
    for (const way of ["seqscan", "bitmapscan", ...(relation ? [] : ["sort"])])
      await tx.query(`SET LOCAL enable_${way} = off`);
    const plan: { "QUERY PLAN": string }[] = await tx.query(`EXPLAIN ${text}`, values as unknown[]);
    return plan.map((line) => line["QUERY PLAN"]).join("\n");
  });
}

/** An incremental sort only settles ties, and stops with the page. */
const FULL_SORT = /(?<!Incremental )Sort {2}\(|Seq Scan/;

const TOKEN = encodeGlobalId("Token", "00000000-0000-4000-8000-000000000000");
const KEY = ["00000000-0000-4000-8000-000000000000", "1"] as const;

describe("a page in the default order is read from an index without sorting", () => {
  test.each(
    [tokenList, licenseList, applicationList, collectionList, deploymentList, installationList, userList, deviceList]
      .map(untyped)
      .concat(
        [targetList, syncRunList, appleOperationList, appleUserList, stockChangeList, reservationList].map(untyped),
      )
      .map((list) => [list.name, list] as const),
  )("%s", async (_, list) => {
    const plan = await planOf(list, { first: 50 });
    expect(plan).toMatch(/Index (Only )?Scan/);
    expect(plan).not.toMatch(FULL_SORT);
  });

  test.each(["APP", "BOOK"])(
    "storeAppList of each %s, whose nameless rows are a range of their own",
    async (productType) => {
      const plan = await planOf(untyped(storeAppList), { first: 50, filter: { productType } });
      expect(plan.match(/Index Scan using store_app_name/g)).toHaveLength(2);
      expect(plan.match(/Index Cond: \(\(product_type = /g)).toHaveLength(2);
      expect(plan).not.toContain("Seq Scan");
    },
  );

  test("licenseEventList, whose starts and ends are walked apart", async () => {
    const plan = await planOf(untyped(licenseEventList), { first: 50 });
    expect(plan).toMatch(/Index Scan Backward using license_started/);
    expect(plan).toMatch(/Index Scan Backward using license_ended/);
    expect(plan).not.toMatch(FULL_SORT);
  });

  test("licenseEventList of one token too, and for a cause that is not the first synchronisation's", async () => {
    const ofToken = await planOf(untyped(licenseEventList), { filter: { token: TOKEN } });
    expect(ofToken).toMatch(/using license_started_of_token/);
    expect(ofToken).toMatch(/using license_ended_of_token/);
    const forCause = await planOf(untyped(licenseEventList), { filter: { cause: ["MANUAL", "EXTERNAL"] } });
    expect(forCause).toMatch(/using license_started_later/);
  });

  test.each([licenseList, installationList, syncRunList].map((list) => [list.name, untyped(list)] as const))(
    "for a team, too: %s",
    async (_, list) => {
      const plan = await planOf(list, { first: 50 }, null, ["a team"]);
      expect(plan).toMatch(/Index Scan.* on \w+ item/);
      expect(plan).not.toMatch(/(?<!Incremental )Sort {2}\(|Seq Scan on \w+ item/);
    },
  );

  test("in the middle of the list too: what lies before the cursor is not read", async () => {
    const cursor = Buffer.from(JSON.stringify(["licenseList token_id id ASC", ...KEY])).toString("base64url");
    const plan = await planOf(untyped(licenseList), { first: 50, after: cursor });
    expect(plan).toMatch(/Index Cond: \(ROW\(token_id, id\) > ROW/);
    expect(plan).not.toMatch(FULL_SORT);
  });
});

describe("a page in another order is read from an index without sorting", () => {
  test.each([
    ["apps by their totals", storeAppList, "TOTAL_COUNT", /using store_app_total/],
    ["apps by what is in use", storeAppList, "ASSIGNED_COUNT", /using store_app_assigned/],
    ["apps by what is free", storeAppList, "FREE_COUNT", /using store_app_free/],
    ["synchronisations by their time", syncRunList, "STARTED_AT", /using sync_run_started/],
  ] as const)("%s", async (_, list, field, index) => {
    const plan = await planOf(untyped(list), { first: 50, orderBy: { field, direction: "DESC" } });
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(FULL_SORT);
  });
});

describe("alerts are found by an index in the order of their time", () => {
  test.each([
    ["open ones", { open: true }, /using alert_raised_open/],
    ["those of a kind", { kind: ["LOW_STOCK"] }, /using alert_of_kind/],
    ["those about an object", { subject: TOKEN }, /using alert_of_subject/],
    ["those of a token", { token: TOKEN }, /using alert_of_token/],
  ])("%s", async (_, filter, index) => {
    const plan = await planOf(untyped(alertList), { first: 50, filter });
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(FULL_SORT);
  });
});

describe("a search is answered by an index", () => {
  test("for apps with warnings, beginning at the warnings", async () => {
    const plan = await planOf(untyped(storeAppList), { first: 50, filter: { hasWarning: true } });
    expect(plan).toMatch(/using alert_open/);
    expect(plan).not.toContain("SubPlan");
  });

  test("over names, descriptions and labels of tokens", async () => {
    const query = vi.spyOn(database.dataSource, "query").mockResolvedValueOnce([]);
    await readPages({ db: database.dataSource, teams: null }, tokenList, {
      first: 50,
      filter: { search: "head office" },
    });
    const [text, values] = query.mock.lastCall ?? [];
    query.mockRestore();
    const plan = await database.dataSource.transaction(async (tx) => {
      await tx.query("SET LOCAL enable_seqscan = off");
      await tx.query("SET LOCAL enable_indexscan = off");
      const lines: { "QUERY PLAN": string }[] = await tx.query(`EXPLAIN ${text}`, values as unknown[]);
      return lines.map((line) => line["QUERY PLAN"]).join("\n");
    });
    expect(plan).toMatch(/Bitmap Index Scan on token_search/);
  });
});

describe("licences that nobody seems to need are found without a walk through all", () => {
  test("the leaked ones by two indexes at once, each in order", async () => {
    const plan = await planOf(untyped(leakedLicenseList), { first: 50 });
    expect(plan).toMatch(/Anti Join/);
    expect(plan).toMatch(/Index Only Scan using installation_license on installation wanting/);
    expect(plan).not.toMatch(/(?<!Incremental )Sort {2}\(/);
  });

  test("candidates by their few unknown holders and by what was left behind", async () => {
    const plan = await planOf(untyped(reclaimCandidateList(new Date())), { first: 50 });
    expect(plan).toMatch(/using license_of_nobody/);
    expect(plan).toMatch(/using installation_left_license/);
  });
});

describe("drift", () => {
  const indexes = ["license_abandoned", "license_of_nobody", "alert_open", "installation_unlicensed"];

  test("begins at what is rare, and walks two indexes at once for what nothing uses", async () => {
    const plan = await planOf(untyped(licenseDriftList(new Date())), { first: 50 });
    for (const index of indexes) expect(plan).toContain(index);
    expect(plan).toMatch(/Index Only Scan using installation_license on installation used/);
    expect(plan).not.toContain("Seq Scan on license");
    expect(plan).not.toContain("Seq Scan on installation");
  });

  test("of some types is not looked for where the others are", async () => {
    const plan = await planOf(untyped(licenseDriftList(new Date())), { filter: { type: ["COUNT_MISMATCH"] } });
    expect(plan).toMatch(/using alert_open/);
    expect(plan).not.toContain("using license_abandoned");
  });
});

describe("the rows that belong to an object are found by an index", () => {
  test.each([
    ["licenses of an app", licenseList, byStoreApp],
    ["deployments of an app", deploymentList, byStoreApp],
    ["changes of an app's stock", stockChangeList, byStoreApp],
    ["reservations of an app", reservationList, byStoreApp],
    ["reservations for a collection", reservationList, byCollection],
    ["sync runs of a token", syncRunList, byToken],
    ["holders of an operation", operationHolderList, byOperation],
    ["installations of a deployment", installationList, byDeployment],
    ["members of a plan", deploymentPlanMemberList, byPlan],
    ["collections of a target", collectionList, byTarget],
    ["licenses of a device", licenseList, byDevice],
    ["installations on a device", installationList, byDevice],
    ["devices of a user", deviceList, byUser],
    ["messages to an endpoint", webhookDeliveryList, byEndpoint],
  ] as const)("%s", async (_, list, relation) => {
    const plan = await planOf(untyped(list), { first: 50 }, relation);
    expect(plan).toMatch(/Index (Only )?Scan/);
    expect(plan).toContain("Index Cond");
    expect(plan).not.toContain("Seq Scan");
  });
});
