import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppleClient } from "../../../src/sync/apple/apple-client.js";
import type { Core } from "../../../src/sync/core.js";
import { runOperations } from "../../../src/sync/licenses/run-operations.js";
import { prepareRenewal, renewToken } from "../../../src/sync/tokens/renew-token.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
});
afterEach(() => world.stop());

/** Downloads the newest file at Apple, which revokes the one before. */
async function download(input: { expiresAt?: string } = {}): Promise<string> {
  await world.control("/renew-token", input);
  return world.apple.world.locations[0]?.token.text ?? "";
}

async function renew(file: string): Promise<void> {
  const prepared = await prepareRenewal(world.core, { tokenId, file });
  await world.core.dataSource.transaction((tx) => renewToken(tx, world.core, prepared));
}

const health = async () =>
  (await world.read<{ state: string }>("SELECT health_state AS state FROM token"))[0]?.state ?? null;

const kept = () =>
  world.read(
    `SELECT (SELECT count(*)::int FROM store_app) AS apps, (SELECT count(*)::int FROM license) AS licenses,
            (SELECT min(id::text) FROM token) AS token`,
  );

/** The same world, where the token is renewed just before Apple is first asked with its old file. */
const renewedOnTheWay = (file: string): Core => {
  let renewed = false;
  const apple: AppleClient = {
    ...world.core.apple,
    clientConfig: async (...input) => {
      if (!renewed) await renew(file);
      renewed = true;
      return world.core.apple.clientConfig(...input);
    },
  };
  return { ...world.core, apple };
};

describe("a renewal", () => {
  it("keeps the token with its apps and licences, and writes again once Apple has confirmed it", async () => {
    const had = await kept();
    const file = await download();
    await verifyToken(world.core, { tokenId });
    expect(await health()).toBe("REVOKED");
    await renew(file);
    expect(await health()).toBe("UNVERIFIED");
    await verifyToken(world.core, { tokenId });
    expect(await health()).toBe("ACTIVE");
    expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
    expect(await kept()).toEqual(had);
    expect(await world.read("SELECT 1 FROM alert WHERE cleared_at IS NULL")).toEqual([]);
  });

  it("has the new file's end, and what was missed is read", async () => {
    const expiresAt = "2032-03-04T05:06:07.000Z";
    await renew(await download({ expiresAt }));
    expect(await world.read("SELECT expires_at FROM token")).toEqual([{ expires_at: new Date(expiresAt) }]);
    expect(await world.read("SELECT trigger, mode FROM sync_run WHERE ended_at IS NULL")).toEqual([
      { trigger: "RECOVERY", mode: "DELTA" },
    ]);
  });

  it("thaws what had to wait for it, which is looked up first", async () => {
    const file = await download();
    await verifyToken(world.core, { tokenId });
    await world.read(
      `INSERT INTO apple_operation (token_id, intent, state, next_attempt_at, cause, actor, created_at)
       VALUES ($1, 'CREATE_USERS', 'PAUSED', now(), 'MANUAL', 'test', now())`,
      [tokenId],
    );
    await renew(file);
    await verifyToken(world.core, { tokenId });
    expect(await world.read("SELECT state FROM apple_operation")).toEqual([{ state: "UNKNOWN" }]);
  });

  it("leaves an admin's pause as it is", async () => {
    await world.core.dataSource.transaction((tx) => suspendToken(tx, world.core, tokenId, "admin"));
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await renew(await download());
    expect(await health()).toBe("SUSPENDED");
    const jobs = await world.read<{ task: string }>("SELECT task_identifier AS task FROM graphile_worker.jobs");
    expect(jobs.map(({ task }) => task)).not.toContain("verify-token");
  });
});

describe("a file is refused, and nothing is written,", () => {
  const written = () => world.read("SELECT xmin::text, fingerprint, expires_at, health_state FROM token");
  let was: unknown;
  beforeEach(async () => {
    was = await written();
    world.apple.world.requests.entries.length = 0;
  });
  afterEach(async () => {
    expect(await written()).toEqual(was);
    expect(world.apple.world.requests.entries.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("when the token has it already", async () => {
    await expect(renew(world.apple.tokenFile)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("has already"),
    });
  });

  it("when it is of another location, with the names of both", async () => {
    const other = world.apple.addLocation({ name: "Other" });
    const own = world.apple.world.locations[0]?.identity.name;
    await expect(renew(other.token.text)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(new RegExp(`"Other".*"${own}"`)),
      details: { location: own, fileLocation: "Other" },
    });
  });

  it("when it ends before the one that the token has", async () => {
    const file = await download({ expiresAt: new Date(Date.now() + 86_400_000).toISOString() });
    await expect(renew(file)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("is older"),
    });
  });

  it("when it has expired", async () => {
    const file = await download({ expiresAt: "2020-01-01T00:00:00.000Z" });
    await expect(renew(file)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  it("when Apple has revoked it, too", async () => {
    const file = await download();
    await download();
    await expect(renew(file)).rejects.toMatchObject({ code: "TOKEN_REVOKED" });
  });

  it("when Apple does not know it", async () => {
    const fields = { token: "bm8=", expDate: "2099-01-01T00:00:00+0000", orgName: "Example" };
    const file = Buffer.from(JSON.stringify(fields)).toString("base64");
    await expect(renew(file)).rejects.toMatchObject({ code: "TOKEN_INVALID" });
  });

  it("when it is no token file", async () => {
    await expect(renew("nothing")).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

it("refuses a file that was checked before a newer one was uploaded", async () => {
  const prepared = await prepareRenewal(world.core, { tokenId, file: await download() });
  await renew(await download({ expiresAt: "2090-01-01T00:00:00.000Z" }));
  const late = world.core.dataSource.transaction((tx) => renewToken(tx, world.core, prepared));
  await expect(late).rejects.toMatchObject({ code: "CONFLICT" });
});

describe("what Apple says to the old file", () => {
  it("is no verdict on the token that was renewed meanwhile, even if it was unverified before and after", async () => {
    await world.read("UPDATE token SET health_state = 'UNVERIFIED'");
    const core = renewedOnTheWay(await download());
    await verifyToken(core, { tokenId });
    expect(await health()).toBe("UNVERIFIED");
    await verifyToken(core, { tokenId });
    expect(await health()).toBe("ACTIVE");
  });

  it("fails no synchronisation that the renewal overtook: it begins anew with the new file", async () => {
    const core = renewedOnTheWay(await download());
    await world.read(
      `INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, 'DELTA', 'MANUAL', 'QUEUED', now())`,
      [tokenId],
    );
    await syncToken(core, { tokenId });
    expect(await health()).toBe("UNVERIFIED");
    expect(await world.read("SELECT state, ended_at FROM sync_run ORDER BY id DESC LIMIT 1")).toEqual([
      { state: "QUEUED", ended_at: null },
    ]);
    await syncToken(world.core, { tokenId });
    expect(await world.read("SELECT state FROM sync_run ORDER BY id DESC LIMIT 1")).toEqual([{ state: "SUCCEEDED" }]);
  });

  it("freezes no operations of the token that was renewed meanwhile", async () => {
    await world.read(
      `INSERT INTO apple_operation (token_id, intent, state, event_id, next_attempt_at, cause, actor, created_at)
       VALUES ($1, 'CREATE_USERS', 'SENT', 'event', now() - interval '1 hour', 'MANUAL', 'test', now())`,
      [tokenId],
    );
    const apple: AppleClient = {
      ...world.core.apple,
      status: async (...input) => {
        await renew(await download());
        await verifyToken(world.core, { tokenId });
        return world.core.apple.status(...input);
      },
    };
    await runOperations({ ...world.core, apple }, { tokenId });
    expect(await health()).toBe("ACTIVE");
  });
});
