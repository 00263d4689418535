import { PluginError, type PluginTools, timeLimit } from "../contract.js";
import type { Command } from "./commands.js";
import { inParallel } from "./in-parallel.js";
import type { MdmServer } from "./mdm-server.js";
import { wake } from "./wake.js";

const AT_ONCE = 16;

/** A command that nothing hangs on, and the channel that it is for. */
export interface Errand {
  readonly channel: string;
  readonly command: Command;
}

/**
 * Queues commands, as many as there is time for, and wakes their channels. One that the server refuses keeps no other from
 * being sent.
 * @param what they are, for the log.
 * @throws PluginError when none could be sent.
 */
export async function sendCommands(
  server: MdmServer,
  { log, now }: Pick<PluginTools, "log" | "now">,
  what: string,
  errands: readonly Errand[],
  signal: AbortSignal,
): Promise<void> {
  const isOver = timeLimit(now);
  let obstacle: PluginError | null = null;
  const sent = await inParallel(errands, AT_ONCE, async ({ channel, command }): Promise<string | null> => {
    if (obstacle || isOver()) return null;
    try {
      const queued = await server.enqueue(channel, command, signal);
      return queued.kind === "queued" || queued.kind === "known" ? channel : null;
    } catch (error) {
      const failure =
        error instanceof PluginError ? error : new PluginError("internal", "The plugin failed.", { cause: error });
      if (failure.kind !== "rejected") obstacle ??= failure;
      return null;
    }
  });
  const channels = sent.flatMap((channel) => channel ?? []);
  if (obstacle && channels.length === 0) throw obstacle;
  if (channels.length < errands.length)
    log(`some ${what} could not be sent`, { of: errands.length, sent: channels.length });
  await wake(server, log, channels, signal);
}
