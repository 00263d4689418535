import { Agent } from "undici";
import type { PluginTools } from "../src/plugins/contract.js";
import { pinnedConnect } from "./pinned-connect.js";
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
  const agents: Agent[] = [];
  const logged: string[] = [];
  const wayOut = (options: ConstructorParameters<typeof Agent>[0]): typeof globalThis.fetch => {
    const agent = new Agent(options);
    agents.push(agent);
    return createWayOut(origin, agent);
  };
  return {
    fetch: wayOut({ connections: 16 }),
    openChannel: ({ certificate }) => {
      const connect = certificate ? pinnedConnect(certificate) : {};
      const single = wayOut({ connections: 1, connect });
      let last: Promise<unknown> = Promise.resolve();
      return {
        fetch: wayOut({ connections: 16, connect }),
        exchange: (_signal, run) => {
          const mine = last.then(() => run(single));
          last = mine.catch(() => undefined);
          return mine;
        },
      };
    },
    now: () => new Date(),
    random: Math.random,
    log: (message, details) => void logged.push(`${message} ${JSON.stringify(details ?? {})}`),
    logged,
    close: async () => {
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}
