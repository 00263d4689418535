import { type Client, createClient } from "graphql-ws";
import { useEffect, useState } from "preact/hooks";
import { STORE_APPS, SYNC_RUNS, TOKEN_HEALTH } from "./queries.js";
import { useSession } from "./session.js";

/** Many changes at once are one reason to look again. */
const GATHER_MS = 1_000;
/** The sums are over all apps there are: where a synchronisation ends each second they are not asked for each second. */
const PAUSE_MS = 10_000;
/** What no subscription tells of, such as the sums over apps that are not shown, is looked at so often while somebody looks. */
const LOOK_AGAIN_MS = 60_000;

export interface Live {
  readonly connected: boolean;
  /** Changes whenever any number may have. */
  readonly version: number;
  /** Changes whenever those of the apps that are shown may have. */
  readonly shownVersion: number;
}

/**
 * Follows synchronisations, the tokens' health and the apps that are shown, over one WebSocket that comes back by itself.
 * @param shown ids of apps
 */
export function useLive(shown: readonly string[]): Live {
  const { key } = useSession();
  const [client, setClient] = useState<Client | null>(null);
  const [connected, setConnected] = useState(false);
  const [version, setVersion] = useState(0);
  const [shownVersion, setShownVersion] = useState(0);
  useEffect(() => {
    const opened = connect(key, setConnected);
    setClient(opened);
    return () => void opened.dispose();
  }, [key]);
  useEffect(() => {
    if (!client) return;
    const gathered = gather(PAUSE_MS, () => setVersion((count) => count + 1));
    const stops = [
      follow<{ syncRunChanged: { endedAt: string | null } }>(client, SYNC_RUNS, {}, ({ syncRunChanged }) => {
        if (syncRunChanged.endedAt !== null) gathered.changed();
      }),
      follow(client, TOKEN_HEALTH, {}, gathered.changed),
      every(LOOK_AGAIN_MS, gathered.changed),
      gathered.stop,
    ];
    return () => stops.forEach((stop) => void stop());
  }, [client]);
  const ids = shown.join();
  useEffect(() => {
    if (!client || ids === "") return;
    const gathered = gather(GATHER_MS, () => setShownVersion((count) => count + 1));
    const stop = follow(client, STORE_APPS, { ids: ids.split(",") }, gathered.changed);
    return () => {
      stop();
      gathered.stop();
    };
  }, [client, ids]);
  return { connected, version, shownVersion };
}

function connect(key: string, setConnected: (connected: boolean) => void): Client {
  return createClient({
    url: location.origin.replace(/^http/, "ws").concat("/graphql"),
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    on: { connected: () => setConnected(true), closed: () => setConnected(false) },
  });
}

/** What is told first is what is so, which then is looked at once more. */
function follow<Data>(client: Client, query: string, variables: Record<string, unknown>, tell: (data: Data) => void) {
  return client.subscribe<Data>(
    { query, variables },
    // A key that is good no longer is refused to the next question, too, which then says so.
    { next: ({ data }) => data && tell(data), error: () => undefined, complete: () => undefined },
  );
}

/** Tells soon after the first change, and of later ones after a pause. */
function gather(pauseMs: number, tell: () => void): { changed(): void; stop(): void } {
  let timer: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    changed() {
      const waitMs = Math.max(GATHER_MS, toldAt + pauseMs - performance.now());
      timer ??= window.setTimeout(() => {
        timer = undefined;
        toldAt = performance.now();
        tell();
      }, waitMs);
    },
    stop: () => window.clearTimeout(timer),
  };
}

/** While somebody looks. */
function every(periodMs: number, tell: () => void): () => void {
  const timer = window.setInterval(() => document.visibilityState === "visible" && tell(), periodMs);
  return () => window.clearInterval(timer);
}
