import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readIfPresent } from "../private-file.js";
import { isAlive, programOf } from "./process-state.js";

const POLL_MS = 200;

/**
 * Waits until no PostgreSQL runs on `data`: after a kill or during a restart the earlier one is still shutting down.
 * Throws at `deadline` (ms since 1970), naming the directory and the process that holds it.
 */
export async function waitUntilFree(data: string, deadline: number): Promise<void> {
  for (;;) {
    const pid = await findHolder(data);
    if (pid === undefined) return;
    if (Date.now() >= deadline) {
      throw new Error(
        `The database in ${data} is in use by another Allotment (its PostgreSQL has process id ${pid}): stop that one ` +
          "first, give this one another ALLOTMENT_DATA_DIR, or set DATABASE_URL on both.",
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * The process id of the PostgreSQL that runs on `data`, if one does. PostgreSQL believes any living process in its lock
 * file, and gives up on an empty one: both are left by a machine or container that crashed, and are removed here.
 */
async function findHolder(data: string): Promise<number | undefined> {
  const lock = join(data, "postmaster.pid");
  const text = await readIfPresent(lock);
  if (text === undefined) return undefined;
  if (text === "") {
    // Time for one that is starting at this moment to write its line.
    await sleep(POLL_MS);
    if ((await readIfPresent(lock)) !== "") return findHolder(data);
    await removeStaleLock(lock, text);
    return undefined;
  }
  const pid = Number.parseInt(text, 10);
  if (!isAlive(pid)) return undefined;
  const program = programOf(pid);
  if (program === undefined || program === "postgres") return isAlive(pid) ? pid : undefined;
  await removeStaleLock(lock, text);
  return undefined;
}

/** Moves the lock away before judging it a second time, so that one written meanwhile is put back, not lost. */
async function removeStaleLock(lock: string, judged: string): Promise<void> {
  const aside = `${lock}.stale-${process.pid}`;
  await rename(lock, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  const moved = await readIfPresent(aside);
  if (moved !== undefined && moved !== judged) await rename(aside, lock);
  else await rm(aside, { force: true });
}
