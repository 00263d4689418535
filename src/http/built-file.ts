import { readFile } from "node:fs/promises";
import { AppError } from "../errors.js";

/** Where `web/` is built to: beside the compiled service, or in `dist/` while it runs from its source. */
const DIRECTORY = new URL(import.meta.url.endsWith(".ts") ? "../../dist/web/" : "../../web/", import.meta.url);

/**
 * A script or a style of our pages.
 * @throws AppError NOT_FOUND when the pages have not been built.
 */
export async function readBuiltFile(name: string): Promise<string> {
  try {
    return await readFile(new URL(name, DIRECTORY), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new AppError("NOT_FOUND", "This page has not been built. Run `npm run build:web`.");
  }
}
