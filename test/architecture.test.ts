import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SRC = join(ROOT, "src");

/** One import, of a file of ours (relative to `src/`, or `../…` outside it) or of a package. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly local: boolean;
}

const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.tsx?$/.test(file));
const imports = files.flatMap(importsOf);
const local = imports.filter((found) => found.local);

/** `import`, `export … from`, `import()` and `import("…")` types, all of them. */
function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(SRC, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith(".")) return { from: file, to: fileName, local: false };
    const target = relative(SRC, join(SRC, dirname(file), fileName)).replaceAll("\\", "/");
    return { from: file, to: target.replace(/\.js$/, ".ts"), local: true };
  });
}

const told = ({ from, to }: Import) => `${from} imports ${to}`;

/** The composition root: it alone sees the configuration, the database and the list of plugins. */
const isRoot = (file: string) =>
  (!file.includes("/") && file !== "errors.ts") ||
  /^(cli|embedded-postgres)\//.test(file) ||
  file === "schema/print-schema.ts";

/** What anyone may import, and what a folder may import beside itself (design.md, section 2). */
const MAY_IMPORT: Readonly<Record<string, readonly RegExp[]>> = {
  http: [/^resolvers\/context\.ts$/, /^(schema|sync|queries|entities)\//, /^errors\.ts$/],
  resolvers: [/^(schema|sync|queries|entities)\//, /^errors\.ts$/],
  sync: [/^(queries|entities)\//, /^plugins\/contract\.ts$/, /^errors\.ts$/],
  schema: [/^entities\//, /^errors\.ts$/],
  queries: [/^entities\//, /^errors\.ts$/],
  entities: [/^errors\.ts$/],
};

/** The folder an import must stay in when no other is allowed: for a plugin its own, not its siblings'. */
const homeOf = (file: string) =>
  file
    .split("/")
    .slice(0, file.startsWith("plugins/") ? 2 : 1)
    .join("/");

function isAllowed({ from, to }: Import): boolean {
  if (isRoot(from)) return true;
  if (from === "plugins/index.ts") return to.startsWith("plugins/");
  if (from === "plugins/contract.ts") return to.startsWith("plugins/contract/");
  if (to.startsWith(`${homeOf(from)}/`)) return true;
  if (from.startsWith("plugins/")) return to === "plugins/contract.ts";
  return (MAY_IMPORT[homeOf(from)] ?? []).some((allowed) => allowed.test(to));
}

describe("the source", () => {
  test("is seen by these tests, every folder of it", () => {
    const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
    expect([...folders]).toEqual(expect.arrayContaining([...Object.keys(MAY_IMPORT), "plugins"]));
    expect(files.length).toBeGreaterThan(100);
    expect(local.length).toBeGreaterThan(300);
    expect(local.filter(({ to }) => to.startsWith("..") === false && !files.includes(to)).map(told)).toEqual([]);
  });

  test("imports only down the table of the design", () => {
    expect(local.filter((found) => !isAllowed(found)).map(told)).toEqual([]);
  });

  test("imports nothing from outside src/: simulators, conformance, tests, benchmarks, examples, the demo, the soak", () => {
    expect(local.filter(({ to }) => to.startsWith("..")).map(told)).toEqual([]);
  });

  test("knows type-graphql only where the API is described", () => {
    const outside = imports.filter(
      ({ from, to }) => to === "type-graphql" && !/^(schema|resolvers|entities)\//.test(from),
    );
    expect(outside.map(told)).toEqual([]);
  });

  test("reads the environment in config.ts alone; both main.ts only hand it over", () => {
    const ENVIRONMENT = /\bprocess\s*(\?\.|\.)\s*env\b|\benv\b[^;]*from "node:process"/;
    const readers = files.filter((file) => ENVIRONMENT.test(text(file).replace("(process.env)", "")));
    expect(readers.filter((file) => file !== "config.ts")).toEqual([]);
  });

  test("holds SQL in resolvers, schema and http nowhere", () => {
    const SQL =
      /\b(SELECT\s+[\w*("].*\bFROM|INSERT INTO|DELETE FROM|UPDATE\s+\w+\s+SET)\b|\.query\(|createQueryBuilder/s;
    const guilty = files.filter((file) => /^(resolvers|schema|http)\//.test(file) && SQL.test(text(file)));
    expect(guilty).toEqual([]);
  });

  test("has no cycle between the folders of sync/, and licenses/ never sees deployments/", () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of local) {
      const [here, there] = [syncFolder(from), syncFolder(to)];
      if (here && there && here !== there) edges.set(here, (edges.get(here) ?? new Set()).add(there));
    }
    expect(edges.size).toBeGreaterThan(2);
    expect([...edges.keys()].flatMap((folder) => cycleFrom(folder, edges))).toEqual([]);
    expect(local.filter(({ from, to }) => syncFolder(from) === "licenses" && syncFolder(to) === "deployments")).toEqual(
      [],
    );
  });

  test("has in a plugin nothing but the contract and libraries", () => {
    const isPlugin = (file: string) => /^plugins\/[^/]+\//.test(file) && !file.startsWith("plugins/contract/");
    const mine = imports.filter(({ from }) => isPlugin(from));
    expect(new Set(mine.map(({ from }) => homeOf(from))).size).toBeGreaterThan(0);
    const others = mine.filter(({ from, to, local: isOurs }) =>
      isOurs ? to !== "plugins/contract.ts" && !to.startsWith(`${homeOf(from)}/`) : !isLibrary(to),
    );
    expect(others.map(told)).toEqual([]);
  });

  test("reaches from a plugin nothing but by the tools that it is given; the mock alone contains its product", () => {
    const IO =
      /^(node:)?(fs|http|https|http2|net|tls|dgram|dns|child_process|cluster|worker_threads|timers)(\/|$)|^undici$/;
    const reaching = imports.filter(({ from, to }) => /^plugins\/(?!mock\/)/.test(from) && IO.test(to));
    expect(reaching.map(told)).toEqual([]);
  });

  test("is written in files of at most 400 lines, migrations aside", () => {
    const long = files.filter((file) => !file.includes("/migrations/") && text(file).split("\n").length > 401);
    expect(long).toEqual([]);
  });
});

describe("the conformance kit", () => {
  test("imports of the source the contract alone, and otherwise libraries", () => {
    const kit = sourcesIn("../conformance").flatMap(importsOf);
    expect(kit.length).toBeGreaterThan(30);
    const others = kit.filter(({ to, local: isOurs }) =>
      isOurs ? to !== "plugins/contract.ts" && !to.startsWith("../conformance/") : !isLibrary(to),
    );
    expect(others.map(told)).toEqual([]);
  });

  test("is written in files of at most 400 lines", () => {
    expect(sourcesIn("../conformance").filter((file) => text(file).split("\n").length > 401)).toEqual([]);
  });
});

/** A package that is installed with Allotment, or a part of Node. */
function isLibrary(name: string): boolean {
  const [scope = "", rest = ""] = name.split("/");
  return name.startsWith("node:") || (scope.startsWith("@") ? `${scope}/${rest}` : scope) in dependencies;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => /\.tsx?$/.test(file));
}

function text(file: string): string {
  return readFileSync(join(SRC, file), "utf8");
}

/** The files at sync/'s root are for all of its folders, and belong to none. */
function syncFolder(file: string): string | null {
  return /^sync\/([^/]+)\//.exec(file)?.[1] ?? null;
}

/** The way from a folder back to itself, if there is one. */
function cycleFrom(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const walk = (at: string, way: readonly string[]): string[] => {
    for (const next of edges.get(at) ?? []) {
      if (next === start) return [[...way, start].join(" -> ")];
      if (way.includes(next)) continue;
      const found = walk(next, [...way, next]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return walk(start, [start]);
}
