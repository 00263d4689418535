import { z } from "zod";
import { checkIn, removeByHand } from "../check-in.js";
import { directoryIdOf } from "../directory.js";
import { NO_DIRECTORY_DEVICE } from "../model.js";
import { controlCall } from "./control-call.js";
import { appInput, deviceInput, requireApp, requireDevice } from "./inputs.js";

/** What devices do by themselves. */
export const deviceCalls = [
  controlCall({
    method: "POST",
    path: "/check-in",
    about: "The named devices check in now, or all: they hear what is assigned, do it and report. Offline ones do not.",
    input: z.strictObject({ devices: z.array(z.string().min(1)).optional() }),
    run: (world, { devices }) => {
      if (devices === undefined) return { busy: world.checkInAll() };
      const named = devices.map((device) => requireDevice(world, { device }));
      return { busy: named.map((device) => checkIn(world, device)).some(Boolean) };
    },
  }),
  controlCall({
    method: "POST",
    path: "/device",
    about: "Changes how a device takes its orders, or what Intune knows of it; userId empty takes its user away.",
    input: z.strictObject({
      ...deviceInput,
      offline: z.boolean().optional(),
      install: z.enum(["works", "refused", "needs-sign-in", "fails"]).optional(),
      uninstall: z.enum(["works", "fails"]).optional(),
      userId: z.string().optional(),
      deviceEnrollmentType: z.string().min(1).optional(),
      managementState: z.string().min(1).optional(),
      registered: z.literal(false, "a registration can only be taken away").optional(),
    }),
    run: (world, { device: named, offline, install, uninstall, registered, ...fields }) => {
      const device = requireDevice(world, { device: named });
      Object.assign(device.behaviour, given({ offline, install, uninstall }));
      Object.assign(device, given(fields));
      if (registered === false) {
        const id = directoryIdOf(world, device);
        world.directoryDevices.delete(id);
        world.directoryIds.delete(device.azureADDeviceId);
        for (const group of world.groups.values()) group.members.delete(id);
        device.azureADDeviceId = NO_DIRECTORY_DEVICE;
      }
      world.changed();
      return device;
    },
  }),
  controlCall({
    method: "POST",
    path: "/remove-by-hand",
    about:
      "Somebody takes an app off a device, which Intune sees at once; at its next check-in a required app comes back.",
    input: z.strictObject({ ...deviceInput, ...appInput }),
    run: (world, input) => removeByHand(requireApp(world, input), requireDevice(world, input)),
  }),
  controlCall({
    method: "POST",
    path: "/unenroll",
    about: "The device leaves management: Intune forgets it, and does not take its licenses back.",
    input: z.strictObject(deviceInput),
    run: (world, input) => {
      const device = requireDevice(world, input);
      world.devices.delete(device.id);
      for (const app of world.apps.values()) {
        app.report.delete(device.id);
        app.installed.delete(device.id);
      }
      return { id: device.id };
    },
  }),
];

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
