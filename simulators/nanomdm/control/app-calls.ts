import { z } from "zod";
import { InputError } from "../../input-error.js";
import { SimulatedApp } from "../simulated-app.js";
import { controlCall, deviceInput, requireDevice } from "./control-call.js";

const ENDS = [
  "Managed",
  "UserInstalledApp",
  "UserRejected",
  "UpdateRejected",
  "ManagementRejected",
  "Failed",
  "Prompting",
  "PromptingForLogin",
  "PromptingForManagement",
  "NeedsRedemption",
  "Queued",
  "Installing",
  "Unknown",
] as const;

const adamId = z.string().default("*");

/** Apps on devices, and how their installs go. */
export const appCalls = [
  controlCall({
    method: "POST",
    path: "/install-end",
    about: "How the next installs of an app (or of all) end on this device, or where they stop.",
    input: z.strictObject({ ...deviceInput, adamId, end: z.enum(ENDS) }),
    run: (world, input) => {
      requireDevice(world, input).installEnds.set(input.adamId, input.end);
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/reject-installs",
    about: "The device refuses installs of an app (or all) with this RejectionReason; null ends that.",
    input: z.strictObject({ ...deviceInput, adamId, reason: z.string().nullable() }),
    run: (world, input) => {
      const { rejections } = requireDevice(world, input);
      if (input.reason === null) rejections.delete(input.adamId);
      else rejections.set(input.adamId, input.reason);
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/person-installs",
    about: "The person installs an app by themselves: it is there, and not managed.",
    input: z.strictObject({ ...deviceInput, adamId: z.string() }),
    run: async (world, input) => {
      const device = requireDevice(world, input);
      const bundleId = await world.store.bundleIdOf(input.adamId);
      if (bundleId === undefined) throw new InputError(`The store has no app ${input.adamId}.`);
      const app = new SimulatedApp(input.adamId, bundleId, 0, 0, "UserInstalledApp", 0);
      // It was told of long ago.
      app.tell(Date.now());
      device.apps.set(bundleId, app);
      return { bundleId };
    },
  }),
  controlCall({
    method: "POST",
    path: "/person-deletes",
    about: "The person deletes a managed app: the device says ManagedButUninstalled.",
    input: z.strictObject({ ...deviceInput, bundleId: z.string() }),
    run: (world, input) => {
      const app = requireDevice(world, input).apps.get(input.bundleId);
      if (!app) throw new InputError(`There is no app "${input.bundleId}" on this device.`);
      app.isDeletedByPerson = true;
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/declare-app",
    about: "The app is managed by a declaration from now on: commands about it fail, and lists leave it out.",
    input: z.strictObject({ ...deviceInput, adamId: z.string() }),
    run: async (world, input) => {
      const device = requireDevice(world, input);
      const bundleId = await world.store.bundleIdOf(input.adamId);
      if (bundleId === undefined) throw new InputError(`The store has no app ${input.adamId}.`);
      const app = new SimulatedApp(input.adamId, bundleId, 0, 0, "Managed", 1);
      app.isDeclared = true;
      device.apps.set(bundleId, app);
      return { bundleId };
    },
  }),
];
