import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;
let held: { id: string; adamId: string; key: string };

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 4, licenses: 40, users: 0, assigned: 12 } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
  const [license] = await world.read<typeof held>(
    `SELECT license.id, adam_id AS "adamId", holder_key AS key
     FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id ORDER BY license.id LIMIT 1`,
  );
  if (!license) throw new Error("The simulator has assigned nothing");
  held = license;
});

afterEach(() => world.stop());

type Assignments = TokenWorld["core"]["apple"]["assignments"];

/** A full synchronisation that is interrupted before each reading of an app by itself, and after each page of the list. */
async function syncWith(interrupt: { listPage?: () => Promise<unknown>; reread?: (nth: number) => Promise<unknown> }) {
  const { assignments } = world.core.apple;
  let rereads = 0;
  const interrupted: Assignments = async (access, query, signal) => {
    if (query.adamId !== undefined) {
      rereads += 1;
      await interrupt.reread?.(rereads);
    }
    const page = await assignments(access, query, signal);
    if (query.adamId === undefined) await interrupt.listPage?.();
    return page;
  };
  const core = { ...world.core, apple: { ...world.core.apple, assignments: interrupted } };
  const request = { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL };
  await core.dataSource.transaction((tx) => requestSync(tx, core, tokenId, request));
  await syncToken(core, { tokenId });
}

const inAnHour = () => new Date(Date.now() + 3_600_000);
const statesOfHolder = async () => {
  const licenses = await world.read<{ state: string }>("SELECT state FROM license WHERE holder_key = $1 ORDER BY id", [
    held.key,
  ]);
  return licenses.map(({ state }) => state);
};
const openOfApp = () =>
  world.read(
    `SELECT license.id FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id
     WHERE adam_id = $1 AND holder_key = $2 AND ended_at IS NULL`,
    [held.adamId, held.key],
  );

it("starts no holding anew that has ended here since the page was asked for", async () => {
  const before = (await statesOfHolder()).length;
  const end = () =>
    world.read(
      `WITH ended AS (
         UPDATE license SET state = 'ENDED', ended_at = $2, end_cause = 'DEPLOYMENT', end_actor = 'deployment' WHERE id = $1
         RETURNING token_id, store_app_id)
       UPDATE store_app app SET held_count = held_count - 1 FROM ended
       WHERE app.token_id = ended.token_id AND app.id = ended.store_app_id`,
      [held.id, inAnHour()],
    );
  await syncWith({ listPage: end });
  expect(await openOfApp()).toEqual([]);
  expect(await statesOfHolder()).toHaveLength(before);
});

it("ends no holding that two reads miss and an operation has taken up meanwhile", async () => {
  await world.control("/unassign", { adamId: held.adamId, serialNumber: held.key });
  await syncWith({
    reread: () => world.read("UPDATE license SET state = 'RETURNING', operation_id = 77 WHERE id = $1", [held.id]),
  });
  expect(await world.read("SELECT state, operation_id FROM license WHERE id = $1", [held.id])).toEqual([
    { state: "RETURNING", operation_id: "77" },
  ]);
});

it("ends no holding that two reads miss and an operation has confirmed meanwhile", async () => {
  await world.control("/unassign", { adamId: held.adamId, serialNumber: held.key });
  await syncWith({
    reread: () => world.read("UPDATE license SET proven_at = $2 WHERE id = $1", [held.id, inAnHour()]),
  });
  expect(await world.read("SELECT state FROM license WHERE id = $1", [held.id])).toEqual([{ state: "HELD" }]);
});

it("ends no holding that only the last of several reads misses", async () => {
  const holders = await world.read<{ key: string }>(
    `SELECT holder_key AS key FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id
     WHERE adam_id = $1 ORDER BY license.id LIMIT 3`,
    [held.adamId],
  );
  const [first, second, third] = holders.map(({ key }) => key);
  const unassign = (serialNumber: string | undefined) =>
    world.control("/unassign", { adamId: held.adamId, serialNumber });
  await unassign(first);
  await syncWith({ reread: (nth) => unassign(nth === 1 ? second : third) });
  expect(
    await world.read(
      `SELECT holder_key AS key, state FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = store_app_id
       WHERE adam_id = $1 AND holder_key = ANY($2) ORDER BY license.id`,
      [held.adamId, [first, second, third]],
    ),
  ).toEqual([
    { key: first, state: "ENDED" },
    { key: second, state: "ENDED" },
    { key: third, state: "HELD" },
  ]);
});
