import { type Channel, PluginError } from "../../plugins/contract.js";
import { createGuardedConnect } from "./guarded-agent.js";
import { createGuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.js";
import { SingleSockets } from "./single-sockets.js";
import { createTurns } from "./turns.js";

/** A Channel and its release. */
export interface GuardedChannel extends Channel {
  /** Closes its sockets, those in use too. */
  close(): Promise<void>;
}

/** @throws PluginError `config` when the pinned certificate cannot be read. */
export function createGuardedChannel(options: GuardedFetchOptions): GuardedChannel {
  const outside = createGuardedFetch(options);
  /** The hosts that the exchange under way has heard from: each has its one socket by now. */
  const heard = new Set<string>();
  const open = createGuardedConnect(options);
  const sockets = new SingleSockets((to, callback) => {
    const origin = `${to.protocol}//${to.host}`;
    if (heard.has(origin)) {
      throw new PluginError("transient", `${origin} closed the connection in the middle of an exchange.`);
    }
    open(to, callback);
  });
  const single = createGuardedFetch(options, sockets);
  const inTurn = createTurns();
  return {
    fetch: outside.fetch,
    exchange: (signal, run) =>
      inTurn(signal, async () => {
        let ended = false;
        heard.clear();
        try {
          return await run(async (input, init) => {
            if (ended) throw new PluginError("internal", "A request was made after the end of its exchange.");
            const answer = await single.fetch(input, init);
            heard.add(new URL(input instanceof Request ? input.url : input).origin);
            return answer;
          });
        } finally {
          ended = true;
        }
      }),
    close: async () => {
      await Promise.all([outside.close(), single.close()]);
    },
  };
}
