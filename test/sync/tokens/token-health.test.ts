import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TokenHealthState } from "../../../src/entities/token.js";
import { changeHealth } from "../../../src/sync/tokens/change-health.js";
import { resumeToken } from "../../../src/sync/tokens/resume-token.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { updateToken } from "../../../src/sync/tokens/update-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
});

afterEach(() => world.stop());

const health = async () => {
  const [token] = await world.read<{ state: string; remedy: string | null; evidence: string | null }>(
    "SELECT health_state AS state, health_remedy AS remedy, health_evidence AS evidence FROM token",
  );
  return token;
};
const alerts = () => world.read<{ kind: string }>("SELECT kind FROM alert WHERE cleared_at IS NULL");
const jobs = async () =>
  (await world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs ORDER BY key")).map(({ key }) => key);

/** An operation as a claim leaves it. */
const addOperation = (state: string) =>
  world.read(
    `INSERT INTO apple_operation (token_id, intent, state, next_attempt_at, deadline_at, event_id, cause, actor, created_at)
     VALUES ($1, 'CREATE_USERS', $2, $3, $3, 'event', 'MANUAL', 'test', $3)`,
    [tokenId, state, new Date("2030-01-01T00:00:00Z")],
  );

describe("verifying a token", () => {
  it("claims a location that nobody holds, and lets the token write", async () => {
    await verifyToken(world.core, { tokenId });
    const [us] = await world.read<{ mdm_id: string; instance: string }>(
      "SELECT mdm_id, instance FROM service_identity",
    );
    expect(world.apple.world.locations[0]?.mdmInfo).toEqual({
      id: us?.mdm_id,
      name: "Allotment",
      metadata: JSON.stringify({ epoch: 1, instance: us?.instance }),
    });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
    expect(await jobs()).toContain(`run-operations:${tokenId}:now`);
  });

  it("asks for no claim that stands already", async () => {
    await verifyToken(world.core, { tokenId });
    world.apple.world.requests.entries.length = 0;
    await verifyToken(world.core, { tokenId });
    expect(world.apple.world.requests.entries.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("leaves the location to another MDM that holds it", async () => {
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    await verifyToken(world.core, { tokenId });
    expect(world.apple.world.locations[0]?.mdmInfo?.id).toBe("other-mdm");
    expect(await health()).toMatchObject({
      state: "CLAIMED_ELSEWHERE",
      evidence: expect.stringContaining("Other MDM"),
      remedy: expect.stringContaining("takeOverToken"),
    });
    expect(await alerts()).toEqual([{ kind: "TOKEN_NOT_WRITABLE" }]);
  });

  it("says that a token expires soon", async () => {
    const token = world.apple.world.locations[0]?.token;
    if (token) token.expiresAt = new Date(Date.now() + 10 * 86_400_000);
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "EXPIRING" });
  });

  it.each([
    ["/revoke-token", "REVOKED"],
    ["/expire-token", "EXPIRED"],
  ])("tells what Apple says after %s", async (path, state) => {
    await world.control(path, {});
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state, remedy: expect.stringContaining("renew") });
  });

  it("tells of a token that may only read", async () => {
    await world.control("/fail-next", { path: "/client/config", method: "POST", errorNumber: 9637 });
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "READ_ONLY" });
  });

  it.each([
    ["is away", { method: "GET", count: 5, status: 503 }],
    ["loses the answer to the claim", { method: "POST", afterEffect: true }],
  ])("changes nothing while Apple %s, and asks again later", async (_, failure) => {
    await world.control("/fail-next", { path: "/client/config", ...failure });
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "UNVERIFIED" });
    expect(await jobs()).toContain(`verify-token:${tokenId}:later`);
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
  });

  it("comes back from CLAIMED_ELSEWHERE when the other MDM has gone", async () => {
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    await verifyToken(world.core, { tokenId });
    const location = world.apple.world.locations[0];
    if (location) location.mdmInfo = undefined;
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE", remedy: null });
    expect(await alerts()).toEqual([]);
  });
});

describe("a token that may not write", () => {
  const refused = {
    state: TokenHealthState.REVOKED,
    cause: "Apple has revoked it.",
    evidence: "9625",
    remedy: "Renew it.",
  };

  it("pauses its open operations without a deadline, and looks them up when it may again", async () => {
    await verifyToken(world.core, { tokenId });
    for (const state of ["PENDING", "SENDING", "SENT", "UNKNOWN"]) await addOperation(state);
    await addOperation("DONE");
    await world.read("UPDATE apple_operation SET ended_at = created_at WHERE state = 'DONE'");
    await world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, tokenId, refused));
    const operations = "SELECT state, deadline_at, next_attempt_at FROM apple_operation WHERE ended_at IS NULL";
    const paused = { state: "PAUSED", deadline_at: null, next_attempt_at: new Date("2030-01-01T00:00:00Z") };
    expect(await world.read(operations)).toEqual([paused, paused, paused, paused]);
    expect(await alerts()).toEqual([{ kind: "TOKEN_NOT_WRITABLE" }]);

    await world.read("DELETE FROM graphile_worker._private_jobs");
    await verifyToken(world.core, { tokenId });
    const thawed = await world.read<{ state: string; next_attempt_at: Date }>(operations);
    expect(thawed.map(({ state }) => state)).toEqual(["UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN"]);
    expect(thawed.every(({ next_attempt_at }) => next_attempt_at <= new Date())).toBe(true);
    expect(await alerts()).toEqual([]);
    expect(await jobs()).toEqual(
      expect.arrayContaining([`license-installations:${tokenId}:now`, `run-operations:${tokenId}:now`]),
    );
  });

  it("is not written again when nothing new was found", async () => {
    const set = () => world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, tokenId, refused));
    await set();
    const version = () => world.read("SELECT xmin::text FROM token");
    const before = await version();
    await set();
    expect(await version()).toEqual(before);
  });
});

describe("an admin's pause", () => {
  const inTransaction = (work: (tx: Parameters<typeof suspendToken>[0]) => Promise<void>) =>
    world.core.dataSource.transaction(work);

  beforeEach(async () => {
    await verifyToken(world.core, { tokenId });
    await inTransaction((tx) => suspendToken(tx, world.core, tokenId, "key:admin"));
  });

  it("stays whatever Apple says", async () => {
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "SUSPENDED" });
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
    expect(await health()).toMatchObject({ state: "SUSPENDED" });
  });

  it("lets not even a claim be written", async () => {
    const [location] = world.apple.world.locations;
    if (location) location.mdmInfo = undefined;
    await verifyToken(world.core, { tokenId });
    expect(location?.mdmInfo).toBeUndefined();
  });

  it("ends with resumeToken, once Apple has confirmed the token", async () => {
    await inTransaction((tx) => resumeToken(tx, world.core, tokenId));
    expect(await health()).toMatchObject({ state: "UNVERIFIED" });
    expect(await jobs()).toContain(`verify-token:${tokenId}:now`);
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
    expect(await alerts()).toEqual([]);
  });

  it("cannot be ended twice", async () => {
    await inTransaction((tx) => resumeToken(tx, world.core, tokenId));
    await expect(inTransaction((tx) => resumeToken(tx, world.core, tokenId))).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });
});

describe("the admin's words about a token", () => {
  it("change only where they are given", async () => {
    const change = (changes: Parameters<typeof updateToken>[3]) =>
      world.core.dataSource.transaction((tx) => updateToken(tx, world.core, tokenId, changes));
    await change({ description: "For the field", categories: ["north"] });
    await change({ name: " Field " });
    const words = "SELECT name, description, categories FROM token";
    expect(await world.read(words)).toEqual([{ name: "Field", description: "For the field", categories: ["north"] }]);
    await change({ description: null });
    expect(await world.read(words)).toEqual([{ name: "Field", description: null, categories: ["north"] }]);
  });

  it("cannot be given to a token that is not there", async () => {
    const unknown = "00000000-0000-4000-8000-000000000000";
    const change = world.core.dataSource.transaction((tx) => updateToken(tx, world.core, unknown, { name: "x" }));
    await expect(change).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a synchronisation", () => {
  it("stops the writing, not the reading, when another MDM has taken the location", async () => {
    await verifyToken(world.core, { tokenId });
    await world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED", rows_added: expect.any(Number) });
    expect(await health()).toMatchObject({ state: "CLAIMED_ELSEWHERE" });
  });
});
