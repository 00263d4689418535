import { afterEach, beforeEach, expect, test } from "vitest";
import { HolderKind } from "../../../src/entities/license.js";
import type { AppleClient } from "../../../src/sync/apple/apple-client.js";
import { claimLicenses } from "../../../src/sync/licenses/claim-licenses.js";
import { runOperations } from "../../../src/sync/licenses/run-operations.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

const OPERATIONS = 7;

let world: TokenWorld;
let tokenId: string;

/** As many operations as there are claims, each of one holder. */
beforeEach(async () => {
  const switches = { eventDelayMs: 0 };
  world = await createTokenWorld({ apple: { apps: 1, licenses: 10, assigned: 0, switches } });
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
  const [app] = await world.read<{ id: string }>("SELECT id FROM store_app");
  const needs = Array.from({ length: OPERATIONS }, (_, at) => ({
    kind: HolderKind.DEVICE,
    key: `C02HOLDER${at}`,
    deviceId: null,
    appleUserId: null,
  }));
  await world.core.dataSource.transaction((tx) =>
    claimLicenses(tx, world.core, {
      storeApp: { tokenId, id: app?.id ?? "" },
      needs,
      actor: "test",
      operationSize: 1,
    }),
  );
});
afterEach(() => world.stop());

type Call = "associate" | "assignments";

/** Runs what is due with an Apple that answers as `answer` says, and counts how many such calls were under way at once. */
async function runCounting<Name extends Call>(name: Name, answer: (call: AppleClient[Name]) => AppleClient[Name]) {
  let underWay = 0;
  let most = 0;
  const counted = async (...asked: unknown[]) => {
    underWay += 1;
    most = Math.max(most, underWay);
    try {
      return await (answer(world.core.apple[name]) as (...given: unknown[]) => Promise<unknown>)(...asked);
    } finally {
      underWay -= 1;
    }
  };
  await runOperations({ ...world.core, apple: { ...world.core.apple, [name]: counted } }, { tokenId });
  return most;
}

const operations = () =>
  world.read<{ state: string; attempts: number; count: number }>(
    "SELECT state, attempts, count(*)::int AS count FROM apple_operation GROUP BY state, attempts",
  );

test("some operations of a token are under way at once, and each is sent once", async () => {
  const sent: string[] = [];
  let another: () => void = () => undefined;
  const anotherIsSent = new Promise<void>((resolve) => {
    another = resolve;
  });
  const most = await runCounting("associate", (associate) => async (access, order) => {
    sent.push(...order.serialNumbers);
    if (sent.length > 1) another();
    await anotherIsSent;
    return associate(access, order);
  });
  expect(most).toBeGreaterThan(1);
  expect(sent).toHaveLength(OPERATIONS);
  expect(new Set(sent).size).toBe(OPERATIONS);
  expect(await operations()).toEqual([{ state: "DONE", attempts: 1, count: OPERATIONS }]);
});

test("operations whose answer was lost are looked up one after the other, since a synchronisation may be reading, too", async () => {
  await world.core.dataSource.query(
    "UPDATE apple_operation SET state = 'UNKNOWN', attempts = 1, next_attempt_at = $1",
    [world.core.clock.now()],
  );
  const most = await runCounting("assignments", (assignments) => assignments);
  expect(most).toBe(1);
});

test("an operation that fails within the service fails the job, when those beside it have made their step", async () => {
  const failing = runCounting("associate", (associate) => async (access, order) => {
    if (order.serialNumbers.includes("C02HOLDER0")) throw new Error("nobody foresaw this");
    return associate(access, order);
  });
  await expect(failing).rejects.toThrow("nobody foresaw this");
  const seen = await operations();
  expect(seen.find(({ state }) => state === "SENDING")).toMatchObject({ count: 1 });
  expect(seen.filter(({ state }) => !["SENDING", "SENT", "PENDING", "DONE"].includes(state))).toEqual([]);
});
