import { LicenseAuthority } from "../../entities/target.js";
import type { Plugin } from "../../plugins/contract.js";
import { settingsSchema } from "./settings-schema.js";

/** What the API tells of a plugin. */
export function describePlugin(plugin: Plugin) {
  return {
    name: plugin.name,
    displayName: plugin.displayName,
    licenseAuthority: plugin.licenseAuthority === "service" ? LicenseAuthority.SERVICE : LicenseAuthority.TARGET,
    needsPublicUrl: plugin.needsPublicUrl ?? false,
    abilities: describeAbilities(plugin.abilities),
    settingsSchema: settingsSchema(plugin),
  };
}

function describeAbilities({
  lists,
  applications,
  polls,
  webhooks,
  invites,
  inquires,
  releases,
  network,
}: Plugin["abilities"]) {
  return {
    listsUsers: lists.includes("user"),
    listsDevices: lists.includes("device"),
    listsCollections: lists.includes("collection"),
    hasApplications: applications,
    polls,
    webhookTellsHolders: webhooks.includes("holders"),
    webhookTellsStatuses: webhooks.includes("statuses"),
    showsInvitations: invites ?? false,
    asksDevices: inquires ?? false,
    releases: releases ?? false,
    network,
  };
}
