import { startGraphSimulator } from "../../../simulators/graph/start-graph-simulator.js";
import { intune } from "../../../src/plugins/intune/index.js";
import type { Product } from "./product.js";

/** Microsoft Intune behind Microsoft Graph: declarative, groups, and it owns its token. */
export const intuneProduct: Product = {
  name: "Microsoft Intune",
  plugin: intune,
  async start({ devices, number }) {
    const simulator = await startGraphSimulator({
      seed: number,
      users: 0,
      devices,
      apps: 1,
      licenses: devices,
      switches: { checkInDelayMs: 100, syncMs: 50, revokeMs: 50, pageSize: 3 },
    });
    const { tenantId, clientId, clientSecret, url, world } = simulator;
    const [app] = world.apps.values();
    if (!app) throw new Error("The simulated tenant has no app");
    const apple = [...world.devices.values()].filter(({ operatingSystem }) => operatingSystem !== "Windows");
    return {
      settings: { tenantId, clientId, clientSecret, graphUrl: url, loginUrl: url },
      serials: apple.map(({ serialNumber }) => serialNumber),
      collection: "All devices",
      ownApp: { adamId: app.adamId, licensesUsed: async () => app.licenses.size },
      installedOn: async (adamId) => (adamId === app.adamId ? app.installed.size : 0),
      stop: simulator.stop,
    };
  },
};
