import type { Invitation, PluginTools } from "../contract.js";
import { invitationOf } from "./commands.js";
import type { MdmServer } from "./mdm-server.js";
import { sendCommands } from "./send-commands.js";

/**
 * Has people shown Apple's invitation: on their own channel where they have one, which a Mac needs, otherwise on the device's.
 * @throws PluginError when none could be sent.
 */
export function sendInvitations(
  server: MdmServer,
  tools: Pick<PluginTools, "log" | "now">,
  invitations: readonly Invitation[],
  signal: AbortSignal,
): Promise<void> {
  const errands = invitations.map((invitation) => ({
    channel: channelOf(server, invitation),
    command: invitationOf(invitation),
  }));
  return sendCommands(server, tools, "invitations", errands, signal);
}

function channelOf(server: MdmServer, { device, user }: Invitation): string {
  const isOfDevice = user?.externalId.startsWith(`${device.externalId}:`) ?? false;
  return user && isOfDevice ? server.channel(user.externalId) : device.externalId;
}
