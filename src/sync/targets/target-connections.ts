import type { DataSource } from "typeorm";
import { type Plugin, PluginError } from "../../plugins/contract.js";
import type { SecretBox } from "../core.js";
import { type Hide, hideSecrets } from "./hide-secrets.js";
import { createLiveConnection, type LiveConnection, type Use } from "./live-connection.js";
import { type OpenConnection, type OpenOptions, openConnection } from "./open-connection.js";
import { toPluginError } from "./plugin-failure.js";
import { parseSettings } from "./settings.js";
import type { Settings } from "./split-settings.js";
import {
  noSuchTarget,
  readStoredTarget,
  requireStoredTarget,
  type StoredTarget,
  storedSettings,
} from "./stored-target.js";

/** The live connections of this process. */
export interface TargetConnections {
  /**
   * Runs a part of a plugin on a target's connection, which is made anew when its settings have changed, here or through
   * another replica, and when an earlier call has outlived its deadline. For what needs no product, such as reading a
   * webhook; everything else goes through `callTarget`.
   * @param deadlineMs real milliseconds.
   * @throws PluginError for whatever the plugin does, and `config` when there is no such target, no plugin of it, or its
   * settings no longer fit. What is ours, such as a lost database, as it is.
   */
  use<T>(targetId: string, deadlineMs: number, use: Use<T>): Promise<T>;
  /** The plugin of a target. @throws AppError NOT_FOUND, or PluginError `config` when it is not installed. */
  plugin(targetId: string): Promise<Plugin>;
  /** A connection with settings that are not stored; the caller closes it. @throws PluginError. */
  open(plugin: Plugin, settings: Settings): Promise<OpenConnection>;
  /** Drops the connection of a target, if there is one. */
  forget(targetId: string): Promise<void>;
  /** Drops all and releases the sockets, whoever uses them. */
  close(): Promise<void>;
}

export interface TargetConnectionsOptions extends OpenOptions {
  readonly dataSource: DataSource;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly secrets: SecretBox;
}

interface Entry {
  /** Settings as stored: when they differ, the connection is out of date. */
  readonly version: string;
  readonly hide: Hide;
  readonly live: LiveConnection;
}

export function createTargetConnections(options: TargetConnectionsOptions): TargetConnections {
  const { dataSource, clock, log } = options;
  const entries = new Map<string, Entry>();

  const pluginOf = (target: StoredTarget): Plugin => {
    const plugin = options.plugins.get(target.plugin);
    if (plugin) return plugin;
    throw new PluginError("config", `The plugin "${target.plugin}" of the target "${target.name}" is not installed.`);
  };

  const connect = (targetId: string, version: string, target: StoredTarget): Entry => {
    const plugin = pluginOf(target);
    const settings = currentSettings(plugin, target, options.secrets);
    const opened = openConnection(plugin, settings, targetId, options);
    const entry: Entry = { version, hide: hideSecrets(plugin, settings), live: createLiveConnection(opened) };
    opened.catch(() => entries.get(targetId) === entry && entries.delete(targetId));
    return entry;
  };

  const connectOrExplain = (targetId: string, version: string, target: StoredTarget): Entry => {
    try {
      return connect(targetId, version, target);
    } catch (error) {
      throw toPluginError(error, clock, log.child({ targetId }));
    }
  };

  const entryOf = async (targetId: string): Promise<Entry> => {
    const target = await readStoredTarget(dataSource, targetId);
    if (!target) {
      await drop(targetId);
      throw toPluginError(noSuchTarget(targetId), clock, log);
    }
    const version = JSON.stringify([target.plugin, target.settings, target.secrets]);
    const known = entries.get(targetId);
    if (known?.version === version && !known.live.isStuck()) return known;
    const entry = connectOrExplain(targetId, version, target);
    entries.set(targetId, entry);
    void known?.live.retire();
    return entry;
  };

  const drop = async (targetId: string): Promise<void> => {
    const entry = entries.get(targetId);
    entries.delete(targetId);
    await entry?.live.retire();
  };

  return {
    open: (plugin, settings) => openConnection(plugin, settings, null, options),
    forget: drop,
    plugin: async (targetId) => pluginOf(await requireStoredTarget(dataSource, targetId)),
    use: async (targetId, deadlineMs, use) => {
      const { live, hide } = await entryOf(targetId);
      try {
        return await live.use(deadlineMs, use);
      } catch (error) {
        throw toPluginError(error, clock, log.child({ targetId }), hide);
      }
    },
    close: async () => {
      await Promise.all([...entries.values()].map(({ live }) => live.close()));
      entries.clear();
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
