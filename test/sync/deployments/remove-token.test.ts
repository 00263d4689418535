import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlertKind } from "../../../src/entities/alert.js";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { LicensesOnRemoval, TokenHealthState } from "../../../src/entities/token.js";
import type { AppleClient } from "../../../src/sync/apple/apple-client.js";
import { finishRemoval } from "../../../src/sync/deployments/finish-removal.js";
import { licenseInstallations } from "../../../src/sync/deployments/license-installations.js";
import { type RemovalOutcome, removeToken, type TokenRemoval } from "../../../src/sync/deployments/remove-token.js";
import { runOperations } from "../../../src/sync/licenses/run-operations.js";
import { raiseAlerts } from "../../../src/sync/raise-alerts.js";
import { addToken, prepareToken } from "../../../src/sync/tokens/add-token.js";
import { changeHealth } from "../../../src/sync/tokens/change-health.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { countRows } from "../../support/row-counts.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

let world: TokenWorld;
let tokenId: string;

/** A token with its data, whose holders were there before us. */
beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
  await world.read("DELETE FROM graphile_worker._private_jobs");
  world.apple.world.requests.entries.length = 0;
});
afterEach(() => world.stop());

const { RETURN, LEAVE } = LicensesOnRemoval;

function remove(removal: Partial<TokenRemoval> = {}): Promise<RemovalOutcome> {
  const complete = { tokenId, licenses: null, dryRun: false, actor: "admin", ...removal };
  return world.core.dataSource.transaction((tx) => removeToken(tx, world.core, complete));
}

/** Works off what the removal has to do until the token is gone, or nothing moves any more. */
async function workOff(): Promise<void> {
  for (let round = 0; round < 30 && (await tokens()).length > 0; round += 1) {
    await finishRemoval(world.core, { tokenId });
    await world.read("UPDATE apple_operation SET next_attempt_at = now() WHERE ended_at IS NULL AND state <> 'PAUSED'");
    await runOperations(world.core, { tokenId });
  }
}

const tokens = () => world.read<{ id: string }>("SELECT id FROM token");
const posts = () => world.apple.world.requests.entries.filter(({ method }) => method === "POST");
const jobs = async () =>
  (await world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs ORDER BY key")).map(({ key }) => key);

/** What Apple's own books say, whatever we believe. */
const assignedAtApple = (revocable: boolean) =>
  [...(world.apple.world.locations[0]?.assignments.rows ?? [])].filter(
    ({ asset, removed }) => !removed && asset.item.revocable === revocable,
  ).length;

const setHealth = (state: TokenHealthState) =>
  world.core.dataSource.transaction((tx) =>
    changeHealth(tx, world.core, tokenId, { state, cause: "So it is.", evidence: null, remedy: "Mend it." }),
  );

describe("a dry run", () => {
  it("tells what would be lost, and changes nothing", async () => {
    const before = await countRows(world.core.dataSource);
    const { loss, removed } = await remove({ dryRun: true });
    const [revocable, not] = [assignedAtApple(true), assignedAtApple(false)];
    expect(loss).toMatchObject({ licenses: revocable + not, returnableLicenses: revocable, deployments: 0 });
    expect(loss.apps).toBeGreaterThan(10);
    expect(loss.registrations).toBeGreaterThan(0);
    expect(removed).toBe(false);
    expect(await countRows(world.core.dataSource)).toEqual(before);
    expect(posts()).toEqual([]);
  });
});

describe("while licences are out a removal", () => {
  it("is refused unless it says what becomes of them, with what would be lost", async () => {
    const before = await countRows(world.core.dataSource);
    await expect(remove()).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/RETURN.*LEAVE/),
      details: { licenses: assignedAtApple(true) + assignedAtApple(false), returnableLicenses: assignedAtApple(true) },
    });
    expect(await countRows(world.core.dataSource)).toEqual(before);
    expect(posts()).toEqual([]);
  });

  it.each([
    [TokenHealthState.EXPIRED, "TOKEN_EXPIRED"],
    [TokenHealthState.REVOKED, "TOKEN_REVOKED"],
    [TokenHealthState.INVALID, "TOKEN_INVALID"],
    [TokenHealthState.CLAIMED_ELSEWHERE, "TOKEN_CLAIMED_ELSEWHERE"],
    [TokenHealthState.READ_ONLY, "TOKEN_READ_ONLY"],
    [TokenHealthState.SUSPENDED, "TOKEN_SUSPENDED"],
  ])("does not return them with a token that is %s, and leaves them if that is what is wanted", async (state, code) => {
    await setHealth(state);
    const before = await countRows(world.core.dataSource);
    await expect(remove({ licenses: RETURN })).rejects.toMatchObject({ code });
    expect(await countRows(world.core.dataSource)).toEqual(before);
    expect(await remove({ licenses: LEAVE })).toMatchObject({ removed: true });
    expect(posts()).toEqual([]);
  });
});

describe("a removal that leaves the licences", () => {
  it("takes the token and all that hangs on it at once, and nothing at Apple", async () => {
    const assigned = [assignedAtApple(true), assignedAtApple(false)];
    expect(await remove({ licenses: LEAVE })).toMatchObject({ removed: true });
    const left = await countRows(world.core.dataSource);
    for (const table of ["token", "store_app", "license", "apple_user", "sync_run", "apple_operation"]) {
      expect({ table, rows: left[table] ?? left[`"${table}"`] }).toEqual({ table, rows: 0 });
    }
    expect([assignedAtApple(true), assignedAtApple(false)]).toEqual(assigned);
    expect(posts()).toEqual([]);
  });

  it("clears the alerts about the token and its apps, and those only", async () => {
    const [app] = await world.read<{ id: string }>("SELECT id FROM store_app LIMIT 1");
    const subjects = [
      encodeGlobalId("Token", tokenId),
      encodeGlobalId("StoreApp", tokenId, app?.id ?? ""),
      encodeGlobalId("Target", "00000000-0000-4000-8000-000000000000"),
    ];
    await world.core.dataSource.transaction((tx) =>
      raiseAlerts(
        tx,
        world.core,
        AlertKind.COUNT_MISMATCH,
        subjects.map((subject) => ({ subject, message: "Look." })),
      ),
    );
    await remove({ licenses: LEAVE });
    expect(await world.read("SELECT subject FROM alert WHERE cleared_at IS NULL")).toEqual([{ subject: subjects[2] }]);
  });

  it("in the middle of a synchronisation ends that quietly", async () => {
    let removed = false;
    const apple: AppleClient = {
      ...world.core.apple,
      assignments: async (...input) => {
        if (!removed) await remove({ licenses: LEAVE });
        removed = true;
        return world.core.apple.assignments(...input);
      },
    };
    await world.core.dataSource.transaction((tx) =>
      requestSync(tx, world.core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL }),
    );
    await syncToken({ ...world.core, apple }, { tokenId });
    expect(await world.read("SELECT 1 FROM store_app")).toEqual([]);
    expect(await tokens()).toEqual([]);
  });

  it("leaves room for the same file, which is a new token then", async () => {
    await remove({ licenses: LEAVE });
    const words = { name: "Again", description: null, categories: [], contacts: [], replaceAccount: false };
    const prepared = await prepareToken(world.core, { file: world.apple.tokenFile, ...words });
    const added = await world.core.dataSource.transaction((tx) => addToken(tx, world.core, prepared));
    await verifyToken(world.core, { tokenId: added.tokenId });
    expect(await world.sync(added.tokenId)).toMatchObject({ state: "SUCCEEDED" });
    expect(added.tokenId).not.toBe(tokenId);
  });
});

describe("a removal that returns the licences", () => {
  it("returns all that can be returned, and then takes the token; the others stay with their holders", async () => {
    const irrevocable = assignedAtApple(false);
    expect(irrevocable).toBeGreaterThan(0);
    expect(await remove({ licenses: RETURN })).toMatchObject({ removed: false });
    await workOff();
    expect(await tokens()).toEqual([]);
    expect([assignedAtApple(true), assignedAtApple(false)]).toEqual([0, irrevocable]);
  });

  it("claims nothing any more, and is not read by the schedule", async () => {
    await remove({ licenses: RETURN });
    expect(await jobs()).toContain(`remove-token:${tokenId}:now`);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await licenseInstallations(world.core, { tokenId });
    expect(await jobs()).toEqual([]);
    expect(await world.read("SELECT removing_actor FROM token WHERE removing_at IS NOT NULL")).toEqual([
      { removing_actor: "admin" },
    ]);
  });

  it("is found again by the sweep when its job was lost", async () => {
    await remove({ licenses: RETURN });
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await world.read("UPDATE token SET removing_at = now() - interval '1 hour'");
    await sweep(world.core);
    expect(await jobs()).toContainEqual(expect.stringMatching(`^remove-token:${tokenId}`));
  });

  it("asked twice is one removal", async () => {
    await remove({ licenses: RETURN });
    await finishRemoval(world.core, { tokenId });
    expect(await remove({ licenses: RETURN })).toMatchObject({ removed: false });
    await workOff();
    expect(await tokens()).toEqual([]);
    const returns = posts().filter(({ path }) => path.includes("/assets/disassociate"));
    expect(returns.length).toBeGreaterThan(0);
    expect(assignedAtApple(true)).toBe(0);
  });

  it("returns what is assigned while it is under way, too", async () => {
    await remove({ licenses: RETURN });
    await finishRemoval(world.core, { tokenId });
    const asset = [...(world.apple.world.locations[0]?.assets.rows ?? [])].find(
      ({ item }) => item.revocable && item.deviceAssignable,
    );
    await world.control("/assign", { adamId: asset?.item.adamId, serialNumber: "LATE" });
    await world.sync(tokenId);
    await workOff();
    expect(await tokens()).toEqual([]);
    expect(assignedAtApple(true)).toBe(0);
  });

  it("waits while the token may not write, and goes on when it may", async () => {
    await remove({ licenses: RETURN });
    await finishRemoval(world.core, { tokenId });
    await setHealth(TokenHealthState.REVOKED);
    await workOff();
    expect(await tokens()).toHaveLength(1);
    await verifyToken(world.core, { tokenId });
    await workOff();
    expect(await tokens()).toEqual([]);
    expect(assignedAtApple(true)).toBe(0);
  });

  it("can be given up: LEAVE then takes the token at once", async () => {
    await remove({ licenses: RETURN });
    await setHealth(TokenHealthState.REVOKED);
    expect(await remove({ licenses: LEAVE })).toMatchObject({ removed: true });
    expect(await tokens()).toEqual([]);
  });

  it("ends as it should when the process dies between the return and the end", async () => {
    await remove({ licenses: RETURN });
    await finishRemoval(world.core, { tokenId });
    await world.control("/fail-next", { path: "/assets/disassociate", method: "POST", afterEffect: true });
    await runOperations(world.core, { tokenId });
    await workOff();
    expect(await tokens()).toEqual([]);
    expect(assignedAtApple(true)).toBe(0);
  });

  it("takes the file of its location only when it is over", async () => {
    await remove({ licenses: RETURN });
    await world.control("/renew-token", {});
    const file = world.apple.world.locations[0]?.token.text ?? "";
    const words = { name: "Again", description: null, categories: [], contacts: [], replaceAccount: false };
    await expect(prepareToken(world.core, { file, ...words })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("is being removed"),
    });
  });
});

it("refuses a token that is not there", async () => {
  const unknown = remove({ tokenId: "00000000-0000-4000-8000-000000000000", licenses: LEAVE });
  await expect(unknown).rejects.toMatchObject({ code: "NOT_FOUND" });
});
