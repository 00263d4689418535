import { Agent, buildConnector, Client } from "undici";
import { type Channel, type PinnedCertificate, PluginError } from "../src/plugins/contract.js";
import { pinnedConnect } from "./pinned-connect.js";
import { createWayOut } from "./way-out.js";

/** A Channel to the kit's server alone. */
export interface KitChannel extends Channel {
  /** Releases its sockets. */
  close(): Promise<void>;
}

/** As many as a plugin has to a host in the service. */
export const CONNECTIONS = 16;

/** Where nothing is reached, since the product is a part of its plugin. */
const NOWHERE = "http://nowhere.invalid";

/**
 * @param origin of the kit's server; null when there is none, and nothing may be reached.
 * @throws PluginError `config` when the pinned certificate is none.
 */
export function openKitChannel(origin: string | null, certificate: PinnedCertificate | undefined): KitChannel {
  const open = certificate ? pinnedConnect(certificate) : buildConnector({});
  const sockets = new Agent({ connections: CONNECTIONS, connect: open });
  /** The exchange under way has been answered: it has its socket by now. */
  let isHeard = false;
  const connect: buildConnector.connector = (to, callback) => {
    if (!isHeard) return open(to, callback);
    callback(new PluginError("transient", "The connection was closed in the middle of an exchange."), null);
  };
  const socket = new Client(origin ?? NOWHERE, { connect, pipelining: 1 });
  const single = createWayOut(origin, socket);
  let last: Promise<unknown> = Promise.resolve();
  return {
    fetch: createWayOut(origin, sockets),
    exchange: (signal, run) => {
      const mine = comeBefore(signal, last).then(async () => {
        let isOver = false;
        isHeard = false;
        try {
          return await run(async (...request) => {
            if (isOver) throw new PluginError("internal", "A request was made after the end of its exchange.");
            const answer = await single(...request);
            isHeard = true;
            return answer;
          });
        } finally {
          isOver = true;
        }
      });
      last = Promise.allSettled([last, mine]);
      return mine;
    },
    close: async () => {
      await Promise.all([sockets.destroy(), socket.destroy()]);
    },
  };
}

/** Waits for the turn. @throws PluginError `transient` when the signal fires first. */
async function comeBefore(signal: AbortSignal, turn: Promise<unknown>): Promise<void> {
  const late = () => new PluginError("transient", "Earlier exchanges took too long.");
  if (signal.aborted) throw late();
  const fired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(late()), { once: true });
  });
  await Promise.race([turn, fired]);
}
