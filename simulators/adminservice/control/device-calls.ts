import { z } from "zod";
import { InputError } from "../../input-error.js";
import type { System } from "../model/records.js";
import type { Site } from "../model/site.js";
import { controlCall } from "./control-call.js";

const device = { serial: z.string().min(1) };
const app = { adamId: z.string().regex(/^[1-9]\d{0,14}$/, "must be 1 to 15 digits") };

/** What devices and the people who have them do. */
export const deviceCalls = [
  controlCall({
    method: "POST",
    path: "/add-device",
    about: "One more mobile device with iOS; `user` is a name such as user1.",
    input: z.strictObject({
      ...device,
      name: z.string().min(1).default("iPad"),
      user: z.string().min(1).optional(),
      os: z.string().min(1).default("iOS 12.4"),
      clientType: z.int().min(0).max(3).default(3),
    }),
    run: ({ site }, { serial, name, user, os, clientType }) => {
      const owner = user === undefined ? null : requireUser(site, user);
      const fields = { obsolete: false, decommissioned: false, offline: false, udid: null, lastSeen: new Date() };
      const system = site.addSystem({ ...fields, serial, name, os, clientType, userId: owner, outcomes: new Map() });
      return { ResourceID: system.ResourceID };
    },
  }),
  controlCall({
    method: "POST",
    path: "/change-device",
    about:
      "The device is offline or back, decommissioned, obsolete, has another user (null: none), or lost its inventory.",
    input: z.strictObject({
      ...device,
      offline: z.boolean().optional(),
      decommissioned: z.boolean().optional(),
      obsolete: z.boolean().optional(),
      user: z.string().min(1).nullable().optional(),
    }),
    run: ({ site }, { serial, user, ...flags }) => {
      const system = requireSystem(site, serial);
      Object.assign(system, Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)));
      if (user !== undefined) system.userId = user === null ? null : requireUser(site, user);
      site.policy.look(system);
      return { ResourceID: system.ResourceID };
    },
  }),
  controlCall({
    method: "POST",
    path: "/remove-device",
    about: "An admin deletes the device at the site.",
    input: z.strictObject(device),
    run: ({ site }, { serial }) => ({ removed: site.systems.delete(requireSystem(site, serial).ResourceID) }),
  }),
  controlCall({
    method: "POST",
    path: "/outcome",
    about: "The next enforcements of the app on the device end with this EnforcementState, such as 5002, 3000 or 2011.",
    input: z.strictObject({ ...device, ...app, code: z.int().min(1000).max(5999), times: z.int().min(1).default(1) }),
    run: ({ site }, { serial, adamId, code, times }) => {
      requireSystem(site, serial).outcomes.set(adamId, { code, times });
      return { code, times };
    },
  }),
  controlCall({
    method: "POST",
    path: "/license",
    about: "Whether an install of the app on the device finds a licence; without one it is 5013.",
    input: z.strictObject({ ...device, ...app, present: z.boolean() }),
    run: ({ site }, { serial, adamId, present }) => {
      site.withoutLicense[present ? "delete" : "add"](`${requireSystem(site, serial).serial} ${adamId}`);
      return { present };
    },
  }),
  controlCall({
    method: "POST",
    path: "/check-in",
    about: "The device tries anew what its deployments want.",
    input: z.strictObject(device),
    run: ({ site }, { serial }) => {
      site.policy.tryAgain(requireSystem(site, serial));
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/delete-app",
    about: "The person removes the app from the device.",
    input: z.strictObject({ ...device, ...app }),
    run: ({ site }, { serial, adamId }) => ({ removed: requireSystem(site, serial).installed.delete(adamId) }),
  }),
];

/** @throws InputError if there is no such device. */
function requireSystem(site: Site, serial: string): System {
  const system = [...site.systems.values()].find((one) => one.serial === serial);
  if (system === undefined) throw new InputError(`There is no device "${serial}".`);
  return system;
}

function requireUser(site: Site, name: string): number {
  const user = [...site.users.values()].find((one) => one.name === name);
  if (user === undefined) throw new InputError(`There is no user "${name}".`);
  return user.ResourceID;
}
