import { access } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent } from "../private-file.js";
import { DATABASE, SUPERUSER } from "./cluster.js";
import { isAlive } from "./process-state.js";

/** An embedded database that there is, whether or not it runs. */
export interface FoundCluster {
  /** Where its files lie. */
  readonly root: string;
  /** Where the one that another process has started is reached, as superuser; null while none runs. Holds the password. */
  readonly url: string | null;
}

/** What is there of the embedded PostgreSQL of this data directory; null before its first start. Changes nothing. */
export async function findCluster(directory: string): Promise<FoundCluster | null> {
  const root = (await readIfPresent(join(directory, "postgres-path"))) ?? join(directory, "postgres");
  const data = join(root, "data");
  const made = await access(data).then(
    () => true,
    () => false,
  );
  if (!made) return null;
  // The first line is the process, the fourth the port. Source: PostgreSQL's miscadmin.h, LOCK_FILE_LINE_PORT.
  const [pid, , , port] = ((await readIfPresent(join(data, "postmaster.pid"))) ?? "").split("\n");
  const password = await readIfPresent(join(directory, "postgres-password"));
  const runs = port !== undefined && password !== undefined && isAlive(Number(pid));
  return { root, url: runs ? `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}` : null };
}
