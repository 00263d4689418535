import type { StartFakeProduct } from "../../conformance/index.js";
import { removeByHand } from "../../simulators/graph/check-in.js";
import { directoryIdOf, membershipIds, transitiveMembers } from "../../simulators/graph/directory.js";
import type { ManagedDevice, MobileApp } from "../../simulators/graph/model.js";
import { addApp, addDevice, addGroup, addUser } from "../../simulators/graph/populate.js";
import { startGraphSimulator } from "../../simulators/graph/start-graph-simulator.js";
import type { World } from "../../simulators/graph/world.js";

/** Intune, for the kit: the simulator of Graph, whose devices check in when the kit says so. */
export const fakeGraphProduct: StartFakeProduct = async ({ pageSize, app: wanted }) => {
  const simulator = await startGraphSimulator({
    users: 0,
    devices: 0,
    apps: 0,
    mixed: false,
    switches: { checkIns: "byControl", syncMs: 0, revokeMs: 0, exportStepMs: 0, pageSize, reportMaxTop: pageSize },
  });
  const { tenantId, clientId, clientSecret, url, world } = simulator;
  const app = addWantedApp(world, wanted);
  const counted = { devices: 0 };
  return {
    address: url,
    settings: (address) => ({ tenantId, clientId, clientSecret, graphUrl: address, loginUrl: address }),
    async enroll({ hasUser, refuses }) {
      const number = ++counted.devices;
      const userId = hasUser ? addUser(world, number) : "";
      const device = addDevice(world, { mixed: false, serialPrefix: "CF001" }, number, userId);
      if (refuses) device.behaviour.install = "refused";
      return { externalId: device.id, serial: device.serialNumber, userExternalId: userId === "" ? null : userId };
    },
    async addCollection(name, kind, members) {
      const ids = kind === "user" ? members : members.map((id) => directoryIdOf(world, deviceOf(world, id)));
      return { externalId: `${kind}:${addGroup(world, name, ids).id}`, memberExternalIds: members };
    },
    joinCollection(collection, member) {
      const group = world.groups.get(collection.replace(/^device:/, ""));
      group?.members.add(directoryIdOf(world, deviceOf(world, member)));
    },
    checkIn: async () => void world.checkInAll(),
    hasApp: (device) => app.installed.has(device),
    installOrders: (id) => ordersFor(world, app, deviceOf(world, id)),
    removeByHand(id) {
      const device = deviceOf(world, id);
      removeByHand(app, device);
      // At its next check-in a required app would come back, as Intune has it.
      device.behaviour.offline = true;
    },
    stop: simulator.stop,
  };
};

function addWantedApp(
  world: World,
  { adamId, bundleId, name, licenses }: Parameters<StartFakeProduct>[0]["app"],
): MobileApp {
  const [token] = world.tokens.values();
  if (!token) throw new Error("The simulated tenant has no token");
  const made = addApp(world, token, { licenses, mixed: false }, 1);
  const app = { ...made, adamId, bundleId, displayName: name };
  world.apps.set(app.id, app);
  return app;
}

function deviceOf(world: World, id: string): ManagedDevice {
  const device = world.devices.get(id);
  if (!device) throw new Error(`There is no device ${id}`);
  return device;
}

/** Required assignments that reach the device. */
function ordersFor(world: World, app: MobileApp, device: ManagedDevice): number {
  const ids = membershipIds(world, device);
  return app.assignments.filter(({ intent, target }) => {
    const group = world.groups.get(target.groupId ?? "");
    return intent === "required" && group && ids.some((id) => transitiveMembers(world, group).has(id));
  }).length;
}
