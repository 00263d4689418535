import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SKELETON = join(ROOT, "new-plugin/skeleton");
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** What is refused, as a sentence for the one who typed it. */
export class RefusedSkeleton extends Error {}

/**
 * Writes a plugin that is still to be filled in, with its fake product and its failing conformance test.
 * @returns the files, by name.
 * @throws RefusedSkeleton for a name that no plugin may have, and for a directory with something in it.
 */
export async function writeSkeleton(name: string, directory: string): Promise<string[]> {
  if (!NAME.test(name)) {
    throw new RefusedSkeleton(
      `The plugin name "${name}" is not usable: use 1 to 40 lower-case letters, digits and hyphens, a letter first.`,
    );
  }
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) throw new RefusedSkeleton(`There is something in ${directory} already.`);
  const files: Record<string, string> = {
    "package.json": toJson(packageOf(name, directory)),
    "tsconfig.json": toJson(TYPES),
  };
  for (const file of await readdir(SKELETON)) {
    files[renamed(file, name)] = renamed(await readFile(join(SKELETON, file), "utf8"), name);
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
  return Object.keys(files).sort();
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
    devDependencies: { allotment: `file:${relative(resolve(directory), ROOT)}` },
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
