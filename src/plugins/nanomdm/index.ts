import {
  definePlugin,
  type HolderKind,
  type HolderPage,
  type PluginTools,
  type Statuses,
  type TargetConnection,
} from "../contract.js";
import { applySteps } from "./apply-steps.js";
import { decodeHandle } from "./command-uuid.js";
import { inquiryOf } from "./commands.js";
import type { MdmServer } from "./mdm-server.js";
import { type MicroServer, microServer } from "./micro-server.js";
import { nanoServer } from "./nano-server.js";
import { readEvent } from "./read-event.js";
import { sendCommands } from "./send-commands.js";
import { sendInvitations } from "./send-invitations.js";
import { nanoSettings, type ServerSettings, serverSettings } from "./settings.js";
import { isAuthentic } from "./verify-call.js";

/** NanoMDM: Apple's own commands, one a device; it lists nothing, and what devices answer comes by webhook, once. */
export const nanomdm = definePlugin({
  name: "nanomdm",
  contract: 1,
  displayName: "NanoMDM",
  settings: nanoSettings,
  licenseAuthority: "service",
  abilities: {
    lists: [],
    applications: false,
    polls: false,
    webhooks: ["holders", "statuses"],
    invites: true,
    inquires: true,
    network: true,
  },
  needsPublicUrl: true,
  connect: (settings, tools) => {
    const server = nanoServer(settings, reaching(settings, tools));
    return { ...connect(server, settings, tools), inquire: inquireOf(server, tools) };
  },
});

/** MicroMDM: the same commands and the same webhook at other addresses, and a list of devices. */
export const micromdm = definePlugin({
  name: "micromdm",
  contract: 1,
  displayName: "MicroMDM",
  settings: serverSettings,
  licenseAuthority: "service",
  abilities: {
    lists: ["device"],
    applications: false,
    polls: false,
    webhooks: ["holders", "statuses"],
    invites: true,
    network: true,
  },
  needsPublicUrl: true,
  connect: (settings, tools) => {
    const server = microServer(settings, reaching(settings, tools));
    return { ...connect(server, settings, tools), listHolders: listDevices(server) };
  },
});

/** The tools with the way out that the settings ask for. */
function reaching({ certificate }: ServerSettings, tools: PluginTools): PluginTools {
  return certificate === undefined ? tools : { ...tools, fetch: tools.openChannel({ certificate }).fetch };
}

/** MicroMDM need not ask: its list has the serial numbers. */
function inquireOf(server: MdmServer, tools: PluginTools): NonNullable<TargetConnection["inquire"]> {
  return (inquiries, signal) => {
    const errands = inquiries.map((inquiry) => ({
      channel: inquiry.device.externalId,
      command: inquiryOf(inquiry),
    }));
    return sendCommands(server, tools, "inquiries", errands, signal);
  };
}

/** There are devices to list, and nothing else. */
function listDevices(server: MicroServer): NonNullable<TargetConnection["listHolders"]> {
  return async <Kind extends HolderKind>(kind: Kind, cursor: string | null, signal: AbortSignal) => {
    const page: HolderPage = kind === "device" ? await server.listDevices(cursor, signal) : NO_LISTING;
    return page as HolderPage<Kind>;
  };
}

const NO_LISTING: HolderPage = { records: [], next: null, complete: false };

function connect(server: MdmServer, settings: ServerSettings, tools: PluginTools): TargetConnection {
  return {
    check: (signal) => server.check(signal),
    apply: (steps, signal) => applySteps(server, settings, tools, steps, signal),
    invite: (invitations, signal) => sendInvitations(server, tools, invitations, signal),
    poll: async (handles) => lookAfter(handles),
    webhook: {
      verify: (request) => isAuthentic(request, settings.webhookSecret),
      read: readEvent,
    },
  };
}

/** Neither server tells what devices have answered: they are asked themselves, by a `verify` Step each. */
function lookAfter(handles: readonly string[]): Statuses {
  const followUps = handles.flatMap((handle) => {
    const decoded = decodeHandle(handle);
    return decoded ? { handle, device: decoded.device, afterMs: 0 } : [];
  });
  return { statuses: [], followUps };
}
