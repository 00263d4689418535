import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureSystemDirectory, packagedBinaries } from "../../src/embedded-postgres/binaries.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "allotment-binaries-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe("the directory PostgreSQL runs from as root", () => {
  it("is refused if others could plant programs in it", async () => {
    await chmod(directory, 0o777);
    await expect(ensureSystemDirectory(directory)).rejects.toThrow(/only root may write/);
  });

  it("is refused if it is a link, whoever made it", async () => {
    const link = join(directory, "link");
    await symlink("/usr", link);
    await expect(ensureSystemDirectory(link)).rejects.toThrow(/only root may write/);
  });
});

it("finds programs that run, and the links to their libraries", async () => {
  const binaries = await packagedBinaries();
  const { stdout } = await promisify(execFile)(binaries.postgres, ["--version"]);
  expect(stdout).toMatch(/PostgreSQL\) 18\./);
  const libraries = await readdir(join(binaries.directory, "lib"));
  expect(libraries.length).toBeGreaterThan(0);
  if (libraries.includes("libpq.so.5"))
    expect(await readlink(join(binaries.directory, "lib/libpq.so.5"))).not.toContain("/");
});
