import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { readIfPresent } from "./private-file.js";
import type { EpochFile, EpochRecord } from "./sync/core.js";

const NAME = "epoch.json";

const record = z.object({
  mdmId: z.uuid(),
  epoch: z.int().min(0),
  instances: z.array(z.uuid()),
  log: z.object({ database: z.string(), position: z.string().regex(/^[0-9]{1,20}$/) }).nullable(),
});

/**
 * The file in the data directory that tells a database which was put back from the living one. Only its owner may read it.
 * Without a directory that lasts nothing breaks: Apple's epoch and the server's own words remain.
 */
export function createEpochFile(directory: string, log: Logger): EpochFile {
  const path = join(directory, NAME);
  return {
    async read() {
      const text = await readIfPresent(path).catch((error: unknown) => {
        log.warn({ error, path }, "The epoch that the data directory remembers could not be read");
        return undefined;
      });
      return text === undefined ? null : parse(text);
    },
    async write(now) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await replace(path, `${JSON.stringify(now)}\n`);
      } catch (error) {
        log.warn({ error, path }, "The epoch could not be written to the data directory");
      }
    },
  };
}

function parse(text: string): EpochRecord | null {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Whole or not at all, also when the machine stops in between. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx", flush: true });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
