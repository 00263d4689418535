import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./process-state.js";

/** A name for something half done; it carries our pid, so that others can tell when it was abandoned. */
export function draftName(prefix: string): string {
  return `${prefix}-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** Removes what processes that are gone left half done under `directory`. */
export async function removeAbandonedDrafts(directory: string, prefix: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    const pid = new RegExp(`^${prefix}-(\\d+)-[0-9a-f]{12}$`).exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // An orphaned initdb may still be writing there.
    await rm(join(directory, entry), { recursive: true, force: true, maxRetries: 10 });
  }
}
