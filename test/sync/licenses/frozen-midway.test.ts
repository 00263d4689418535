import { afterEach, beforeEach, expect, test } from "vitest";
import { HolderKind } from "../../../src/entities/license.js";
import type { AppleClient } from "../../../src/sync/apple/apple-client.js";
import { claimLicenses } from "../../../src/sync/licenses/claim-licenses.js";
import { runOperations } from "../../../src/sync/licenses/run-operations.js";
import { resumeToken } from "../../../src/sync/tokens/resume-token.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

let world: TokenWorld;
let tokenId: string;

/** The token is suspended after Apple has taken a request, and before its answer is here. */
beforeEach(async () => {
  const switches = { eventDelayMs: 60_000 };
  world = await createTokenWorld({ apple: { apps: 1, licenses: 10, assigned: 0, switches } });
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
  await claim("C02HOLDER");
  const apple: AppleClient = {
    ...world.core.apple,
    associate: async (...order) => {
      const answer = await world.core.apple.associate(...order);
      await world.core.dataSource.transaction((tx) => suspendToken(tx, world.core, tokenId, "admin"));
      return answer;
    },
  };
  await runOperations({ ...world.core, apple }, { tokenId });
});
afterEach(() => world.stop());

async function claim(key: string): Promise<void> {
  const [app] = await world.read<{ id: string }>("SELECT id FROM store_app");
  const need = { kind: HolderKind.DEVICE, key, deviceId: null, appleUserId: null };
  const storeApp = { tokenId, id: app?.id ?? "" };
  await world.core.dataSource.transaction((tx) =>
    claimLicenses(tx, world.core, { storeApp, needs: [need], actor: "test", operationSize: 10 }),
  );
}

const operations = () =>
  world.read<{ state: string; attempts: number; known: boolean }>(
    "SELECT state, attempts, event_id IS NOT NULL AS known FROM apple_operation ORDER BY id",
  );

test("an operation that is frozen while Apple answers keeps the id of the event it became", async () => {
  expect(await operations()).toEqual([{ state: "PAUSED", attempts: 1, known: true }]);
});

async function thaw(): Promise<void> {
  await world.core.dataSource.transaction((tx) => resumeToken(tx, world.core, tokenId));
  await verifyToken(world.core, { tokenId });
}

test.each([
  ["before it is looked at", "before"],
  ["between the two looks at it", "between"],
])(
  "an operation that was frozen while Apple answered is looked up on thaw, and not sent again: Apple ends it %s",
  async (_, ends) => {
    await thaw();
    if (ends === "before") await world.control("/finish-events", {});
    const { assignments } = world.core.apple;
    const finishing: typeof assignments = async (...asked) => {
      const page = await assignments(...asked);
      await world.control("/finish-events", {});
      return page;
    };
    const core = { ...world.core, apple: { ...world.core.apple, assignments: finishing } };
    const ended = await eventually(async () => {
      await runOperations(core, { tokenId });
      const [operation] = await operations();
      return operation?.state === "DONE" || operation?.state === "FAILED" ? operation : null;
    }, operations);
    expect(ended).toEqual({ state: "DONE", attempts: 1, known: true });
    expect(await world.read("SELECT state FROM license")).toEqual([{ state: "HELD" }]);
  },
);

test("an operation whose answer shows another's claim keeps the id of the event that the same answer tells", async () => {
  await thaw();
  await claim("C02OTHER");
  const apple: AppleClient = {
    ...world.core.apple,
    associate: async (...order) => {
      await world.control("/take-over", { id: "other-mdm", name: "Another MDM", metadata: "elsewhere.example" });
      return world.core.apple.associate(...order);
    },
  };
  await runOperations({ ...world.core, apple }, { tokenId });
  expect((await operations()).at(-1)).toEqual({ state: "PAUSED", attempts: 1, known: true });
  expect(await world.read("SELECT health_state FROM token")).toEqual([{ health_state: "CLAIMED_ELSEWHERE" }]);
});
