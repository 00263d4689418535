import { definePlugin } from "../contract.js";
import { connect } from "./connect.js";
import { settings } from "./settings.js";

/** Microsoft Configuration Manager through its AdminService: legacy, a bridge for devices that are still managed by it. */
export const configmgr = definePlugin({
  name: "configmgr",
  contract: 1,
  displayName: "Configuration Manager (legacy)",
  settings,
  licenseAuthority: "service",
  abilities: {
    lists: ["user", "device", "collection"],
    applications: true,
    polls: true,
    webhooks: [],
    releases: true,
    network: true,
  },
  connect,
});
