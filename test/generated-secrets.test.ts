import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveSecrets } from "../src/generated-secrets.js";

let parent: string;
let dataDirectory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "allotment-secrets-"));
  dataDirectory = join(parent, "data");
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

const none = { encryptionKeys: undefined, adminApiKey: undefined };

describe("secrets that were not configured", () => {
  it("are made at the first start and found again at the next", async () => {
    const first = await resolveSecrets({ dataDirectory, ...none });
    expect(first.encryptionKeys.map((key) => key.length)).toEqual([32]);
    expect(first.adminApiKey.length).toBeGreaterThanOrEqual(20);
    expect(await resolveSecrets({ dataDirectory, ...none })).toEqual(first);
  });

  it("are the same for all that start together, and leave no draft behind", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => resolveSecrets({ dataDirectory, ...none })));
    for (const secrets of all) expect(secrets).toEqual(all[0]);
    expect((await readdir(dataDirectory)).sort()).toEqual(["admin-api-key", "encryption-key"]);
  });

  it("are readable by nobody but their owner", async () => {
    await resolveSecrets({ dataDirectory, ...none });
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(dataDirectory)).toBe(0o700);
    for (const file of ["encryption-key", "admin-api-key"]) expect(await mode(join(dataDirectory, file))).toBe(0o600);
  });

  it("differ from one data directory to the next", async () => {
    const here = await resolveSecrets({ dataDirectory, ...none });
    const there = await resolveSecrets({ dataDirectory: join(parent, "other"), ...none });
    expect(there.encryptionKeys).not.toEqual(here.encryptionKeys);
    expect(there.adminApiKey).not.toBe(here.adminApiKey);
  });

  it("are refused when the file is damaged, instead of being replaced", async () => {
    await resolveSecrets({ dataDirectory, ...none });
    await writeFile(join(dataDirectory, "encryption-key"), "half a k");
    await expect(resolveSecrets({ dataDirectory, ...none })).rejects.toThrow(/encryption-key is damaged/);
  });
});

it("uses configured secrets as they are, and writes nothing", async () => {
  const configured = { encryptionKeys: [randomBytes(32)], adminApiKey: "configured-admin-key" };
  expect(await resolveSecrets({ dataDirectory, ...configured })).toEqual(configured);
  expect(await readdir(parent)).toEqual([]);
});
