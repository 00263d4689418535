import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SyncMode } from "../../../src/entities/sync-run.js";
import { TokenHealthState } from "../../../src/entities/token.js";
import { changeHealth } from "../../../src/sync/tokens/change-health.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { accessToken } from "../../../src/sync/tokens/token-access.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.read("DELETE FROM graphile_worker._private_jobs");
});

afterEach(() => world.stop());

const takeOver = () => world.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "x" });
const health = async () =>
  (
    await world.read<{ state: string; cause: string; evidence: string; remedy: string }>(
      `SELECT health_state AS state, health_cause AS cause, health_evidence AS evidence, health_remedy AS remedy
       FROM token WHERE id = $1`,
      [tokenId],
    )
  )[0];
const jobs = async () =>
  (await world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs ORDER BY key")).map(({ key }) => key);
const location = () => {
  const [only] = world.apple.world.locations;
  if (!only) throw new Error("Apple has no location");
  return only;
};

/** Any answer but client/config's. */
async function readApps(): Promise<void> {
  const access = await accessToken(world.core, tokenId);
  if (!access) throw new Error("The token has no secret");
  await world.core.apple.assets(access, {});
}

describe("whatever Apple answers", () => {
  it("ends the writing at once when another MDM has claimed the location", async () => {
    await takeOver();
    await readApps();
    expect(await health()).toMatchObject({
      state: "CLAIMED_ELSEWHERE",
      evidence: expect.stringContaining("other-mdm"),
      remedy: expect.stringMatching(/Make a new token at Apple.*takeOverToken/),
    });
    expect(await jobs()).toEqual([`verify-token:${tokenId}:now`]);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await readApps();
    expect(await jobs()).toEqual([]);
  });

  it("costs no statement while it tells the same as before", async () => {
    await readApps();
    const query = vi.spyOn(world.core.dataSource, "query");
    const transaction = vi.spyOn(world.core.dataSource, "transaction");
    await readApps();
    const others = query.mock.calls.filter(([sql]) => !String(sql).includes("rate_limit"));
    expect(others.filter(([sql]) => !String(sql).includes("SELECT secret FROM token"))).toEqual([]);
    expect(transaction).not.toHaveBeenCalled();
  });

  it("leaves a suspended token as it is", async () => {
    await world.core.dataSource.transaction((tx) => suspendToken(tx, world.core, tokenId, "key:admin"));
    await takeOver();
    await readApps();
    expect(await health()).toMatchObject({ state: "SUSPENDED" });
  });

  it("has the token verified when our claim has vanished, which an answer without the field does not say", async () => {
    location().mdmInfo = undefined;
    await readApps();
    expect(await jobs()).toEqual([]);
    await world.control("/switches", { mdmInfoUnset: "null" });
    await readApps();
    expect(await jobs()).toEqual([`verify-token:${tokenId}:now`]);
    await verifyToken(world.core, { tokenId });
    expect(location().mdmInfo?.name).toBe("Allotment");
    expect(await health()).toMatchObject({ state: "ACTIVE" });
  });

  it("keeps a new date of expiry, and says that it is near", async () => {
    const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 10 * 86_400_000);
    location().token.expiresAt = soon;
    await readApps();
    expect(await world.read("SELECT expires_at FROM token")).toEqual([{ expires_at: soon }]);
    expect(await health()).toMatchObject({ state: "EXPIRING" });
  });

  it("takes no date of expiry from a file that was renewed since", async () => {
    const [{ expires_at } = { expires_at: null }] = await world.read<{ expires_at: Date }>(
      "SELECT expires_at FROM token",
    );
    await world.read("UPDATE token SET fingerprint = 'of a newer file'");
    location().token.expiresAt = new Date(Date.now() + 5 * 86_400_000);
    await readApps();
    expect(await world.read("SELECT expires_at FROM token")).toEqual([{ expires_at }]);
    expect(await health()).toMatchObject({ state: "ACTIVE" });
  });

  it("ends the writing when the token opens another location, and nothing of that is merged", async () => {
    location().identity.uId = "987654321";
    await readApps();
    expect(await health()).toMatchObject({ state: "INVALID", evidence: expect.stringContaining("987654321") });
    expect(await world.sync(tokenId)).toMatchObject({ state: "FAILED", rows_added: 0 });
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "INVALID" });
    expect(await world.read("SELECT location_id FROM token WHERE location_id = '987654321'")).toEqual([]);
  });

  it("names the token whose location it has become", async () => {
    await world.read(
      `INSERT INTO token (id, authority, name, location_id, platform, secret, fingerprint, added_at, updated_at, health_state,
                          health_since)
       SELECT gen_random_uuid(), authority, 'Twin', '987654321', platform, secret, 'other', now(), now(), health_state, now()
       FROM token`,
    );
    location().identity.uId = "987654321";
    await readApps();
    expect(await health()).toMatchObject({ state: "DUPLICATE_LOCATION", cause: expect.stringContaining("Twin") });
  });
});

describe("a claim that stands elsewhere", () => {
  it("is found by client/config where other answers do not show it", async () => {
    await world.control("/switches", { mdmInfo: "clientConfig" });
    await takeOver();
    await readApps();
    expect(await health()).toMatchObject({ state: "ACTIVE" });
    expect(await world.sync(tokenId, SyncMode.DELTA)).toMatchObject({ state: "SUCCEEDED" });
    expect(await health()).toMatchObject({ state: "CLAIMED_ELSEWHERE" });
  });

  it("is asked about once more, since the answer may be older than our last claim", async () => {
    await takeOver();
    await readApps();
    location().mdmInfo = undefined;
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
    const access = await accessToken(world.core, tokenId);
    if (!access) throw new Error("The token has no secret");
    await takeOver();
    await world.core.apple.clientConfig(access);
    location().mdmInfo = undefined;
    expect(await jobs()).toContain(`verify-token:${tokenId}:now`);
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
  });
});

describe("a token that may only read", () => {
  const claims = () => world.apple.world.requests.entries.filter(({ method }) => method === "POST").length;

  beforeEach(async () => {
    await world.control("/token-kind", { kind: "readOnly" });
    const state = TokenHealthState.READ_ONLY;
    const finding = { state, cause: "It may not.", evidence: "9637", remedy: "Renew it." };
    await world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, tokenId, finding));
  });

  it("goes on reading, and no synchronisation asks Apple to let it write", async () => {
    const before = claims();
    for (const mode of [SyncMode.FULL, SyncMode.DELTA]) {
      expect(await world.sync(tokenId, mode)).toMatchObject({ state: "SUCCEEDED" });
    }
    expect(claims()).toBe(before);
    expect(await jobs()).not.toContain(`verify-token:${tokenId}:now`);
    expect(await health()).toMatchObject({ state: "READ_ONLY" });
  });

  it("is believed to write again only when Apple has taken its claim, though the old one stands", async () => {
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "READ_ONLY" });
    await world.control("/token-kind", { kind: "full" });
    await verifyToken(world.core, { tokenId });
    expect(await health()).toMatchObject({ state: "ACTIVE" });
  });
});
