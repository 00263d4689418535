import { z } from "zod";
import { InputError } from "../../input-error.js";
import { checkOut, enroll, signIn, wipe } from "../check-in.js";
import { connect } from "../connect.js";
import type { DeviceKind } from "../simulated-device.js";
import { controlCall, deviceInput, requireDevice } from "./control-call.js";

const KINDS = ["iPhone", "iPad", "Mac", "AppleTV", "SharedIPad", "UserEnrollment"] as const satisfies DeviceKind[];

/** Devices and where they stand. */
export const deviceCalls = [
  controlCall({
    method: "POST",
    path: "/add-device",
    about: "A new device, enrolled at once unless told otherwise. `account` is the person's, e.g. user1@example.com.",
    input: z.strictObject({
      serialNumber: z.string().min(1),
      kind: z.enum(KINDS).default("iPhone"),
      account: z.string().optional(),
      enroll: z.boolean().default(true),
    }),
    run: (world, { serialNumber, kind, account, enroll: atOnce }) => {
      if (world.find(serialNumber)) throw new InputError(`There is a device "${serialNumber}" already.`);
      const device = world.addDevice(kind, serialNumber, account ?? null);
      if (atOnce) enroll(world, device);
      return { id: device.id, udid: device.udid };
    },
  }),
  controlCall({
    method: "POST",
    path: "/enroll",
    about: "The device (or each one) enrols, perhaps anew: check-ins are sent, and what was queued for it is dropped.",
    input: z.strictObject({ device: z.string().optional() }),
    run: (world, { device }) => {
      const devices = device === undefined ? world.devices : [requireDevice(world, { device })];
      for (const one of devices) enroll(world, one);
      return { enrolled: devices.length };
    },
  }),
  controlCall({
    method: "POST",
    path: "/sign-in",
    about: "A person signs in on a Mac or a Shared iPad, which gets a user channel for them.",
    input: z.strictObject({ ...deviceInput, account: z.string() }),
    run: (world, input) => ({ id: signIn(world, requireDevice(world, input), input.account).id }),
  }),
  controlCall({
    method: "POST",
    path: "/check-out",
    about: "The management profile is removed, even in the midst of an install; the managed apps go.",
    input: z.strictObject(deviceInput),
    run: (world, input) => {
      checkOut(world, requireDevice(world, input));
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/wipe",
    about: "The device is erased and tells nobody.",
    input: z.strictObject(deviceInput),
    run: (world, input) => {
      wipe(world, requireDevice(world, input));
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/online",
    about: "The device (or each one) can be reached or not; one that comes back asks for its commands.",
    input: z.strictObject({ device: z.string().optional(), online: z.boolean() }),
    run: (world, { device, online }) => {
      for (const one of device === undefined ? world.devices : [requireDevice(world, { device })]) {
        one.isOnline = online;
        connect(world, one);
      }
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/wake",
    about: "The device (or each one) asks for its commands, as without a push it does now and then.",
    input: z.strictObject({ device: z.string().optional() }),
    run: (world, { device }) => {
      for (const one of device === undefined ? world.devices : [requireDevice(world, { device })]) connect(world, one);
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/answer",
    about:
      "The next commands (of one RequestType, or any) are answered so, and not carried out. NotNow keeps them queued.",
    input: z.strictObject({
      ...deviceInput,
      status: z.enum(["NotNow", "Error", "CommandFormatError"]),
      requestType: z.string().optional(),
      count: z.int().min(1).max(1_000_000).default(1),
      errorChain: z
        .array(
          z.strictObject({
            ErrorCode: z.int(),
            ErrorDomain: z.string(),
            LocalizedDescription: z.string().optional(),
            USEnglishDescription: z.string().optional(),
          }),
        )
        .optional(),
    }),
    run: (world, { device, ...plan }) => {
      requireDevice(world, { device }).plannedAnswers.push(plan);
      return {};
    },
  }),
];
