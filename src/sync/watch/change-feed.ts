import pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";

/** Where the triggers of the database tell of changes; see the migration `tell-of-changes`. */
const CHANNEL = "allotment_changes";

/** All in real time: the session is the database's, whatever TIME_SCALE says. */
const REOPEN_MS = 1_000;
const HEARTBEAT_MS = 15_000;
const ANSWER_WITHIN_MS = 10_000;

/**
 * What is told of: synchronisations, tokens whose health changed, tokens that are gone, alerts, apps, deployments (with their
 * installations), starts and ends of holdings, and API keys that were revoked.
 */
const TOPICS = [
  "sync_run",
  "token",
  "removed_token",
  "alert",
  "store_app",
  "deployment",
  "license_event",
  "api_key",
] as const;
export type ChangeTopic = (typeof TOPICS)[number];

/**
 * Primary keys, their parts joined by ":" (of API keys their prefixes, of starts and ends of holdings with the step); null when anything of the
 * topic may have changed.
 */
export type ChangedKeys = readonly string[] | null;

/** Changes that any replica commits, as this process hears of them. */
export interface ChangeFeed {
  /**
   * Tells of every change that is committed from now on: of which rows, or with null that something may have been missed,
   * as after each loss of the database session.
   * @returns what ends it.
   */
  listen(topic: ChangeTopic, tell: (keys: ChangedKeys) => void): () => void;
  close(): Promise<void>;
}

export interface ChangeFeedOptions {
  /** The database; a session of its own is opened, so a pooler must not share it between transactions. */
  readonly url: string;
  readonly log: Logger;
}

const MESSAGE = z.object({ topic: z.enum(TOPICS), keys: z.array(z.string()).nullish() });

/** Opens the one LISTEN session of this process. @throws when the database cannot be reached; later it tries until it can. */
export async function openChangeFeed({ url, log }: ChangeFeedOptions): Promise<ChangeFeed> {
  const listeners: Record<ChangeTopic, Set<(keys: ChangedKeys) => void>> = {
    sync_run: new Set(),
    token: new Set(),
    removed_token: new Set(),
    alert: new Set(),
    store_app: new Set(),
    deployment: new Set(),
    license_event: new Set(),
    api_key: new Set(),
  };
  let session: pg.Client | null = null;
  let reopening: NodeJS.Timeout | undefined;
  let closed = false;

  const hear = (payload: string): void => {
    const message = readMessage(payload);
    if (message) for (const tell of listeners[message.topic]) tell(message.keys ?? null);
  };
  const lose = (error: Error): void => {
    session = null;
    if (closed) return;
    log.warn({ error }, "The session that hears of changes is lost and will be opened anew");
    reopening = setTimeout(reopen, REOPEN_MS);
  };
  const open = async (): Promise<void> => {
    const opened = await openSession(url, hear, lose);
    if (closed) await opened.end();
    else session = opened;
  };
  const reopen = async (): Promise<void> => {
    try {
      await open();
      for (const told of Object.values(listeners)) for (const tell of told) tell(null);
    } catch (error) {
      lose(error as Error);
    }
  };

  await open();
  return {
    listen(topic, tell) {
      listeners[topic].add(tell);
      return () => void listeners[topic].delete(tell);
    },
    async close() {
      closed = true;
      clearTimeout(reopening);
      await session?.end();
    },
  };
}

/** Null for what a later version of this service, which shares the database for a while, may tell of. */
function readMessage(payload: string): z.infer<typeof MESSAGE> | null {
  try {
    return MESSAGE.parse(JSON.parse(payload));
  } catch {
    return null;
  }
}

/** A session that listens, and is looked after so that one whose other end vanished is not taken for silence. */
async function openSession(
  url: string,
  hear: (payload: string) => void,
  lose: (error: Error) => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "allotment changes",
    keepAlive: true,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on("error", () => undefined);
  client.on("notification", ({ payload }) => hear(payload ?? ""));
  try {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
  const beat = setInterval(() => void client.query("SELECT 1").catch(() => client.end()), HEARTBEAT_MS);
  client.once("end", () => {
    clearInterval(beat);
    lose(new Error("The database session ended"));
  });
  return client;
}
