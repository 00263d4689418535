import { z } from "zod";
import { addApp, addForeign } from "../populate.js";
import { controlCall } from "./control-call.js";
import { appInput, groupInput, requireApp, requireGroup, requireToken, tokenInput } from "./inputs.js";

const count = z.int().min(0).max(10_000_000);

/** What becomes of apps, and what others do with them. */
export const appCalls = [
  controlCall({
    method: "POST",
    path: "/app",
    about:
      "Changes an app: its licenses (also to fewer than are in use), whether it is published, whether devices may hold it.",
    input: z.strictObject({
      ...appInput,
      total: count.optional(),
      publishingState: z.enum(["notPublished", "processing", "published"]).optional(),
      supportsDeviceLicensing: z.boolean().optional(),
    }),
    run: (world, { app: named, ...fields }) => {
      const app = requireApp(world, { app: named });
      Object.assign(app, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
      world.changed();
      return { id: app.id, total: app.total, publishingState: app.publishingState };
    },
  }),
  controlCall({
    method: "POST",
    path: "/buy-app",
    about: "A token gets one more app; number is the app's, by which one token's app is the same as another's.",
    input: z.strictObject({
      ...tokenInput,
      number: z.int().min(1).max(1_000_000),
      licenses: count,
      mac: z.boolean().default(false),
    }),
    run: (world, { number, licenses, mac, ...input }) => {
      const app = addApp(world, requireToken(world, input), { licenses, mixed: false }, number);
      if (mac) world.apps.set(app.id, { ...app, type: "macOsVppApp" });
      return { id: app.id, adamId: app.adamId };
    },
  }),
  controlCall({
    method: "POST",
    path: "/foreign-assignment",
    about: "Somebody else assigns an app to a group, by hand or by a policy set.",
    input: z.strictObject({
      ...appInput,
      ...groupInput,
      intent: z.enum(["available", "required", "uninstall", "availableWithoutEnrollment"]).default("required"),
      source: z.enum(["direct", "policySets"]).default("direct"),
    }),
    run: (world, { intent, source, ...input }) => {
      const app = requireApp(world, input);
      addForeign(app, requireGroup(world, input), intent, source);
      world.changed();
      return { assignments: app.assignments };
    },
  }),
  controlCall({
    method: "POST",
    path: "/give-license",
    about: "A license is in somebody's hands though no assignment says so, as one that Intune has not reclaimed.",
    input: z.strictObject({ ...appInput, userId: z.string().default(""), managedDeviceId: z.string().optional() }),
    run: (world, { userId, managedDeviceId, ...input }) => {
      const app = requireApp(world, input);
      const isDevice = managedDeviceId !== undefined;
      const license = { id: world.random.uuid(), kind: isDevice ? ("device" as const) : ("user" as const), userId };
      app.licenses.set(isDevice ? `device:${managedDeviceId}` : `user:${userId}`, {
        ...license,
        managedDeviceId: managedDeviceId ?? null,
      });
      return { used: app.licenses.size };
    },
  }),
];
