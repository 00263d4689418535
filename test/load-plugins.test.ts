import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { LoadedPlugin } from "./support/load-plugins-process.js";

const PROCESS = fileURLToPath(new URL("support/load-plugins-process.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");

const plugin = (name: string) => `definePlugin({
  name: "${name}", contract: 1, displayName: "Outside", settings: z.object({ key: secret() }), licenseAuthority: "service",
  abilities: { lists: ["device"], applications: false, polls: true, webhooks: [], network: true },
  connect() { throw new PluginError("config", "There is nothing to connect to."); },
})`;

/** Files below a directory with nothing else in it, where Allotment is started. */
const FILES: Readonly<Record<string, string>> = {
  "single.js": `import { definePlugin, PluginError, secret } from "allotment/plugin";
    import { z } from "zod";
    export default ${plugin("single")};`,
  "node_modules/@acme/mdm/package.json": JSON.stringify({ name: "@acme/mdm", type: "module", exports: "./plugin.js" }),
  "node_modules/@acme/mdm/plugin.js": `import { definePlugin, PluginError, secret, z } from "allotment/plugin";
    export default ${plugin("packaged")};`,
  "broken.js": "export default {",
  "throwing.js": "export default 1; throw new Error('Not today.');",
  "nothing.js": "export const plugin = {};",
  "other.js": "export default 7;",
  "taken.js": `import { definePlugin, PluginError, secret, z } from "allotment/plugin";
    export default ${plugin("mock")};`,
};

const SPECIFIERS = [
  "./single.js",
  "@acme/mdm",
  "./nowhere.js",
  "@acme/nowhere",
  "./broken.js",
  "./throwing.js",
  "./nothing.js",
  "./other.js",
  "./taken.js",
];

let loaded: Map<string, LoadedPlugin>;
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "load-plugins-"));
  try {
    for (const [file, text] of Object.entries(FILES)) {
      await mkdir(join(directory, file, ".."), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    const parameters = ["--import", TSX, PROCESS, ...SPECIFIERS];
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: directory });
    const results = JSON.parse(stdout) as LoadedPlugin[];
    loaded = new Map(results.map((result, index) => [SPECIFIERS[index] ?? "", result]));
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.each([
  ["a single file with nothing beside it", "./single.js", "single"],
  ["a package that is installed where Allotment is started", "@acme/mdm", "packaged"],
])("%s has the contract and the zod of the service", (_case, specifier, name) => {
  expect(loaded.get(specifier)).toMatchObject({ hasOurZod: true, throwsOurError: true, refusal: null });
  expect(loaded.get(specifier)?.names).toEqual(expect.arrayContaining(["mock", name]));
});

test.each([
  [
    "does not exist",
    "./nowhere.js",
    /^ {2}The plugin "\.\/nowhere\.js" of ALLOTMENT_PLUGINS cannot be loaded: .*Cannot find/,
  ],
  ["is not installed", "@acme/nowhere", /^ {2}The plugin "@acme\/nowhere" .* cannot be loaded: .*Cannot find package/],
  ["is broken", "./broken.js", /cannot be loaded: SyntaxError: .* \(`node --check \/.*\/broken\.js` shows where\)$/],
  ["throws", "./throwing.js", /cannot be loaded: Error: Not today\.$/],
  [
    "exports nothing",
    "./nothing.js",
    /^ {2}The default export of "\.\/nothing\.js" .* is no plugin: export what `definePlugin`/,
  ],
  ["exports something else", "./other.js", /is no plugin: export what `definePlugin` returns\.$/],
  ["has the name of ours", "./taken.js", /Two plugins are named "mock": remove one of them\.$/],
])("a plugin that %s is refused with a sentence", (_case, specifier, sentence) => {
  const [heading, ...problems] = loaded.get(specifier)?.refusal?.split("\n") ?? [];
  expect(heading).toBe("Allotment cannot start with this configuration:");
  expect(problems).toEqual([expect.stringMatching(sentence)]);
});

test("the service does not start with plugins that cannot be loaded, and names each of them", async () => {
  const paths = ["one", "other"].map((name) => `/nowhere/${"in-a-rather-long-directory/".repeat(3)}${name}.js`);
  const env = { PATH: process.env.PATH, ALLOTMENT_PLUGINS: paths.join(",") };
  const started = promisify(execFile)(process.execPath, ["--import", TSX, MAIN], { env });
  const { code, stderr } = (await started.catch((error) => error)) as { code: number; stderr: string };
  expect(code).toBe(2);
  for (const path of paths) expect(stderr).toContain(`  The plugin "${path}" of ALLOTMENT_PLUGINS cannot be loaded: `);
  expect(stderr).not.toMatch(/^\s+at /m);
});
