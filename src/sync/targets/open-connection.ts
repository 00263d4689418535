import type { Logger } from "pino";
import {
  type Plugin,
  PluginError,
  type PluginTools,
  problemOfConnection,
  type TargetConnection,
} from "../../plugins/contract.js";
import type { Clock } from "../core.js";
import { createGuardedChannel } from "./guarded-channel.js";
import { createGuardedFetch } from "./guarded-fetch.js";
import { type Hide, hideSecrets } from "./hide-secrets.js";
import { toPluginError } from "./plugin-failure.js";
import { pluginLog } from "./plugin-log.js";
import type { Settings } from "./split-settings.js";
import { runAs } from "./stray-errors.js";
import { withinDeadline } from "./within-deadline.js";

const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 55_000;

/** How long a connection may take to close, in real time: nobody waits for it any longer. */
const CLOSE_DEADLINE_MS = 5_000;

/** A connection and what it holds. */
export interface OpenConnection {
  run<T>(use: (connection: TargetConnection) => Promise<T>): Promise<T>;
  /** Hides the secrets it was made with. */
  readonly hide: Hide;
  /** Closes it and its sockets, those in use too; what goes wrong is logged. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The hosts that plugins may reach, as `requireAllowedHost` takes them. */
  readonly allowedHosts: readonly string[] | null;
  /** Names of plugins that did not come with Allotment: what they throw where nobody waits for it is told apart. */
  readonly foreign?: ReadonlySet<string>;
}

/**
 * Connects with tools and sockets that no other connection shares: what one leaves open or overloads is its own.
 * @param targetId null while the settings are being tried.
 * @throws PluginError and nothing else.
 */
export async function openConnection(
  plugin: Plugin,
  settings: Settings,
  targetId: string | null,
  { allowedHosts, clock, foreign, log: serviceLog }: OpenOptions,
): Promise<OpenConnection> {
  const log = serviceLog.child({ plugin: plugin.name });
  const hide = hideSecrets(plugin, settings);
  const guards = { allowedHosts, maxResponseBytes: MAX_RESPONSE_BYTES, timeoutMs: REQUEST_TIMEOUT_MS };
  const outside = createGuardedFetch(guards);
  const sockets: { close(): Promise<void> }[] = [outside];
  const tools: PluginTools = {
    fetch: outside.fetch,
    openChannel: ({ certificate }) => {
      const channel = createGuardedChannel({ ...guards, certificate });
      sockets.push(channel);
      return channel;
    },
    now: () => clock.now(),
    random: () => clock.random(),
    log: pluginLog(log, clock, hide),
  };
  const runner = { plugin: plugin.name, targetId };
  const run = <T>(work: () => Promise<T>): Promise<T> => (foreign?.has(plugin.name) ? runAs(runner, work) : work());
  const quietly = async (end: () => Promise<unknown>): Promise<void> => {
    try {
      await withinDeadline(CLOSE_DEADLINE_MS, end);
    } catch (error) {
      const { message } = toPluginError(error, clock, log, hide);
      log.warn({ reason: message }, "a target's connection could not be closed");
    }
  };
  const release = () => quietly(() => Promise.all(sockets.map((socket) => socket.close())));
  try {
    const connection = await run(async () => plugin.connect(settings, tools));
    if (typeof connection !== "object" || connection === null) {
      throw new PluginError("internal", `The plugin "${plugin.name}" has connected to nothing.`);
    }
    const end = () => quietly(() => run(async () => connection.close?.()));
    const problem = problemOfConnection(plugin, connection);
    if (problem !== null) {
      await end();
      throw new PluginError("internal", problem);
    }
    const close = async () => {
      await end();
      await release();
    };
    return { run: (use) => run(() => use(connection)), hide, close };
  } catch (error) {
    await release();
    throw toPluginError(error, clock, log, hide);
  }
}
