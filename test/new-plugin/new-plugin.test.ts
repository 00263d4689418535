import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fillInFromReadme } from "../support/readme-plugin.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Run {
  readonly status: number;
  readonly output: string;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "new-plugin-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs a command as a person would, outside this test's own environment. */
function run(command: string, parameters: readonly string[], cwd: string): Promise<Run> {
  const env = { PATH: process.env.PATH, HOME: directory };
  return new Promise((resolve) => {
    execFile(command, parameters, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

describe("a new plugin", () => {
  let place: string;
  beforeAll(async () => {
    place = join(directory, "acme");
    const made = await run("npm", ["run", "new-plugin", "--silent", "--", "acme", place], ROOT);
    expect(made.output).toContain(
      "acme.js, acme.test.js, fake-product.js, package.json, run-product.js, tsconfig.json",
    );
    expect(await run("npm", ["install", "--offline", "--no-audit", "--no-fund"], place)).toMatchObject({ status: 0 });
  });

  test("has right types, and a test that says what is missing", async () => {
    expect(await run("npm", ["run", "types"], place)).toMatchObject({ status: 0 });
    const { status, output } = await run("npm", ["test"], place);
    expect(status).not.toBe(0);
    expect(output).toContain("`check` failed where nothing is wrong: internal: `check` is not written yet.");
    expect(output).toMatch(/^(#|ℹ) pass [1-9]/m);
    expect(output).not.toMatch(/Cannot find|SyntaxError|TypeError/);
  });

  test("passes its test once it is filled in as the README shows", async () => {
    await fillInFromReadme(place);
    expect(await run("npm", ["run", "types"], place)).toMatchObject({ status: 0 });
    const { status, output } = await run("npm", ["test"], place);
    expect([status, output]).toEqual([0, expect.stringMatching(/^(#|ℹ) fail 0$/m)]);
  });

  test("has a fake product that runs by itself, and shows the settings of a Target", async () => {
    const product = spawn("node", ["run-product.js", "http://127.0.0.1:9", "0"], {
      cwd: place,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = await once(createInterface(product.stdout), "line");
      const [, settings] = /^Settings of a Target: (.*)$/.exec(String(line)) ?? [];
      const { url, apiKey } = JSON.parse(settings ?? "null");
      const answer = await fetch(`${url}/status`, { headers: { authorization: `Bearer ${apiKey}` } });
      expect(answer.status).toBe(200);
    } finally {
      product.kill();
    }
  });
});

test("a new plugin of another name is called so everywhere", async () => {
  const place = join(directory, "jamf-pro");
  await run("npx", ["tsx", "new-plugin/main.ts", "jamf-pro", place], ROOT);
  const files = await readdir(place);
  expect(files.sort()).toEqual([
    "fake-product.js",
    "jamf-pro.js",
    "jamf-pro.test.js",
    "package.json",
    "run-product.js",
    "tsconfig.json",
  ]);
  const texts = await Promise.all(files.map((file) => readFile(join(place, file), "utf8")));
  expect(texts.filter((text) => /acme/i.test(text))).toEqual([]);
  expect(texts.join("\n")).toContain('displayName: "Jamf Pro"');
});

test.each([
  ["without a name", [], "Say how the plugin is called"],
  ["of a name that no plugin may have", ["Acme"], 'The plugin name "Acme" is not usable'],
  ["of a name that a plugin of ours has", ["nanomdm"], 'A plugin "nanomdm" comes with Allotment'],
  ["of the name of its own fake product", ["fake-product"], "The file fake-product.js is another one"],
  ["where there is a file", ["acme", "README.md"], "cannot be made: EEXIST"],
  ["in a directory with something in it", ["acme", "."], "There is something in"],
])("a new plugin %s is refused with a sentence, and nothing is written", async (_case, parameters, sentence) => {
  const before = await readdir(ROOT);
  const refused = await run("npx", ["tsx", "new-plugin/main.ts", ...parameters], ROOT);
  expect(refused).toMatchObject({ status: 1, output: expect.stringContaining(sentence) });
  expect(await readdir(ROOT)).toEqual(before);
});
