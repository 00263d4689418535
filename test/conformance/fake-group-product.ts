import type { StartFakeProduct } from "../../conformance/index.js";
import { startGroupProduct } from "../support/plugins/group-product.js";

/** The product of `group-assigner`, for the kit. */
export const fakeGroupProduct: StartFakeProduct = async ({ pageSize, app }) => {
  const product = await startGroupProduct("location of the kit", pageSize, "when told");
  product.addApp(app.adamId, app.licenses);
  let devices = 0;
  let groups = 0;
  return {
    address: product.url,
    settings: (url) => ({ url, apiKey: product.apiKey }),
    async enroll({ hasUser, refuses }) {
      const id = `device-${++devices}`;
      const user = hasUser ? `user-${devices}` : null;
      if (user) product.addUser(user);
      if (refuses) product.refusing.add(id);
      product.addDevice(id, user);
      return { externalId: id, serial: `SERIAL-${id.toUpperCase()}`, userExternalId: user };
    },
    async addCollection(_name, kind, members) {
      const id = `group-${++groups}`;
      product.addGroup(id, kind, members);
      return { externalId: id, memberExternalIds: members };
    },
    joinCollection: product.join,
    checkIn: async () => product.checkIn(),
    hasApp: (device, adamId) => product.apps.get(adamId)?.report.get(device)?.state === "installed",
    installOrders(device, adamId) {
      const assignments = product.apps.get(adamId)?.assignments ?? [];
      const holds = (group: string) => product.groups.get(group)?.members.has(device) ?? false;
      return assignments.filter(({ intent, group }) => intent === "required" && holds(group)).length;
    },
    removeByHand(device, adamId) {
      product.removeByHand(adamId, device);
      // At its next check-in it would bring back what is assigned to it.
      product.silent.add(device);
    },
    stop: product.stop,
  };
};
