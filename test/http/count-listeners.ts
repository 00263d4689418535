import { vi } from "vitest";
import type { ChangeFeed } from "../../src/sync/watch/change-feed.js";

/** Counts who begins and who stops to listen to a feed from now on. */
export function countListeners(changes: ChangeFeed) {
  const listening = new Set<symbol>();
  let begun = false;
  const listen = changes.listen;
  const spy = vi.spyOn(changes, "listen").mockImplementation((topic, tell) => {
    const stop = listen(topic, tell);
    const mine = Symbol();
    listening.add(mine);
    begun = true;
    return () => {
      listening.delete(mine);
      stop();
    };
  });
  return {
    anyLeft: () => listening.size > 0,
    noneLeft: () => begun && listening.size === 0,
    restore: () => spy.mockRestore(),
  };
}
