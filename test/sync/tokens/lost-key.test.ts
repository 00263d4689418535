import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSecretBox } from "../../../src/secrets.js";
import type { Core } from "../../../src/sync/core.js";
import { runOperations } from "../../../src/sync/licenses/run-operations.js";
import { prepareRenewal, renewToken } from "../../../src/sync/tokens/renew-token.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { accessToken } from "../../../src/sync/tokens/token-access.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;
/** The same installation after ENCRYPTION_KEY was changed without keeping the former key. */
let keyless: Core;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
  await verifyToken(world.core, { tokenId });
  keyless = { ...world.core, secrets: createSecretBox([Buffer.alloc(32, 8)]) };
});
afterEach(() => world.stop());

const health = async () =>
  (
    await world.read<Record<string, string | null>>(
      "SELECT health_state AS state, health_evidence AS evidence, health_remedy AS remedy FROM token",
    )
  )[0];

it("ends a synchronisation as failed, and the token's health says what to do", async () => {
  await syncToken(keyless, { tokenId });
  expect(await world.read("SELECT state, error, ended_at IS NOT NULL AS ended FROM sync_run")).toEqual([
    { state: "FAILED", error: expect.stringContaining("cannot be opened"), ended: true },
  ]);
  expect(await health()).toMatchObject({
    state: "INVALID",
    evidence: expect.stringContaining("not in ENCRYPTION_KEY"),
    remedy: expect.stringMatching(/former key.*renewToken/),
  });
});

it.each([
  ["verifying", verifyToken],
  ["operations", runOperations],
] as const)("is found by %s, too, without a word to Apple", async (_, job) => {
  world.apple.world.requests.entries.length = 0;
  await job(keyless, { tokenId });
  expect(await health()).toMatchObject({ state: "INVALID" });
  expect(world.apple.world.requests.entries).toEqual([]);
});

it("is over when the former key is back", async () => {
  await verifyToken(keyless, { tokenId });
  await verifyToken(world.core, { tokenId });
  expect(await health()).toMatchObject({ state: "ACTIVE", remedy: null });
});

it("is over with a new file, sealed with the new key", async () => {
  await verifyToken(keyless, { tokenId });
  await world.control("/renew-token", {});
  const file = world.apple.world.locations[0]?.token.text ?? "";
  const prepared = await prepareRenewal(keyless, { tokenId, file });
  await world.core.dataSource.transaction((tx) => renewToken(tx, keyless, prepared));
  await verifyToken(keyless, { tokenId });
  expect(await health()).toMatchObject({ state: "ACTIVE" });
});

it("tells the opened file to whoever asks for it, and to nobody who logs or copies what Apple is asked with", async () => {
  const access = await accessToken(world.core, tokenId);
  expect(access?.text).toBe(world.apple.tokenFile);
  expect(inspect(access) + JSON.stringify({ access, copy: { ...access } })).not.toContain(world.apple.tokenFile);
});
