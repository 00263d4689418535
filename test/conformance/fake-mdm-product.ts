import type { StartFakeProduct } from "../../conformance/index.js";
import { enroll } from "../../simulators/nanomdm/check-in.js";
import { connect } from "../../simulators/nanomdm/connect.js";
import { readPlist } from "../../simulators/nanomdm/property-list.js";
import { startNanoMdmSimulator } from "../../simulators/nanomdm/start-nanomdm-simulator.js";
import { openStore } from "../../simulators/nanomdm/store.js";
import type { Flavour } from "../../simulators/nanomdm/world.js";

/** The simulated NanoMDM or MicroMDM, for the kit. */
export function fakeMdmProduct(flavour: Flavour): StartFakeProduct {
  return async ({ webhookUrl, app }) => {
    const simulator = await startNanoMdmSimulator({
      flavour,
      devices: 0,
      webhookUrl,
      store: { ...openStore, bundleIdOf: async () => app.bundleId },
      switches: { replyDelayMs: 0, installMs: 0, removeMs: 0 },
    });
    const { world, url: address, apiKey, webhookSecret } = simulator;
    return {
      address,
      settings: (url) => ({ url, apiKey, webhookSecret }),
      async enroll({ hasUser, refuses }) {
        const serial = `FAKE${String(world.devices.length + 1).padStart(8, "0")}`;
        // Of all devices only a Mac has one user, with a channel of their own.
        const device = world.addDevice(hasUser ? "Mac" : "iPhone", serial, hasUser ? "ann@example.com" : null);
        // The kit calls every device an iPhone, and so no install on a Mac is asked for as managed.
        if (hasUser) device.installEnds.set("*", "Managed");
        if (refuses) device.installEnds.set("*", "UserRejected");
        enroll(world, device);
        await world.activity.whenIdle();
        const user = [...world.enrollments.values()].find((one) => one.device === device && one.user);
        return { externalId: device.id, serial, userExternalId: user?.id ?? null };
      },
      async checkIn() {
        for (const device of world.devices) connect(world, device);
        await world.activity.whenIdle();
      },
      hasApp: (device) => world.find(device)?.apps.get(app.bundleId)?.isInstalled(Date.now()) ?? false,
      installOrders: (device, adamId) =>
        (world.enrollments.get(device)?.queue.all ?? []).filter(
          ({ requestType, raw }) =>
            requestType === "InstallApplication" &&
            String((readPlist(raw).Command as { iTunesStoreID?: number }).iTunesStoreID) === adamId,
        ).length,
      invitationsShown: (device) => world.find(device)?.invitations ?? [],
      removeByHand: (device) => {
        const found = world.find(device)?.apps.get(app.bundleId);
        if (found) found.isDeletedByPerson = true;
      },
      stop: simulator.stop,
    };
  };
}
