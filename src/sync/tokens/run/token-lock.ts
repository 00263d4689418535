import type { PoolClient } from "pg";
import type { Core } from "../../core.js";

/**
 * Does the work on a session of its own while no other process does it for this token; a session that dies gives the lock
 * back by itself.
 * @returns false when another process is at it: then nothing was done.
 */
export async function withTokenLock(
  core: Core,
  tokenId: string,
  work: (client: PoolClient) => Promise<void>,
): Promise<boolean> {
  const runner = core.dataSource.createQueryRunner();
  try {
    const client: PoolClient = await runner.connect();
    const key = `sync-token:${tokenId}`;
    const { rows } = await client.query<{ locked: boolean }>(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked",
      [key],
    );
    if (!rows[0]?.locked) return false;
    try {
      await work(client);
      return true;
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [key]);
    }
  } finally {
    await runner.release();
  }
}
