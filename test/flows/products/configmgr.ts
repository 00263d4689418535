import { startAdminServiceSimulator } from "../../../simulators/adminservice/start-adminservice-simulator.js";
import { configmgr } from "../../../src/plugins/configmgr/index.js";
import type { Product } from "./product.js";

/** Configuration Manager: collections and deployments of the plugin's own, and a status that comes late. */
export const configmgrProduct: Product = {
  name: "Configuration Manager",
  plugin: configmgr,
  async start({ devices, number }) {
    const label = `CM${String(number).padStart(3, "0")}`;
    const site = await startAdminServiceSimulator({ devices, users: 0, computers: 1, label, seed: number });
    const systems = [...site.site.systems.values()].filter(({ clientType }) => clientType === 3);
    return {
      settings: {
        url: site.url,
        signIn: "ntlm",
        ...site.account,
        certificateSha256: site.certificate().fingerprint,
      },
      serials: systems.map(({ serial }) => serial ?? ""),
      collection: `${label} iPads`,
      installedOn: async (adamId) => systems.filter(({ installed }) => installed.has(adamId)).length,
      stop: site.stop,
    };
  },
};
