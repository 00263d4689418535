import { startCommandProduct } from "../../support/plugins/command-product.js";
import { commandSender } from "../../support/plugins/command-sender.js";
import { numbered, type Product } from "./product.js";

/** The other extreme: it sends one command a device, lists nothing, and is heard by webhook only. */
export const commandSenderProduct: Product = {
  name: "an MDM that sends a command a device and is heard by webhook only",
  plugin: commandSender,
  async start({ devices, number }) {
    const product = await startCommandProduct();
    const ids = numbered(devices, (index) => `c${number}-${index}`);
    const serialOf = (id: string) => `SERIAL-${id.toUpperCase()}`;
    return {
      settings: { url: product.url, apiKey: product.apiKey, webhookSecret: product.webhookSecret },
      serials: ids.map(serialOf),
      collection: null,
      connected: async (webhookUrl) => {
        product.webhookUrl = webhookUrl;
        for (const id of ids) await product.enroll({ id, serial: serialOf(id), user: null });
      },
      installedOn: async (adamId) => [...product.installed.values()].filter((apps) => apps.has(adamId)).length,
      stop: product.stop,
    };
  },
};
