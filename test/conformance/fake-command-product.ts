import type { StartFakeProduct } from "../../conformance/index.js";
import { startCommandProduct } from "../support/plugins/command-product.js";

/** The product of `command-sender`, for the kit. */
export const fakeCommandProduct: StartFakeProduct = async ({ webhookUrl }) => {
  const product = await startCommandProduct();
  product.webhookUrl = webhookUrl;
  let devices = 0;
  return {
    address: product.url,
    settings: (url) => ({ url, apiKey: product.apiKey, webhookSecret: product.webhookSecret }),
    async enroll({ hasUser, refuses }) {
      const id = `phone-${++devices}`;
      const serial = `SERIAL-${id.toUpperCase()}`;
      const user = hasUser ? `user-${devices}@allotment.example` : null;
      if (refuses) product.refusing.add(id);
      await product.enroll({ id, serial, user });
      return { externalId: id, serial, userExternalId: user };
    },
    checkIn: () => product.settled(),
    hasApp: (device, adamId) => product.installed.get(device)?.has(adamId) ?? false,
    installOrders: (device, adamId) =>
      (product.commands.get(device) ?? []).filter(
        (command) => command.type === "InstallApplication" && command.adamId === adamId,
      ).length,
    removeByHand: (device, adamId) => void product.installed.get(device)?.delete(adamId),
    stop: product.stop,
  };
};
