import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HolderKind } from "../../../../src/entities/license.js";
import { SyncMode, SyncTrigger } from "../../../../src/entities/sync-run.js";
import { claimLicenses } from "../../../../src/sync/licenses/claim-licenses.js";
import { runOperations } from "../../../../src/sync/licenses/run-operations.js";
import { checkDatabase } from "../../../../src/sync/tokens/claim/check-database.js";
import { requestSync } from "../../../../src/sync/tokens/request-sync.js";
import { suspendToken } from "../../../../src/sync/tokens/suspend-token.js";
import { syncToken } from "../../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "../token-world.js";

interface IdentityRow {
  mdm_id: string;
  epoch: string;
  instance: string;
  former_instances: string[];
  database_seen: string | null;
  timeline_seen: number | null;
}

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
  await checkDatabase(world.core);
  await verifyToken(world.core, { tokenId });
  expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
  await verifyToken(world.core, { tokenId });
  await checkDatabase(world.core);
});

afterEach(() => world.stop());

const identity = async () => {
  const [us] = await world.read<IdentityRow>("SELECT * FROM service_identity");
  if (!us) throw new Error("There is no identity");
  return us;
};
const health = async () =>
  (await world.read<{ state: string }>("SELECT health_state AS state FROM token WHERE id = $1", [tokenId]))[0]?.state;
const distrusted = async () => (await world.read("SELECT id FROM token WHERE distrusted_at IS NOT NULL")).length;
const openRuns = () =>
  world.read<{ mode: string; trigger: string }>("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL");
const openAlerts = () => world.read<{ kind: string }>("SELECT kind FROM alert WHERE cleared_at IS NULL");
const posts = () => world.apple.world.requests.entries.filter(({ method }) => method === "POST").length;
const atApple = () => JSON.parse(world.apple.world.locations[0]?.mdmInfo?.metadata ?? "{}");

/** Means to give a licence to a device; nothing is sent yet. */
async function claimOne(): Promise<void> {
  const [app] = await world.read<{ id: string }>("SELECT id FROM store_app WHERE device_assignable LIMIT 1");
  await world.core.dataSource.transaction((tx) =>
    claimLicenses(tx, world.core, {
      storeApp: { tokenId, id: app?.id ?? "" },
      needs: [{ kind: HolderKind.DEVICE, key: "NEWDEVICE001", deviceId: null, appleUserId: null }],
      actor: "test",
      operationSize: 10,
    }),
  );
}

/** As a backup from before the last full synchronisation would have it. */
const putBack = () =>
  world.read("WITH us AS (UPDATE service_identity SET epoch = 1) UPDATE token SET claimed_epoch = 1");

/** As a snapshot of the server's disk would have it: the same database in every respect, a little younger. */
async function snapshot(): Promise<void> {
  const remembered = await world.core.epochFile.read();
  if (!remembered?.log) throw new Error("The data directory remembers no log");
  const position = String(BigInt(remembered.log.position) + 10n ** 15n);
  await world.core.epochFile.write({ ...remembered, log: { ...remembered.log, position } });
}

const anotherDatabase = () =>
  world.read("UPDATE service_identity SET database_seen = split_part(database_seen, ':', 1) || ':1'");

describe("a database that is the one it was", () => {
  it("is remembered in the data directory, with the epoch that Apple has", async () => {
    const { mdm_id, epoch, instance } = await identity();
    expect(Number(epoch)).toBeGreaterThan(1);
    expect(await world.core.epochFile.read()).toEqual({
      mdmId: mdm_id,
      epoch: Number(epoch),
      instances: [instance],
      log: { database: (await identity()).database_seen, position: expect.stringMatching(/^[0-9]+$/) },
    });
    expect(atApple()).toEqual({ epoch: Number(epoch), instance });
    expect(await distrusted()).toBe(0);
  });

  it.each([
    ["nothing", null],
    ["another installation", { mdmId: "00000000-0000-4000-8000-000000000000", epoch: 99, instances: [], log: null }],
  ])("is trusted beside a data directory that remembers %s, which then remembers ours", async (_, remembered) => {
    if (remembered) await world.core.epochFile.write(remembered);
    else world.core.epochFile.read = async () => null;
    const us = await identity();
    let written: unknown;
    world.core.epochFile.write = async (record) => {
      written = record;
    };
    await checkDatabase(world.core);
    expect(await identity()).toEqual(us);
    expect(await distrusted()).toBe(0);
    expect(written).toMatchObject({ mdmId: us.mdm_id, epoch: Number(us.epoch) });
  });

  it("has its changes read after a failover, and is trusted all along", async () => {
    await world.read("UPDATE service_identity SET timeline_seen = timeline_seen - 1");
    await checkDatabase(world.core);
    expect(await openRuns()).toEqual([{ mode: "DELTA", trigger: "RECOVERY" }]);
    expect(await distrusted()).toBe(0);
    expect(await health()).toBe("ACTIVE");
    await checkDatabase(world.core);
    expect(await openRuns()).toHaveLength(1);
  });
});

describe("many tokens", () => {
  const COPIES = 20;
  const addCopies = () =>
    world.read(
      `INSERT INTO token (id, authority, name, platform, secret, fingerprint, added_at, updated_at, health_state, health_since)
       SELECT gen_random_uuid(), authority, name || n, platform, secret, n, now(), now(), health_state, now()
       FROM token, generate_series(1, $1) AS n`,
      [COPIES],
    );

  it.each([
    ["a failover", () => world.read("UPDATE service_identity SET timeline_seen = timeline_seen - 1")],
    ["a restore", () => anotherDatabase()],
  ])("are not all read at one moment after %s", async (_, happen) => {
    await addCopies();
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await happen();
    await checkDatabase(world.core);
    const moments = await world.read("SELECT DISTINCT run_at FROM graphile_worker.jobs WHERE key LIKE 'sync-token:%'");
    expect(moments.length).toBeGreaterThan(COPIES / 2);
  });
});

describe("a database that was put back or copied", () => {
  it.each([
    ["a lower epoch than the data directory", putBack],
    ["another number than it had", anotherDatabase],
    ["a log that is shorter than the data directory remembers", snapshot],
  ])("is found by %s, once: every token is closed until it was read in full", async (_, restore) => {
    await restore();
    const before = await identity();
    const highest = atApple().epoch;
    await checkDatabase(world.core);
    const after = await identity();
    expect(after.instance).not.toBe(before.instance);
    expect(after.former_instances).toEqual([before.instance]);
    expect(Number(after.epoch)).toBeGreaterThan(Math.max(highest - 1, Number(before.epoch)));
    expect(await health()).toBe("UNVERIFIED");
    expect(await openRuns()).toEqual([{ mode: "FULL", trigger: "RECOVERY" }]);
    expect(await openAlerts()).toEqual([{ kind: "DATABASE_RESTORED" }]);

    await checkDatabase(world.core);
    expect(await identity()).toEqual(after);
    const sent = posts();
    await verifyToken(world.core, { tokenId });
    expect(await health()).toBe("UNVERIFIED");
    expect(posts()).toBe(sent);

    await syncToken(world.core, { tokenId });
    expect(await distrusted()).toBe(0);
    await verifyToken(world.core, { tokenId });
    expect(await health()).toBe("ACTIVE");
    expect(atApple()).toEqual({ epoch: expect.any(Number), instance: after.instance });
    expect(atApple().epoch).toBeGreaterThan(highest);
    await checkDatabase(world.core);
    expect(await openAlerts()).toEqual([]);
  });

  it("is found by Apple's epoch on any answer, even after Apple has been asked before", async () => {
    await world.core.epochFile.write({ mdmId: (await identity()).mdm_id, epoch: 1, instances: [], log: null });
    await claimOne();
    await putBack();
    const before = await identity();
    const sent = posts();
    await runOperations(world.core, { tokenId });
    expect(posts()).toBe(sent);
    expect((await identity()).instance).not.toBe(before.instance);
    expect(await distrusted()).toBe(1);
  });

  it("has what was open and waited put aside, and a run that was open ended", async () => {
    const open = await world.core.dataSource.transaction((tx) =>
      requestSync(tx, world.core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.MANUAL }),
    );
    await claimOne();
    await anotherDatabase();
    await checkDatabase(world.core);
    expect(await world.read("SELECT state FROM sync_run WHERE id = $1", [open])).toEqual([{ state: "FAILED" }]);
    expect(await world.read("SELECT state FROM apple_operation WHERE ended_at IS NULL")).toEqual([{ state: "PAUSED" }]);
    const jobs = await world.read("SELECT key FROM graphile_worker.jobs WHERE key LIKE '%' || $1 || '%'", [tokenId]);
    expect(jobs).toEqual([{ key: `sync-token:${tokenId}:now` }]);
    const sent = posts();
    await runOperations(world.core, { tokenId });
    expect(posts()).toBe(sent);

    await syncToken(world.core, { tokenId });
    await verifyToken(world.core, { tokenId });
    expect(await world.read("SELECT state FROM apple_operation WHERE ended_at IS NULL")).toEqual([
      { state: "UNKNOWN" },
    ]);
  });

  it("is found once, though another replica's data directory remembers what was before", async () => {
    await snapshot();
    const ofOtherReplica = await world.core.epochFile.read();
    await checkDatabase(world.core);
    const us = await identity();
    if (ofOtherReplica) await world.core.epochFile.write(ofOtherReplica);
    await checkDatabase(world.core);
    expect(await identity()).toEqual(us);
  });

  it("is found by what Apple shows for a token that waits to be verified, even after it agreed before", async () => {
    await putBack();
    await world.core.epochFile.write({ mdmId: (await identity()).mdm_id, epoch: 1, instances: [], log: null });
    await world.read("UPDATE token SET health_state = 'UNVERIFIED'");
    await verifyToken(world.core, { tokenId });
    expect(await distrusted()).toBe(1);
    expect(await health()).toBe("UNVERIFIED");
  });

  it("leaves a suspended token suspended, and distrusts it all the same", async () => {
    await world.core.dataSource.transaction((tx) => suspendToken(tx, world.core, tokenId, "key:admin"));
    await anotherDatabase();
    await checkDatabase(world.core);
    expect(await health()).toBe("SUSPENDED");
    expect(await distrusted()).toBe(1);
  });

  it("is not trusted after a delta, and is read in full instead", async () => {
    await anotherDatabase();
    await checkDatabase(world.core);
    await world.read("UPDATE sync_run SET mode = 'DELTA' WHERE ended_at IS NULL");
    await syncToken(world.core, { tokenId });
    expect(await distrusted()).toBe(1);
    expect(await openRuns()).toEqual([{ mode: "FULL", trigger: "RECOVERY" }]);
  });
});

describe("a process that has heard nothing from Apple yet", () => {
  beforeEach(async () => {
    await claimOne();
    world.core.seenLocations.clear();
    world.apple.world.requests.entries.length = 0;
  });

  it("asks whose the location is before it writes", async () => {
    await runOperations(world.core, { tokenId });
    const paths = world.apple.world.requests.entries.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
    const asked = paths.findIndex((path) => path.endsWith("/client/config"));
    const sent = paths.findIndex((path) => path.startsWith("POST "));
    expect(asked).toBeGreaterThanOrEqual(0);
    expect(sent).toBeGreaterThan(asked);
  });

  it("writes nothing while Apple shows nobody's claim, before ours stands there again", async () => {
    const [location] = world.apple.world.locations;
    if (location) location.mdmInfo = undefined;
    await runOperations(world.core, { tokenId });
    expect(posts()).toBe(0);
    await verifyToken(world.core, { tokenId });
    await runOperations(world.core, { tokenId });
    const sent = world.apple.world.requests.entries.filter(({ method }) => method === "POST").map(({ path }) => path);
    expect(sent.map((path) => path.replace(/^.*\/v2/, ""))).toEqual(["/client/config", "/assets/associate"]);
  });

  it("writes nothing while Apple cannot tell, and looks again", async () => {
    await world.control("/fail-next", { path: "/client/config", method: "GET", count: 100, status: 503 });
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await runOperations(world.core, { tokenId });
    expect(posts()).toBe(0);
    const jobs = await world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs");
    expect(jobs).toContainEqual({ key: `run-operations:${tokenId}:later` });
  });
});

describe("a process that remembers another's claim", () => {
  it("asks Apple before it believes that, since another process may have claimed since", async () => {
    await claimOne();
    const known = world.core.seenLocations.get(tokenId);
    if (!known) throw new Error("Apple has told nothing yet");
    const mdmInfo = { id: "other-mdm", name: "Other MDM", metadata: "x" };
    const expiresAt = new Date(Date.now() + 5 * 86_400_000);
    world.core.seenLocations.set(tokenId, { ...known, mdmInfo, expiresAt, agreed: false });
    const sent = posts();
    await runOperations(world.core, { tokenId });
    expect(await health()).toBe("ACTIVE");
    expect(posts()).toBe(sent + 1);
  });
});

describe("an association whose answer shows another MDM's claim", () => {
  it("is paused, and looked up instead of sent again when the token may write", async () => {
    await claimOne();
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    await runOperations(world.core, { tokenId });
    const associations = () =>
      world.apple.world.requests.entries.filter(({ path }) => path.endsWith("/assets/associate")).length;
    expect(associations()).toBe(1);
    expect(await health()).toBe("CLAIMED_ELSEWHERE");
    expect(await world.read("SELECT state FROM apple_operation WHERE ended_at IS NULL")).toEqual([{ state: "PAUSED" }]);

    await world.control("/finish-events", {});
    const [location] = world.apple.world.locations;
    if (location) location.mdmInfo = undefined;
    await verifyToken(world.core, { tokenId });
    expect(await health()).toBe("ACTIVE");
    await runOperations(world.core, { tokenId });
    expect(associations()).toBe(1);
    expect(await world.read("SELECT state FROM apple_operation")).toEqual([{ state: "DONE" }]);
    expect(await world.read("SELECT state FROM license WHERE holder_key = 'NEWDEVICE001'")).toEqual([
      { state: "HELD" },
    ]);
  });
});
