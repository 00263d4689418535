import { z } from "zod";
import { LicenseAuthority } from "../entities/target.js";
import type { PluginInfo } from "../schema/plugin-info.js";
import type { Core } from "../sync/core.js";

type Plugin = Core["plugins"] extends ReadonlyMap<string, infer Value> ? Value : never;

/** What the API tells of a plugin. */
export function describePlugin(plugin: Plugin): PluginInfo {
  return {
    name: plugin.name,
    displayName: plugin.displayName,
    licenseAuthority: plugin.licenseAuthority === "service" ? LicenseAuthority.SERVICE : LicenseAuthority.TARGET,
    needsPublicUrl: plugin.needsPublicUrl ?? false,
    settingsSchema: z.toJSONSchema(plugin.settings, { io: "input" }),
  };
}
