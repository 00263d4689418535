import { type Client, createClient } from "graphql-ws";

/** Between two attempts at most: after a night without the service nobody waits for the next one until noon. */
const LONGEST_WAIT_MS = 15_000;
/** A connection that was lost without a word, as while a computer slept, is noticed within the sum of the two. */
const PING_MS = 15_000;
const PONG_MS = 5_000;

interface LiveClientOptions {
  readonly url: string;
  readonly key: string;
  onConnected(connected: boolean): void;
}

/** One WebSocket, open while something is followed, that comes back by itself. */
export function createLiveClient({ url, key, onConnected }: LiveClientOptions): Client {
  let missing: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, waitMs(retries))),
    keepAlive: PING_MS,
    on: {
      connected: () => onConnected(true),
      closed() {
        clearTimeout(missing);
        onConnected(false);
      },
      ping(received) {
        if (!received) missing = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: () => clearTimeout(missing),
    },
  });
  return client;
}

/** Longer each time, and by chance, so that a service that comes back does not meet all its pages at once. */
function waitMs(retries: number): number {
  return Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** retries) * (1 - Math.random() / 2);
}
