import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Finding, failure, ok, warning } from "./finding.js";
import { humanBytes } from "./human-bytes.js";

/** A first synchronisation of a million licences writes about so much. */
const SCARCE_BYTES = 2 * 1024 ** 3;
/** PostgreSQL stops when there is nothing left for its log. */
const LEAST_BYTES = 256 * 1024 ** 2;

/** How much room there is where Allotment, or its embedded database, writes. */
export async function checkDisk(path: string, what: string): Promise<Finding> {
  const { bavail, bsize } = await statfsAbove(path);
  return judgeDisk(bavail * bsize, path, what);
}

/** @param free bytes that this account may still write */
export function judgeDisk(free: number, path: string, what: string): Finding {
  const found = `${humanBytes(free)} are free for ${what}, at ${path}.`;
  if (free >= SCARCE_BYTES) return ok("disk", found);
  const remedy = `Make room there: at least ${humanBytes(SCARCE_BYTES)}.`;
  return free >= LEAST_BYTES ? warning("disk", found, remedy) : failure("disk", found, remedy);
}

/** Of the nearest directory that there is: the others will be made in it. */
async function statfsAbove(path: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(path);
  } catch (error) {
    if (dirname(path) === path) throw error;
    return statfsAbove(dirname(path));
  }
}
