import { afterEach, beforeEach, expect, it } from "vitest";
import { readMetadata } from "../../../src/sync/tokens/read-metadata.js";
import { refreshCounts } from "../../../src/sync/tokens/refresh-counts.js";
import { accessToken } from "../../../src/sync/tokens/token-access.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ timeScale: 50 });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
});

afterEach(() => world.stop());

const lookups = () => world.apple.world.requests.entries.filter(({ path }) => path.includes("/lookup")).length;

it("brings the name, bundle id, icon, developer and genres of every app the store knows", async () => {
  await readMetadata(world.core, { tokenId });
  const apps = await world.read<{ adam_id: string; name: string; bundle_id: string | null; genres: string[] }>(
    "SELECT adam_id, name, bundle_id, developer, genres, icon_url FROM store_app",
  );
  expect(apps).toHaveLength(12);
  for (const app of apps) {
    const item = world.apple.world.catalog.find(app.adam_id);
    expect(app).toMatchObject({
      name: item?.name,
      bundle_id: item?.bundleId ?? null,
      developer: item?.artistName,
      genres: [item?.genre],
      icon_url: expect.stringContaining(app.adam_id),
    });
  }
});

it("asks once for many apps, and not again while the answer is fresh", async () => {
  await readMetadata(world.core, { tokenId });
  await readMetadata(world.core, { tokenId });
  expect(lookups()).toBe(1);
});

it("leaves an app that the store does not know visible by its id", async () => {
  await world.read("UPDATE store_app SET adam_id = '1' WHERE id = (SELECT min(id) FROM store_app)");
  await readMetadata(world.core, { tokenId });
  expect(await world.read("SELECT name, metadata_at IS NOT NULL AS asked FROM store_app WHERE adam_id = '1'")).toEqual([
    { name: null, asked: true },
  ]);
});

it("asks again later while the store is away", async () => {
  const path = "/WebObjects/MZStorePlatform.woa/wa/lookup";
  await world.control("/fail-next", { path, count: 5, status: 503 });
  await readMetadata(world.core, { tokenId });
  expect(await world.read("SELECT name FROM store_app WHERE name IS NOT NULL")).toEqual([]);
  expect(await world.read("SELECT key FROM graphile_worker.jobs WHERE key LIKE 'read-metadata:%:later'")).toHaveLength(
    1,
  );
});

it("reads the counts of single apps anew, and writes only those that have moved", async () => {
  const [first, second] = await world.read<{ id: string; adam_id: string; total_count: number }>(
    "SELECT id, adam_id, total_count FROM store_app WHERE assigned_count > 0 ORDER BY id LIMIT 2",
  );
  if (!first || !second) throw new Error("There are too few apps");
  const version = () => world.read("SELECT xmin::text, counts_at FROM store_app WHERE id = $1", [second.id]);
  const before = await version();
  await world.control("/purchase", { adamId: first.adam_id, count: 9 });
  const access = await accessToken(world.core, tokenId);
  if (!access) throw new Error("The token has no secret");
  await refreshCounts(world.core, access, [first.id, second.id]);
  expect(await world.read("SELECT total_count FROM store_app WHERE id = $1", [first.id])).toEqual([
    { total_count: first.total_count + 9 },
  ]);
  expect(await version()).toEqual(before);
});
