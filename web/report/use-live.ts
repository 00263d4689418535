import { useEffect, useMemo, useState } from "preact/hooks";
import { createLiveClient } from "./create-live-client.js";
import { follow } from "./follow.js";
import { gather } from "./gather.js";
import { STORE_APPS, SYNC_RUNS, TOKEN_HEALTH } from "./queries.js";
import { useSession } from "./session.js";
import { whileSeen } from "./while-seen.js";

/** The sums are over all apps there are: where a synchronisation ends each second they are not asked for each second. */
const PAUSE_MS = 10_000;
/** What no subscription tells of, such as the sums over apps that are not shown, is looked at so often while somebody looks. */
const LOOK_AGAIN_MS = 60_000;

interface SyncRunTold {
  readonly syncRunChanged: { readonly endedAt: string | null };
}

export interface Live {
  readonly connected: boolean;
  /** Changes whenever any number may have. */
  readonly version: number;
  /** Changes whenever those of the apps that are shown may have. */
  readonly shownVersion: number;
}

/**
 * Follows synchronisations, the tokens' health and the apps that are shown.
 * @param shown ids of apps
 */
export function useLive(shown: readonly string[]): Live {
  const { key } = useSession();
  const [connected, setConnected] = useState(false);
  const [version, setVersion] = useState(0);
  const [shownVersion, setShownVersion] = useState(0);
  const client = useMemo(
    () =>
      createLiveClient({ url: `${location.origin.replace(/^http/, "ws")}/graphql`, key, onConnected: setConnected }),
    [key],
  );
  useEffect(() => {
    const { changed, stop } = gather(PAUSE_MS, () => setVersion((count) => count + 1));
    const stops = [
      follow<SyncRunTold>(client, { query: SYNC_RUNS, variables: {} }, (told) => {
        if (told === null || told.syncRunChanged.endedAt !== null) changed();
      }),
      follow(client, { query: TOKEN_HEALTH, variables: {} }, changed),
      whileSeen(LOOK_AGAIN_MS, changed),
      stop,
    ];
    return () => stops.forEach((end) => void end());
  }, [client]);
  const ids = shown.join();
  useEffect(() => {
    if (ids === "") return;
    const { changed, stop } = gather(0, () => setShownVersion((count) => count + 1));
    const end = follow(client, { query: STORE_APPS, variables: { ids: ids.split(",") } }, changed);
    return () => {
      end();
      stop();
    };
  }, [client, ids]);
  return { connected, version, shownVersion };
}
