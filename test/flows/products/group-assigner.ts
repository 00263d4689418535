import { groupAssigner } from "../../support/plugins/group-assigner.js";
import { startGroupProduct } from "../../support/plugins/group-product.js";
import { numbered, type Product } from "./product.js";

/** One extreme: it assigns whole groups, replaces all, and owns its token. */
export const groupAssignerProduct: Product = {
  name: "an MDM that assigns whole groups, replaces all and owns its token",
  plugin: groupAssigner,
  async start({ devices, number }) {
    const product = await startGroupProduct(`location ${number}`);
    const adamId = "6440000001";
    product.addApp(adamId, devices);
    const members = numbered(devices, (index) => `g${number}-${index}`);
    for (const id of members) product.addDevice(id, null);
    product.addGroup(`everything ${number}`, "device", members);
    return {
      settings: { url: product.url, apiKey: product.apiKey },
      serials: members.map((id) => `SERIAL-${id.toUpperCase()}`),
      collection: `everything ${number}`,
      ownApp: { adamId, licensesUsed: async () => product.apps.get(adamId)?.licenses.size ?? 0 },
      installedOn: async (id) =>
        [...(product.apps.get(id)?.report.values() ?? [])].filter(({ state }) => state === "installed").length,
      stop: product.stop,
    };
  },
};
