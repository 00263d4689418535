// Run by `npm version`, which has written the new version into package.json; it commits and tags what this changes.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { prepareRelease } from "./prepare-release.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8")) as { version: string };
await prepareRelease(root, version);
