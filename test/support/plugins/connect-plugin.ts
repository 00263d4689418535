import type { Plugin, PluginTools, Step, TargetConnection } from "../../../src/plugins/contract.js";
import { createGuardedChannel } from "../../../src/sync/targets/guarded-channel.js";

/** Never fires: for calls that end by themselves. */
export const CALM = new AbortController().signal;

/** A connection as the core makes it, but with an open network. */
export async function connectPlugin(
  plugin: Plugin,
  settings: Record<string, unknown>,
  tools: Partial<Pick<PluginTools, "fetch" | "now" | "random">> = {},
): Promise<TargetConnection> {
  return plugin.connect(plugin.settings.parse(settings), {
    fetch: tools.fetch ?? globalThis.fetch,
    openChannel: ({ certificate }) =>
      createGuardedChannel({ allowedHosts: null, maxResponseBytes: 1_000_000, timeoutMs: 10_000, certificate }),
    now: tools.now ?? (() => new Date()),
    random: tools.random ?? (() => 0.5),
    log: () => undefined,
  });
}

let made = 0;

/** A step of its own key. */
export function stepFor(deviceExternalId: string, fields: Partial<Step> = {}): Step {
  return {
    key: `key-${++made}`,
    action: "install",
    decidedAt: new Date(),
    app: {
      adamId: "100",
      bundleId: "example.app",
      name: "App",
      platforms: ["iOS"],
      tokenExternalId: null,
      applicationHandle: null,
    },
    device: { externalId: deviceExternalId, serial: null, udid: null, platform: "iOS" },
    user: null,
    licensing: "device",
    collection: null,
    handle: null,
    ...fields,
  };
}
