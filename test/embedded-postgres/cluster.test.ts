import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeForAccount } from "../../src/embedded-postgres/cluster.js";

let directory: string;
let systemDirectory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "allotment-data-"));
  systemDirectory = await mkdtemp(join(tmpdir(), "allotment-system-"));
});
afterEach(async () => {
  for (const path of [directory, systemDirectory]) await rm(path, { recursive: true });
});

const { uid, gid } = userInfo();
const place = () => placeForAccount(directory, systemDirectory, { name: "itself", uid, gid });

describe("the place of a cluster that belongs to another account", () => {
  it("is chosen once, open to that account alone", async () => {
    const { root } = await place();
    expect((await stat(root)).mode & 0o777).toBe(0o700);
    expect((await place()).root).toBe(root);
  });

  it("is one and the same for all that start together, and no other is left behind", async () => {
    const places = await Promise.all(Array.from({ length: 8 }, place));
    expect(new Set(places.map(({ root }) => root)).size).toBe(1);
    expect(await readdir(systemDirectory)).toHaveLength(1);
  });

  it("is not replaced by an empty one when it is gone", async () => {
    const { root } = await place();
    await rm(root, { recursive: true });
    await expect(place()).rejects.toThrow(`postgres-path says (${root})`);
  });
});
