import { Agent } from "undici";
import type { PluginTools } from "../src/plugins/contract.js";
import { CONNECTIONS, openKitChannel } from "./channel.js";
import { createWayOut } from "./way-out.js";

/** The tools of one connection, and what came of them. */
export interface KitTools extends PluginTools {
  /** What the plugin has logged. */
  readonly logged: readonly string[];
  /** Releases the sockets. */
  close(): Promise<void>;
}

/** What a plugin is given in the service, with the kit's server as the only place that may be reached. */
export function createTools(origin: string | null): KitTools {
  const agent = new Agent({ connections: CONNECTIONS });
  const closers: (() => Promise<void>)[] = [() => agent.destroy()];
  const logged: string[] = [];
  return {
    fetch: createWayOut(origin, agent),
    openChannel: ({ certificate }) => {
      const channel = openKitChannel(origin, certificate);
      closers.push(channel.close);
      return channel;
    },
    now: () => new Date(),
    random: Math.random,
    log: (message, details) => void logged.push(`${message} ${JSON.stringify(details ?? {})}`),
    logged,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}
