import { afterEach, describe, expect, it } from "vitest";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { causesBecome } from "./explain.js";
import { leaks, reclaim } from "./leaks.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, installations, statesBecome } from "./story.js";

const RETRY = `mutation ($input: RetryAppleOperationInput!) { retryAppleOperation(input: $input) {
  requestedAnewCount appleOperation { state } } }`;
const ABANDON = `mutation ($input: AbandonAppleOperationInput!) { abandonAppleOperation(input: $input) {
  settledCount releasedCount mayLeakCount
  appleOperation { state abandonedBy holders { nodes { outcome detail remedy license { state abandonedAt } } } } } }`;

interface OperationSeen {
  readonly id: string;
  readonly intent: string;
  readonly state: string;
  readonly attempts: number;
  readonly nextAttemptAt: string;
  readonly eventId: string | null;
  readonly lastError: string | null;
  readonly holders: { readonly totalCount: number; readonly nodes: { outcome: string; errorNumber: number | null }[] };
}

let office: Office;

afterEach(() => office.stop());

async function open(): Promise<void> {
  office = await startOffice({ licenses: 5, mock: { userless: 1 } });
}

async function operation(intent: string): Promise<OperationSeen | null> {
  const { appleOperations } = await office.api.ask<{ appleOperations: { nodes: OperationSeen[] } }>(
    `query ($intent: [AppleOperationIntent!]) { appleOperations(first: 10, filter: { intent: $intent }) { nodes {
       id intent state attempts nextAttemptAt eventId lastError
       holders(first: 10) { totalCount nodes { outcome errorNumber } } } } }`,
    { intent: [intent] },
  );
  return appleOperations.nodes[0] ?? null;
}

/** Waits until the newest operation of a kind is as said. */
async function operationIs(intent: string, isSo: (seen: OperationSeen) => boolean): Promise<OperationSeen> {
  let seen: OperationSeen | null = null;
  return eventually(
    async () => {
      seen = await operation(intent);
      return seen && isSo(seen) ? seen : null;
    },
    () => seen,
  );
}

/** Waits for one that Apple has refused so often that its next attempt is far away. */
function waiting(intent: string): Promise<OperationSeen> {
  return operationIs(intent, ({ state, attempts }) => state === "PENDING" && attempts === 3);
}

function sent(path: string): number {
  return postsTo(office.apple).filter((post) => post === path).length;
}

describe("an operation that Apple keeps refusing", () => {
  it("tells its attempts and its last error, and goes on at once when an admin retries it", async () => {
    await open();
    await office.control("/fail-next", { path: "/assets/associate", errorNumber: 9603, count: 3 });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const stuck = await waiting("ASSOCIATE");
    expect(stuck).toMatchObject({ eventId: null, holders: { totalCount: 1, nodes: [{ outcome: "OPEN" }] } });
    expect(stuck.lastError).toContain("9603");
    expect(Date.parse(stuck.nextAttemptAt)).toBeGreaterThan(Date.now());

    const retried = await office.api.ask<{ retryAppleOperation: { requestedAnewCount: number } }>(RETRY, {
      input: { appleOperation: stuck.id },
    });
    expect(retried.retryAppleOperation.requestedAnewCount).toBe(0);
    await statesBecome(office.api, deployment, { INSTALLED: 1 });
    const done = await operationIs("ASSOCIATE", ({ state }) => state === "DONE");
    expect(done).toMatchObject({ id: stuck.id, attempts: 4, eventId: expect.any(String) });

    for (const mutation of [RETRY, ABANDON]) {
      const refused = await office.api.refused(mutation, { input: { appleOperation: stuck.id } });
      expect(refused.extensions.code).toBe("CONFLICT");
    }
    expect(sent("/assets/associate")).toBe(4);
  });

  it("is given up by an admin: Apple is asked once more, and what it does not show is free again", async () => {
    await open();
    await office.control("/fail-next", { path: "/assets/associate", errorNumber: 9603, count: 3 });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const stuck = await waiting("ASSOCIATE");
    const { abandonAppleOperation: given } = await office.api.ask<{ abandonAppleOperation: unknown }>(ABANDON, {
      input: { appleOperation: stuck.id },
    });
    expect(given).toEqual({
      settledCount: 0,
      releasedCount: 1,
      mayLeakCount: 0,
      appleOperation: {
        state: "ABANDONED",
        abandonedBy: "admin",
        holders: {
          nodes: [
            {
              outcome: "FAILED",
              detail: expect.stringContaining("shows no such licence"),
              remedy: expect.any(String),
              license: { state: "REFUSED", abandonedAt: null },
            },
          ],
        },
      },
    });
    const [failed] = await statesBecome(office.api, deployment, { FAILED: 1 });
    expect(failed).toMatchObject({ reason: "OPERATION_ABANDONED", license: null });
    expect(await office.counts()).toMatchObject({ heldCount: 0, freeCount: 5 });
    expect(await leaks(office.api)).toEqual([]);
    const refused = await office.api.refused(RETRY, { input: { appleOperation: stuck.id } });
    expect(refused.extensions.code).toBe("CONFLICT");
    expect(sent("/assets/associate")).toBe(3);
  });
});

it("an operation that Apple has refused for good is asked for anew by a retry, as far as it is still wanted", async () => {
  await open();
  await office.control("/fail-next-event", { errorNumber: 9635 });
  const deployment = await office.deployTo("All devices", "DEVICE");
  const [failed] = await statesBecome(office.api, deployment, { FAILED: 1 });
  expect(failed).toMatchObject({ reason: "REFUSED_BY_APPLE" });
  const over = await operationIs("ASSOCIATE", ({ state }) => state === "FAILED");
  expect(over.holders.nodes).toEqual([{ outcome: "FAILED", errorNumber: 9635 }]);

  const { retryAppleOperation } = await office.api.ask<{ retryAppleOperation: unknown }>(RETRY, {
    input: { appleOperation: over.id },
  });
  expect(retryAppleOperation).toEqual({ requestedAnewCount: 1, appleOperation: { state: "FAILED" } });
  await statesBecome(office.api, deployment, { INSTALLED: 1 });
  const refused = await office.api.refused(RETRY, { input: { appleOperation: over.id } });
  expect(refused.extensions.code).toBe("CONFLICT");
});

it("an operation whose last answer was lost is not released for the sake of an earlier attempt's event", async () => {
  office = await startOffice({ licenses: 5, mock: { userless: 1 }, environment: { TIME_SCALE: "5" } });
  await office.control("/fail-next-event", { count: 1 });
  await office.deployTo("All devices", "DEVICE");
  await operationIs("ASSOCIATE", ({ state, attempts }) => state === "PENDING" && attempts === 1);
  await office.control("/switches", { eventDelayMs: 60_000 });
  await office.control("/fail-next", { path: "/assets/associate", afterEffect: true });
  const lost = await operationIs("ASSOCIATE", ({ state, attempts }) => state === "UNKNOWN" && attempts === 2);

  const refused = await office.api.refused(ABANDON, { input: { appleOperation: lost.id } });
  expect(refused.extensions).toMatchObject({ code: "CONFLICT", details: { mayLeak: 1 } });
  expect(await office.counts()).toMatchObject({ heldCount: 1, freeCount: 4 });
});

it("an operation that is given up while Apple is away leaks nothing unseen: its licence is listed, and joined again later", async () => {
  await open();
  await office.control("/hold", { path: "/assets/associate" });
  const deployment = await office.deployTo("All devices", "DEVICE");
  await eventually(async () => (office.holders().length === 1 ? true : null));
  const early = await operationIs("ASSOCIATE", ({ state }) => state === "SENDING");
  const tooEarly = await office.api.refused(ABANDON, { input: { appleOperation: early.id, force: true } });
  expect(tooEarly.extensions.code).toBe("CONFLICT");
  await office.control("/unavailable", { seconds: 3_600, retryAfter: "none" });
  await office.control("/release");
  const stuck = await operationIs("ASSOCIATE", ({ state }) => state === "SENT");

  const refused = await office.api.refused(ABANDON, { input: { appleOperation: stuck.id } });
  expect(refused.extensions).toMatchObject({ code: "APPLE_UNAVAILABLE", details: { mayLeak: 1 } });
  expect(refused.message).toContain("may leak");
  expect(await operation("ASSOCIATE")).toMatchObject({ state: "SENT" });
  expect(await office.counts()).toMatchObject({ heldCount: 1 });

  const { abandonAppleOperation: given } = await office.api.ask<{ abandonAppleOperation: object }>(ABANDON, {
    input: { appleOperation: stuck.id, force: true },
  });
  expect(given).toMatchObject({
    mayLeakCount: 1,
    releasedCount: 0,
    appleOperation: {
      state: "ABANDONED",
      holders: { nodes: [{ outcome: "ABANDONED", license: { state: "HELD", abandonedAt: expect.any(String) } }] },
    },
  });
  const [failed] = await statesBecome(office.api, deployment, { FAILED: 1 });
  expect(failed).toMatchObject({ reason: "OPERATION_ABANDONED", license: null });
  expect(await leaks(office.api)).toMatchObject([{ reason: "ABANDONED", reclaim: { outcome: "RETURNED" } }]);
  expect(await office.counts()).toMatchObject({ heldCount: 1, freeCount: 4 });

  await office.control("/unavailable", { seconds: 0 });
  await office.api.ask(
    "mutation ($input: RetryInstallationInput!) { retryInstallation(input: $input) { installation { id } } }",
    {
      input: { installation: failed?.id },
    },
  );
  await statesBecome(office.api, deployment, { INSTALLED: 1 });
  expect(sent("/assets/associate")).toBe(1);
  expect(await leaks(office.api)).toEqual([]);
});

it("a return that is given up leaves the licence at Apple, listed as leaked, from where it is taken back", async () => {
  await open();
  const deployment = await office.deployTo("All devices", "DEVICE");
  await statesBecome(office.api, deployment, { INSTALLED: 1 });
  await office.control("/fail-next", { path: "/assets/disassociate", errorNumber: 9603, count: 3 });
  await changeAction(office.api, deployment, "UNINSTALL");
  const stuck = await waiting("DISASSOCIATE");
  const { abandonAppleOperation: given } = await office.api.ask<{ abandonAppleOperation: object }>(ABANDON, {
    input: { appleOperation: stuck.id },
  });
  expect(given).toMatchObject({ settledCount: 0, releasedCount: 0, mayLeakCount: 1 });
  await statesBecome(office.api, deployment, { REMOVED: 1 });
  expect(await installations(office.api, deployment)).toMatchObject([{ reason: "OPERATION_ABANDONED", license: null }]);
  expect(office.holders()).toHaveLength(1);

  const [leak] = await leaks(office.api);
  expect(leak).toMatchObject({ reason: "ABANDONED", reclaim: { outcome: "RETURNED" } });
  await reclaim(office.api, [leak?.license.id ?? ""]);
  await eventually(async () => (office.holders().length === 0 ? true : null));
  await eventually(async () => ((await leaks(office.api)).length === 0 ? true : null));
});

it("a registration that is given up while Apple is away is not blamed on Apple, and a retry asks for it anew", async () => {
  office = await startOffice({ licenses: 1, mock: { users: 1, devices: 1 } });
  await office.control("/fail-next", { path: "/users/create", errorNumber: 9603, count: 3 });
  const deployment = await office.deployTo("All users", "USER");
  const stuck = await waiting("CREATE_USERS");
  await office.control("/unavailable", { seconds: 3_600, retryAfter: "none" });
  const refused = await office.api.refused(ABANDON, { input: { appleOperation: stuck.id } });
  expect(refused.extensions).toMatchObject({ code: "APPLE_UNAVAILABLE", details: { mayLeak: 1 } });
  await office.api.ask(ABANDON, { input: { appleOperation: stuck.id, force: true } });
  await office.control("/unavailable", { seconds: 0 });

  const [given] = await statesBecome(office.api, deployment, { NOT_APPLICABLE: 1 });
  const installation = given?.id ?? "";
  const [, abandoned] = await causesBecome(office.api, { installation }, "WANTED", "OPERATION_ABANDONED");
  expect(abandoned).toMatchObject({
    whoHasToAct: "ADMIN",
    evidence: expect.stringMatching(/An admin gave up .* the person may be registered\.$/),
    nextAction: expect.stringContaining("retry the installation"),
  });
  await office.api.ask(
    "mutation ($input: RetryInstallationInput!) { retryInstallation(input: $input) { installation { id } } }",
    { input: { installation } },
  );
  await statesBecome(office.api, deployment, { INSTALLED: 1 });
});
