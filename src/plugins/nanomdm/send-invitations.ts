import { type Invitation, PluginError, type PluginTools } from "../contract.js";
import { invitationOf } from "./commands.js";
import { inParallel } from "./in-parallel.js";
import type { MdmServer } from "./mdm-server.js";
import { wake } from "./wake.js";

const AT_ONCE = 16;

/**
 * Has people shown Apple's invitation: on their own channel where they have one, which a Mac needs, otherwise on the device's.
 * @throws PluginError when none could be sent.
 */
export async function sendInvitations(
  server: MdmServer,
  { log }: Pick<PluginTools, "log">,
  invitations: readonly Invitation[],
  signal: AbortSignal,
): Promise<void> {
  let obstacle: PluginError | null = null;
  const sent = await inParallel(invitations, AT_ONCE, async (invitation): Promise<string | null> => {
    if (obstacle) return null;
    const channel = channelOf(server, invitation);
    try {
      const queued = await server.enqueue(channel, invitationOf(invitation), signal);
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
  if (channels.length < invitations.length)
    log("some invitations could not be sent", { of: invitations.length, sent: channels.length });
  await wake(server, log, channels, signal);
}

function channelOf(server: MdmServer, { device, user }: Invitation): string {
  const isOfDevice = user?.externalId.startsWith(`${device.externalId}:`) ?? false;
  return user && isOfDevice ? server.channel(user.externalId) : device.externalId;
}
