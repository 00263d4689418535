import { PluginError, type TargetConnection } from "../../plugins/contract.js";
import type { Hide } from "./hide-secrets.js";
import type { OpenConnection } from "./open-connection.js";
import { withinDeadline } from "./within-deadline.js";

/** Calls at once; what comes beyond that is told to come later. */
const MOST_CALLS = 100;

/** Uses a connection until its signal fires. `hide` takes the target's secrets out of what the plugin says. */
export type Use<T> = (connection: TargetConnection, signal: AbortSignal, hide: Hide) => Promise<T>;

/** One connection, and the calls that use it. */
export interface LiveConnection {
  /**
   * @param deadlineMs real milliseconds, for the connecting too.
   * @throws PluginError `transient` at the deadline and for one call too many; else what the plugin throws.
   */
  use<T>(deadlineMs: number, use: Use<T>): Promise<T>;
  /** A call goes on after its deadline, or has never got a connection: the next one had better have a new one. */
  isStuck(): boolean;
  /** Closes it after its last call. Those that are stuck are not waited for. */
  retire(): Promise<void>;
  /** Closes it now. */
  close(): Promise<void>;
}

interface Call {
  isOverdue: boolean;
}

export function createLiveConnection(opened: Promise<OpenConnection>): LiveConnection {
  const calls = new Set<Call>();
  let open: OpenConnection | null = null;
  let isRetired = false;
  let closing: Promise<void> | null = null;
  const ready = opened.then((connection) => {
    open = connection;
  });
  ready.catch(() => undefined);

  /** One that is still being opened is closed as soon as it is, and not waited for. */
  const close = async (): Promise<void> => {
    closing ??= ready.then(
      () => open?.close(),
      () => undefined,
    );
    if (open) await closing;
  };
  const closeIfUnused = async (): Promise<void> => {
    if (isRetired && [...calls].every(({ isOverdue }) => isOverdue)) await close();
  };

  return {
    use: async (deadlineMs, use) => {
      if (calls.size >= MOST_CALLS) {
        throw new PluginError(
          "transient",
          `${MOST_CALLS} calls of this target are under way: it takes no more at once.`,
        );
      }
      const call: Call = { isOverdue: false };
      calls.add(call);
      return withinDeadline(deadlineMs, async (signal) => {
        signal.addEventListener("abort", () => {
          call.isOverdue = true;
          void closeIfUnused();
        });
        try {
          const { run, hide } = await opened;
          return await run((connection) => use(connection, signal, hide));
        } finally {
          calls.delete(call);
          await closeIfUnused();
        }
      });
    },
    isStuck: () => [...calls].some(({ isOverdue }) => isOverdue),
    retire: async () => {
      isRetired = true;
      await closeIfUnused();
    },
    close,
  };
}
