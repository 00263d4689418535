import { afterEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { atRest } from "../support/at-rest.js";
import { controlApple, postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { leaks, reclaim, setNeverReclaim } from "./leaks.js";
import { type Office, type OfficeOptions, startOffice } from "./office.js";
import { CREATE, carryOut, countOutcomes, PLAN, plan, planById } from "./plan.js";
import { apps, changeAction, collectionNamed, deviceCollection, devices, statesBecome, syncToken } from "./story.js";

let office: Office;

afterEach(() => office.stop());

async function open(options: OfficeOptions): Promise<void> {
  office = await startOffice(options);
}

/** What is wanted of a collection by its name. */
async function wish(collection: string, input: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const id = await collectionNamed(office.api, collection);
  return { storeApp: office.app.id, collection: id, target: office.target, licensing: "DEVICE", ...input };
}

/** What is refused leaves no trace here or at Apple. */
async function refused(operation: string, input: Record<string, unknown>) {
  const trace = async () => ({
    rows: await countRows(office.database.dataSource),
    posts: postsTo(office.apple).length,
  });
  await atRest(office.database.dataSource);
  const before = await trace();
  const { extensions } = await office.api.refused(operation, { input });
  expect(await trace()).toEqual(before);
  return extensions;
}

describe("a dry run", () => {
  it("tells for each member what it gets, what that costs, and on what data, and changes nothing else", async () => {
    await open({ licenses: 3, mock: { users: 2, devices: 3, userless: 2 } });
    const posts = postsTo(office.apple).length;
    const planned = await plan(office.api, await wish("All devices"));

    expect(countOutcomes(planned)).toEqual({ INSTALL: 3, "WAITS_FOR_LICENSE OUT_OF_STOCK": 2 });
    expect(planned).toMatchObject({ certainty: "DECIDED", licensesNeeded: 5, licensesMissing: 2, licensesLater: 0 });
    expect(planned.stockBefore).toEqual({ total: 3, held: 0, free: 3, reservedForOthers: 0, waiting: 0 });
    expect(planned.stockAfter).toEqual({ total: 3, held: 3, free: 0, reservedForOthers: 0, waiting: 2 });
    expect(planned.warnings.map(({ code }) => code)).toEqual(["OUT_OF_STOCK"]);
    expect(planned.members.nodes.map(({ plannedLicense }) => plannedLicense)).toEqual([
      "NEW",
      "NEW",
      "NEW",
      null,
      null,
    ]);
    expect(planned.holdersImportedAt).not.toBeNull();
    expect(planned.holdersAgeSeconds).toBeGreaterThanOrEqual(0);
    expect(planned.lastSyncAgeSeconds).toBe(
      (Date.parse(planned.createdAt) - Date.parse(planned.lastSyncAt ?? "")) / 1000,
    );
    expect(planned.countsAgeSeconds).toBe((Date.parse(planned.createdAt) - Date.parse(planned.countsAt)) / 1000);

    expect(await office.counts()).toMatchObject({ heldCount: 0, freeCount: 3 });
    expect(postsTo(office.apple)).toHaveLength(posts);
    expect(await planById(office.api, planned.id)).toEqual(planned);
  });

  it("is what then happens when it is carried out, once", async () => {
    await open({ licenses: 3, mock: { users: 2, devices: 3, userless: 2 } });
    const planned = await plan(office.api, await wish("All devices"));
    const deployment = await carryOut(office.api, planned.id);
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 3, WAITING_FOR_LICENSE: 2 });
    const promised = planned.members.nodes.filter(({ outcome }) => outcome === "INSTALL");
    expect(seen.flatMap(({ state, device }) => (state === "INSTALLED" ? [device?.serial] : [])).sort()).toEqual(
      promised.map(({ device }) => device?.serial).sort(),
    );
    expect(await office.counts()).toMatchObject({ heldCount: 3, freeCount: 0 });
    expect(await planById(office.api, planned.id)).toMatchObject({ deployment: { id: deployment } });
    expect(await refused(CREATE, { planId: planned.id })).toMatchObject({
      code: "CONFLICT",
      details: { problem: "PLAN_USED", deploymentId: deployment },
    });
  });
});

describe("between a plan and its deployment", () => {
  it("stock that is lost is a conflict, told member by member, and no plan is spent by it", async () => {
    await open({ licenses: 5, mock: { userless: 5 } });
    const planned = await plan(office.api, await wish("All devices"));
    await office.control("/assign", { adamId: office.app.adamId, serialNumber: "ELSEWHERE001" });
    await syncToken(office.api, office.token);

    const { code, details } = await refused(CREATE, { planId: planned.id, idempotencyKey: "first try" });
    expect(code).toBe("CONFLICT");
    expect(details).toMatchObject({
      problem: "PLAN_CHANGED",
      worse: 1,
      members: [{ before: "INSTALL", after: "WAITS_FOR_LICENSE", reasonAfter: "OUT_OF_STOCK" }],
      licensesNeededBefore: 5,
      licensesNeededAfter: 5,
    });

    await office.buy(1);
    await syncToken(office.api, office.token);
    const once = { planId: planned.id, idempotencyKey: "first try" };
    const [first, again] = [await create(once), await create(once)];
    expect(again).toBe(first);
    await statesBecome(office.api, first, { INSTALLED: 5 });
  });

  it("a member who joins is a conflict where more licences are needed, though there are enough", async () => {
    await open({ licenses: 5, mock: { userless: 2 } });
    const [first, second] = (await devices(office.api)).map(({ id }) => id);
    const collection = await deviceCollection(office.api, "Desk", [first as string]);
    const planned = await plan(office.api, await wish("Desk"));
    await office.api.ask(
      "mutation ($input: AddCollectionMembersInput!) { addCollectionMembers(input: $input) { collection { id } } }",
      { input: { collection, devices: [second] } },
    );
    const { message, extensions } = await office.api.refused(CREATE, { input: { planId: planned.id } });
    expect(extensions).toMatchObject({
      code: "CONFLICT",
      details: { problem: "PLAN_CHANGED", worse: 0, members: [], licensesNeededBefore: 1, licensesNeededAfter: 2 },
    });
    expect(message).toContain("since this was planned: 2 licences are needed instead of 1.");
  });

  it("24 hours may pass at most: then it has to be planned again", async () => {
    await open({ licenses: 5, mock: { userless: 1 } });
    const planned = await plan(office.api, await wish("All devices"));
    await rows(office.database.dataSource, "UPDATE deployment_plan SET expires_at = now() - interval '1 second'");
    expect(await refused(CREATE, { planId: planned.id })).toMatchObject({
      code: "PRECONDITION_FAILED",
      details: { problem: "PLAN_EXPIRED", expiresAt: expect.any(String) },
    });
  });

  async function create(input: Record<string, unknown>): Promise<string> {
    const made = await office.api.ask<{ createDeployment: { deployment: { id: string } } }>(CREATE, { input });
    return made.createDeployment.deployment.id;
  }
});

describe("a plan under user licensing", () => {
  it("says who waits for an invitation, whose sixth device is left out, and who has no user", async () => {
    await open({ licenses: 9, mock: { users: 2, devices: 12, userless: 1, invitedEvery: 2 } });
    const input = await wish("All devices", { licensing: "USER" });
    await statesBecome(office.api, await carryOut(office.api, (await plan(office.api, input)).id), {
      INSTALLED: 5,
      WAITING_FOR_USER: 5,
      NOT_APPLICABLE: 3,
    });
    const [, other] = await apps(office.api, office.token);
    const planned = await plan(office.api, { ...input, storeApp: other?.id });
    expect(countOutcomes(planned)).toEqual({
      INSTALL: 5,
      "WAITS_FOR_USER INVITATION_OPEN": 5,
      "NOT_APPLICABLE DEVICE_LIMIT": 2,
      "NO_USER NO_USER": 1,
    });
    expect(planned).toMatchObject({ licensesNeeded: 2, licensesLater: 1, licensesMissing: 0 });
  });
});

describe("a plan of an uninstall", () => {
  it("says which devices lose the app and which licences return, and what happens then is just that", async () => {
    await openHeld(3);
    const planned = await plan(office.api, await wish("All devices", { action: "UNINSTALL" }));
    expect(countOutcomes(planned)).toEqual({ REMOVE: 3 });
    expect(planned).toMatchObject({ licensesReturning: 3, licensesNotReturning: 0, stockAfter: { held: 0, free: 9 } });

    await statesBecome(office.api, await carryOut(office.api, planned.id), { REMOVED: 3 });
    expect(office.holders()).toEqual([]);
    expect(await office.counts()).toMatchObject({ heldCount: 0, freeCount: 9 });
  });

  it("counts the licence that two devices of a person let go of together", async () => {
    await open({ licenses: 9, mock: { users: 1, devices: 2 } });
    const former = await office.deployTo("All devices", "USER");
    await statesBecome(office.api, former, { INSTALLED: 2 });
    await office.api.ask(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }",
      { input: { deployment: former, onLeave: "KEEP" } },
    );
    const planned = await plan(office.api, await wish("All devices", { action: "UNINSTALL", licensing: "USER" }));
    expect(planned.outcomeCounts).toEqual([{ outcome: "REMOVE", reason: null, license: "RETURNS", count: 2 }]);
    expect(planned).toMatchObject({ licensesReturning: 1, licensesNotReturning: 0, stockAfter: { held: 0, free: 9 } });

    await statesBecome(office.api, await carryOut(office.api, planned.id), { REMOVED: 2 });
    await eventually(async () => (office.holders().length === 0 ? true : null), office.holders);
    await eventually(async () => ((await office.counts()).heldCount === 0 ? true : null), office.counts);
  });

  it("no longer holds when a licence does not return that was to, and the conflict says so", async () => {
    await openHeld(2);
    const planned = await plan(office.api, await wish("All devices", { action: "UNINSTALL" }));
    const [protectedOne] = await leaks(office.api);
    await setNeverReclaim(office.api, [protectedOne?.license.id ?? ""], true);
    const { message, extensions } = await office.api.refused(CREATE, { input: { planId: planned.id } });
    expect(extensions).toMatchObject({
      code: "CONFLICT",
      details: {
        problem: "PLAN_CHANGED",
        worse: 1,
        members: [{ before: "REMOVE", licenseBefore: "RETURNS", after: "REMOVE", licenseAfter: "STAYS" }],
      },
    });
    expect(message).toContain("since this was planned: for 1 member. Plan again.");
  });

  it("still holds when a licence is back already", async () => {
    await openHeld(2);
    const planned = await plan(office.api, await wish("All devices", { action: "UNINSTALL" }));
    const [early] = await leaks(office.api);
    await reclaim(office.api, [early?.license.id ?? ""]);
    await statesBecome(office.api, await carryOut(office.api, planned.id), { REMOVED: 2 });
    await eventually(async () => (office.holders().length === 0 ? true : null), office.holders);
  });

  it("is refused for a deployment that there is: that one is turned", async () => {
    await open({ licenses: 9, mock: { userless: 3 } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    const input = await wish("All devices", { action: "UNINSTALL" });
    expect(await refused(PLAN, input)).toMatchObject({ code: "CONFLICT", details: { deploymentId: deployment } });
    await changeAction(office.api, deployment, "UNINSTALL");
    await statesBecome(office.api, deployment, { REMOVED: 3 });
  });

  /** So many devices hold the app at Apple, without anybody's wish. */
  async function openHeld(userless: number): Promise<void> {
    await open({ licenses: 9, mock: { userless } });
    for (const { serial } of await devices(office.api)) {
      await office.control("/assign", { adamId: office.app.adamId, serialNumber: serial });
    }
    await syncToken(office.api, office.token);
  }
});

describe("a deployment that is made and turned without a plan", () => {
  interface Told {
    readonly deployment: { id: string };
    readonly findings: { code: string }[];
    readonly warnings: { code: string; message: string }[];
  }
  const TOLD = "deployment { id } findings { code } warnings { code message }";

  it("is warned of with each answer, first of all that no licence of its app ever comes back", async () => {
    await open({ licenses: 9, mock: { userless: 1 }, apple: { apps: 8 } });
    await office.control("/purchase", { adamId: "6430000003", count: 5 });
    await syncToken(office.api, office.token);
    const irrevocable = (await apps(office.api, office.token)).find(({ adamId }) => adamId === "6430000003");
    const { createDeployment } = await office.api.ask<{ createDeployment: Told }>(
      `mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { ${TOLD} } }`,
      { input: await wish("All devices", { storeApp: irrevocable?.id }) },
    );
    expect(createDeployment).toMatchObject({ findings: [], warnings: [{ code: "IRREVOCABLE" }] });
    await rows(office.database.dataSource, "UPDATE target SET apns_expires_at = now() - interval '1 day'");
    const { changeDeploymentAction } = await office.api.ask<{ changeDeploymentAction: Told }>(
      `mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { ${TOLD} } }`,
      { input: { deployment: createDeployment.deployment.id, action: "UNINSTALL" } },
    );
    expect(changeDeploymentAction).toMatchObject({
      findings: [{ code: "APNS_EXPIRED" }],
      warnings: [{ code: "IRREVOCABLE", message: expect.stringContaining("their licences stay with them") }],
    });
  });
});

describe("what a deployment would be refused for", () => {
  it("is refused when it is planned, and leaves no trace", async () => {
    await open({ licenses: 9, mock: { userless: 3 }, apple: { apps: 8 } });
    await controlApple(office.apple, "/purchase", { adamId: "6430000002", count: 5 });
    await syncToken(office.api, office.token);
    const personal = (await apps(office.api, office.token)).find(({ adamId }) => adamId === "6430000002");
    const input = await wish("All devices");
    const refusals = [
      await refused(PLAN, { ...input, purpose: "AVAILABLE" }),
      await refused(PLAN, { ...input, storeApp: personal?.id }),
      await refused(PLAN, { ...input, priority: 1001 }),
      await refused(CREATE, { planId: "nothing" }),
      await refused(CREATE, { ...input, planId: "nothing" }),
      await refused(CREATE, { ...input, collection: null }),
    ];
    expect(refusals.map(({ code }) => code)).toEqual([
      "PRECONDITION_FAILED",
      "PRECONDITION_FAILED",
      "INVALID_INPUT",
      "NOT_FOUND",
      "INVALID_INPUT",
      "INVALID_INPUT",
    ]);
  });
});

describe("the members of a plan", () => {
  it("are read page by page, those of one outcome by themselves, and found again by the plan's id", async () => {
    await open({ licenses: 4, mock: { userless: 9 } });
    const { id } = await plan(office.api, await wish("All devices"));
    const query = `query ($id: ID!, $after: String, $outcome: [PlanOutcome!]) { node(id: $id) { ... on DeploymentPlan {
      members(first: 3, after: $after, filter: { outcome: $outcome }) {
        totalCount pageInfo { hasNextPage endCursor } nodes { outcome device { serial } } } } } }`;
    const read = async (variables: Record<string, unknown>) => {
      type Page = { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: unknown[] };
      return (await office.api.ask<{ node: { members: Page } }>(query, { id, ...variables })).node.members;
    };
    const waits = await read({ outcome: ["WAITS_FOR_LICENSE"] });
    const rest = await read({ outcome: ["WAITS_FOR_LICENSE"], after: waits.pageInfo.endCursor });
    expect([waits.totalCount, waits.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([5, true, false]);
    expect([...waits.nodes, ...rest.nodes]).toHaveLength(5);
    expect((await read({})).totalCount).toBe(9);
  });
});
