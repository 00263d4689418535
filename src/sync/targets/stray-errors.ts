import { AsyncLocalStorage } from "node:async_hooks";
import { PluginError } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { recordFailure } from "./circuit/record-failure.js";

/** Of a plugin that throws again and again, so much is counted. */
const COUNTED_EVERY_MS = 1_000;

/** Whose code runs. */
interface Runner {
  readonly plugin: string;
  /** Null while its settings are being tried. */
  readonly targetId: string | null;
}

const runners = new AsyncLocalStorage<Runner>();

/**
 * Runs a plugin so that what it throws later, where nobody waits for it, is known to be its own. It makes all that is
 * asynchronous in this process slower, and so is for plugins that did not come with Allotment: ours have to be mended.
 */
export function runAs<T>(runner: Runner, run: () => T): T {
  return runners.run(runner, run);
}

/**
 * Answers for an error that nobody has caught: thrown in a timer or by a socket, or the reason of a promise that was let
 * go. A plugin's counts as a failure of its target, whose connection is dropped, and stops nobody else.
 * @returns what says whether an error was a plugin's; if not, the process cannot go on.
 */
export function createBlame(core: Core): (error: unknown) => boolean {
  const countedAt = new Map<string, number>();
  return (error) => {
    const runner = runners.getStore();
    if (!runner) return false;
    const { plugin, targetId } = runner;
    const now = core.clock.now().getTime();
    const place = targetId ?? plugin;
    if (now - (countedAt.get(place) ?? Number.NEGATIVE_INFINITY) < COUNTED_EVERY_MS) return true;
    countedAt.set(place, now);
    const kind = error instanceof Error ? error.name : typeof error;
    core.log.error({ plugin, targetId, kind }, "a plugin has thrown where nobody waits for it");
    if (targetId !== null) void runners.exit(() => count(core, targetId, plugin));
    return true;
  };
}

async function count(core: Core, targetId: string, plugin: string): Promise<void> {
  const error = new PluginError(
    "internal",
    `The plugin "${plugin}" throws outside of any call, in a timer, a socket or a promise that it let go: tell its makers.`,
  );
  try {
    await core.targets.forget(targetId);
    await core.dataSource.transaction((tx) => recordFailure(tx, core, targetId, error));
  } catch (reason) {
    core.log.error({ error: reason, targetId }, "A target's failure could not be counted");
  }
}
