import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { problemOfName } from "../src/plugins/contract.js";
import { plugins } from "../src/plugins/index.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SKELETON = join(ROOT, "new-plugin/skeleton");

/** What is refused, as a sentence for the one who typed it. */
export class RefusedSkeleton extends Error {}

/**
 * Writes a plugin that is still to be filled in, with its fake product and its failing conformance test.
 * @returns the files, by name.
 * @throws RefusedSkeleton for a name that the plugin may not have, and for a directory that cannot be had or has something in it.
 */
export async function writeSkeleton(name: string, directory: string): Promise<string[]> {
  const samples = await readdir(SKELETON);
  const problem = problemOfName(name) ?? problemOfFiles(name, samples);
  if (problem !== null) throw new RefusedSkeleton(problem);
  const place = await emptyDirectory(directory);
  const files: Record<string, string> = {
    "package.json": toJson(packageOf(name, place)),
    "tsconfig.json": toJson(TYPES),
  };
  for (const file of samples) {
    files[renamed(file, name)] = renamed(await readFile(join(SKELETON, file), "utf8"), name);
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
  return Object.keys(files).sort();
}

function problemOfFiles(name: string, samples: readonly string[]): string | null {
  if (plugins.some((plugin) => plugin.name === name)) {
    return `A plugin "${name}" comes with Allotment: call yours otherwise.`;
  }
  if (!samples.includes(`${name}.js`) || name === "acme") return null;
  return `The file ${name}.js is another one of the skeleton: call the plugin otherwise.`;
}

/** Made, where there is none. @returns its path without links, from which the way to this clone is told. */
async function emptyDirectory(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length === 0) return await realpath(directory);
  } catch (error) {
    throw new RefusedSkeleton(`The directory ${directory} cannot be made: ${(error as NodeJS.ErrnoException).code}.`);
  }
  throw new RefusedSkeleton(`There is something in ${directory} already.`);
}

/** The skeleton is a plugin called Acme. */
function renamed(text: string, name: string): string {
  return text.replaceAll("acme", name).replaceAll("Acme", titleOf(name));
}

function titleOf(name: string): string {
  const words = name.split("-").filter((word) => word !== "");
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(" ");
}

/** The types and TypeScript of this clone: nothing else has to be installed. */
function packageOf(name: string, directory: string): object {
  return {
    name: `allotment-plugin-${name}`,
    version: "0.1.0",
    private: true,
    type: "module",
    exports: `./${name}.js`,
    scripts: {
      test: "node --test",
      types: "node node_modules/allotment/node_modules/typescript/bin/tsc",
      product: "node run-product.js",
    },
    devDependencies: { allotment: `file:${relative(directory, ROOT)}` },
  };
}

const TYPES = {
  compilerOptions: {
    target: "ES2022",
    module: "NodeNext",
    types: ["node"],
    typeRoots: ["node_modules/allotment/node_modules/@types"],
    strict: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ["*.js"],
};

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
