import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import {
  type Plugin,
  PluginError,
  type PluginTools,
  problemOfConnection,
  type TargetConnection,
} from "../../plugins/contract.js";
import type { Clock, SecretBox } from "../core.js";
import { createGuardedChannel, type GuardedChannel } from "./guarded-channel.js";
import { createGuardedFetch } from "./guarded-fetch.js";
import { parseSettings, type Settings } from "./settings.js";
import {
  noSuchTarget,
  readStoredTarget,
  requireStoredTarget,
  type StoredTarget,
  storedSettings,
} from "./stored-target.js";

const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 55_000;

/** The live connections of this process. */
export interface TargetConnections {
  /**
   * The connection of a target, made anew when its settings have changed, here or through another replica. For what
   * ends at once; a call that takes time goes through `use`.
   * @throws AppError NOT_FOUND, or PluginError `config` when the plugin or its settings no longer fit.
   */
  connect(targetId: string): Promise<TargetConnection>;
  /** Runs a call; a connection that is replaced meanwhile is closed only when its last call has ended. */
  use<T>(targetId: string, call: (connection: TargetConnection) => Promise<T>): Promise<T>;
  /** The plugin of a target. Throws as `connect` does. */
  plugin(targetId: string): Promise<Plugin>;
  /** A connection with settings that are not stored; the caller closes it. */
  open(plugin: Plugin, settings: Settings): Promise<OpenConnection>;
  /** Drops the connection of a target, if there is one. */
  forget(targetId: string): Promise<void>;
  /** Drops all and releases the sockets. */
  close(): Promise<void>;
}

/** A connection and what it holds. */
export interface OpenConnection {
  readonly connection: TargetConnection;
  /** Closes it and releases its channels; what goes wrong is logged. */
  close(): Promise<void>;
}

export interface TargetConnectionsOptions {
  readonly dataSource: DataSource;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly log: Logger;
  /** The hosts that plugins may reach, as `host` or `host:port`; null allows any. */
  readonly allowedHosts: readonly string[] | null;
}

interface Entry {
  /** Settings as stored: when they differ, the connection is out of date. */
  readonly version: string;
  readonly opened: Promise<OpenConnection>;
  calls: number;
  dropped: boolean;
}

export function createTargetConnections(options: TargetConnectionsOptions): TargetConnections {
  const { dataSource, clock, log } = options;
  const guards = {
    allowedHosts: options.allowedHosts,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    timeoutMs: REQUEST_TIMEOUT_MS,
  };
  const outside = createGuardedFetch(guards);
  const entries = new Map<string, Entry>();

  const open = async (plugin: Plugin, settings: Settings): Promise<OpenConnection> => {
    const channels: GuardedChannel[] = [];
    const release = () => quietly(log, () => Promise.all(channels.map((channel) => channel.close())));
    const tools: PluginTools = {
      fetch: outside.fetch,
      openChannel: (wanted) => {
        const channel = createGuardedChannel({ ...guards, certificate: wanted.certificate });
        channels.push(channel);
        return channel;
      },
      now: () => clock.now(),
      random: () => clock.random(),
      log: (message, details) => log.info({ plugin: plugin.name, ...details }, message),
    };
    try {
      const connection = await plugin.connect(settings, tools);
      const end = () => quietly(log, async () => connection.close?.());
      const problem = problemOfConnection(plugin, connection);
      if (problem !== null) {
        await end();
        throw new PluginError("internal", problem);
      }
      const close = async () => {
        await end();
        await release();
      };
      return { connection, close };
    } catch (error) {
      await release();
      throw error;
    }
  };

  const pluginOf = (target: StoredTarget): Plugin => {
    const plugin = options.plugins.get(target.plugin);
    if (plugin) return plugin;
    throw new PluginError("config", `The plugin "${target.plugin}" of the target "${target.name}" is not installed.`);
  };

  const entryOf = async (targetId: string): Promise<Entry> => {
    const target = await readStoredTarget(dataSource, targetId);
    if (!target) {
      await drop(targetId);
      throw noSuchTarget(targetId);
    }
    const version = JSON.stringify([target.plugin, target.settings, target.secrets]);
    const known = entries.get(targetId);
    if (known?.version === version) return known;
    const plugin = pluginOf(target);
    const opened = open(plugin, currentSettings(plugin, target, options.secrets));
    const entry: Entry = { version, opened, calls: 0, dropped: false };
    entries.set(targetId, entry);
    if (known) await retire(known);
    opened.catch(() => entries.get(targetId) === entry && entries.delete(targetId));
    return entry;
  };

  const close = (entry: Entry) => quietly(log, async () => (await entry.opened).close());

  const retire = async (entry: Entry): Promise<void> => {
    entry.dropped = true;
    if (entry.calls === 0) await close(entry);
  };

  const drop = async (targetId: string): Promise<void> => {
    const entry = entries.get(targetId);
    entries.delete(targetId);
    if (entry) await retire(entry);
  };

  return {
    open,
    forget: drop,
    connect: async (targetId) => (await (await entryOf(targetId)).opened).connection,
    plugin: async (targetId) => {
      const target = await requireStoredTarget(dataSource, targetId);
      return pluginOf(target);
    },
    use: async (targetId, call) => {
      const entry = await entryOf(targetId);
      entry.calls += 1;
      try {
        const { connection } = await entry.opened;
        return await call(connection);
      } finally {
        entry.calls -= 1;
        if (entry.dropped && entry.calls === 0) await close(entry);
      }
    },
    close: async () => {
      await Promise.all([...entries.keys()].map(drop));
      await outside.close();
    },
  };
}

/** Checked again at each connect: a newer release of the plugin may want other settings than were stored. */
function currentSettings(plugin: Plugin, target: StoredTarget, secrets: SecretBox): Settings {
  const parsed = parseSettings(plugin, storedSettings(target, secrets));
  if (parsed.ok) return parsed.settings;
  throw new PluginError(
    "config",
    `The settings of the target "${target.name}" no longer fit its plugin: ${parsed.problems.join("; ")}. Update them.`,
  );
}

async function quietly(log: Logger, close: () => Promise<unknown>): Promise<void> {
  try {
    await close();
  } catch (error) {
    log.warn({ err: error }, "a target's connection could not be closed");
  }
}
