import { EventEmitter } from "node:events";
import type { Logger, WorkerEvents } from "graphile-worker";
import type { Pool, PoolClient } from "pg";
import type { Core } from "../core.js";
import { workerLogger } from "./worker-logger.js";

/**
 * The first key of the advisory locks by which living workers are known. The second is the hash of the pool's id, under which
 * graphile-worker locks jobs and queues.
 */
export const LIVE_WORKER_LOCK = 0x616c6c6f;

const REOPEN_MS = 1_000;

/** A host that vanishes without a word is noticed by the database within half a minute, not after two hours. */
const KEEPALIVE_SQL = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4";

/** The workers of this process, and the database session that shows that they live. */
export interface LiveWorker {
  /** To be given to graphile-worker, which tells here of each pool of workers it makes. */
  readonly events: WorkerEvents;
  readonly logger: Logger;
  release(): Promise<void>;
}

/**
 * Shows by a session-level advisory lock a worker that this process lives: the lock goes with the process, however it ends,
 * and `free-dead-workers` then gives its jobs to others. A session that breaks is replaced.
 */
export async function liveWorker(core: Core, pool: Pool): Promise<LiveWorker> {
  const events: WorkerEvents = new EventEmitter();
  const poolIds = new Set<string>();
  let session: PoolClient | null = null;
  let released = false;
  /** A session runs one statement at a time. */
  let locks: Promise<unknown> = Promise.resolve();

  const lock = (client: PoolClient, poolId: string): void => {
    locks = locks
      .then(() => client.query("SELECT pg_advisory_lock($1, hashtext($2))", [LIVE_WORKER_LOCK, poolId]))
      .catch((error: unknown) => core.log.error({ error, poolId }, "A worker cannot show that it lives"));
  };
  const open = async (): Promise<void> => {
    const client = await pool.connect();
    if (released) return client.release(true);
    client.once("error", (error) => {
      // Given back already, and its end is heard of late.
      if (released) return;
      client.release(error);
      session = null;
      reopen();
    });
    await client.query(KEEPALIVE_SQL);
    session = client;
    for (const poolId of poolIds) lock(client, poolId);
  };
  const reopen = (): void => {
    open().catch((error: unknown) => {
      core.log.error({ error }, "The workers' session is lost and cannot be opened anew yet");
      if (!released) setTimeout(reopen, REOPEN_MS).unref();
    });
  };

  await open();
  events.on("pool:create", ({ workerPool }) => {
    poolIds.add(workerPool.id);
    if (session) lock(session, workerPool.id);
  });
  return {
    events,
    logger: workerLogger(core),
    release: async () => {
      released = true;
      await locks;
      session?.release(true);
    },
  };
}
