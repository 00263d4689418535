import { readFileSync } from "node:fs";
import { z } from "zod";

const MANIFEST = z.record(z.string().min(1), z.string().min(1));

/**
 * Reads a list of operations: a JSON object with their texts by their hashes.
 * @returns the list, or what is wrong with the file, as the end of a sentence.
 */
export function readManifest(path: string): ReadonlyMap<string, string> | string {
  try {
    const manifest = MANIFEST.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return manifest.success
      ? new Map(Object.entries(manifest.data))
      : "names a file that is no JSON object with the texts of operations by their hashes";
  } catch (error) {
    if (error instanceof SyntaxError) return "names a file that is no JSON";
    return `names a file that cannot be read (${(error as NodeJS.ErrnoException).code}): check the path`;
  }
}
