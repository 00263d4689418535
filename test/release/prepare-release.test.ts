import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { prepareRelease } from "../../release/prepare-release.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "allotment-release-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, "src", "schema"), { recursive: true });
  await writeFile(join(root, "src", "schema", "schema.graphql"), "type Query { new: Int }\n");
  await writeFile(join(root, "src", "schema", "released.graphql"), "type Query { old: Int }\n");
});

const text = (...path: string[]) => readFile(join(root, ...path), "utf8");

it("puts the version over what was unreleased, and keeps its schema to compare the next one with", async () => {
  await writeFile(join(root, "CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0\n\nOld.\n");
  await prepareRelease(root, "0.2.0");
  expect(await text("CHANGELOG.md")).toBe("# Changelog\n\n## Unreleased\n\n## 0.2.0\n\n- New.\n\n## 0.1.0\n\nOld.\n");
  expect(await text("src", "schema", "released.graphql")).toBe("type Query { new: Int }\n");
});

it("refuses a release without anything new, and writes nothing", async () => {
  const changelog = "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- Old.\n";
  await writeFile(join(root, "CHANGELOG.md"), changelog);
  await expect(prepareRelease(root, "0.2.0")).rejects.toThrow("nothing under Unreleased for 0.2.0");
  expect(await text("CHANGELOG.md")).toBe(changelog);
  expect(await text("src", "schema", "released.graphql")).toBe("type Query { old: Int }\n");
});
