import { z } from "zod";
import { countInput } from "../../disturbances/count-input.js";
import { disturbanceCalls } from "../../disturbances/disturbance-calls.js";
import { InputError } from "../../input-error.js";
import { switchesCall } from "../../switches/switches-call.js";
import { connect } from "../connect.js";
import { writePlist } from "../property-list.js";
import { switchesInput } from "../switches.js";
import type { World } from "../world.js";
import { controlCall, deviceInput, requireDevice } from "./control-call.js";

/** Requests whose path holds this part; what is left out matches all. */
const match = { path: z.string().optional(), method: z.string().optional() };

/** The server's own side, and what goes wrong there. */
export const serverCalls = [
  controlCall({
    method: "POST",
    path: "/webhook",
    about: "Where events go from now on; null ends that. The secret stays unless it is given; null sends no proof.",
    input: z.strictObject({ url: z.url().nullable(), secret: z.string().nullable().optional() }),
    run: ({ webhook }, { url, secret }) => {
      webhook.url = url;
      if (secret !== undefined) webhook.secret = secret;
      return { url };
    },
  }),
  controlCall({
    method: "POST",
    path: "/repeat-webhooks",
    about:
      "Sends events again: those that were lost, those that were sent, or all. With the switch webhookReorder the last first.",
    input: z.strictObject({ which: z.enum(["lost", "sent", "all"]).default("lost") }),
    run: async ({ webhook }, { which }) => {
      const sent = await webhook.repeat(
        ({ outcome }) => which === "all" || (outcome === "lost") === (which === "lost"),
      );
      return { sent };
    },
  }),
  controlCall({
    method: "POST",
    path: "/push-certificate",
    about: "When the push certificate expires; null: there is none. Without a valid one no push goes out.",
    input: z.strictObject({ notAfter: z.iso.datetime().nullable() }),
    run: (world, { notAfter }) => {
      if (notAfter === null) world.pushCertificate = null;
      else {
        const topic = world.pushCertificate?.topic ?? `com.apple.mgmt.External.${world.random.uuid()}`;
        world.pushCertificate = { topic, notAfter: new Date(notAfter) };
      }
      return world.pushCertificate ?? {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/api-key",
    about: "The server takes another API key from now on.",
    input: z.strictObject({ apiKey: z.string().min(1) }),
    run: (world, { apiKey }) => {
      world.apiKey = apiKey;
      return {};
    },
  }),
  controlCall({
    method: "POST",
    path: "/foreign-command",
    about: "Somebody else queues a command without further keys for the device, e.g. DeviceInformation.",
    input: z.strictObject({ ...deviceInput, requestType: z.string() }),
    run: (world, input) => {
      const device = requireDevice(world, input);
      const enrollment = world.enrollments.get(device.id);
      if (!enrollment) throw new InputError("The device is not enrolled.");
      const uuid = world.random.uuid();
      const { requestType } = input;
      const raw = writePlist({ CommandUUID: uuid, Command: { RequestType: requestType } }).toString("utf8");
      world.commandUuids.add(uuid);
      enrollment.queue.add({ uuid, requestType, raw });
      connect(world, device);
      return { commandUuid: uuid };
    },
  }),
  controlCall({
    method: "POST",
    path: "/fail-next",
    about:
      "Fails the next requests whose path holds `path`: with `status` (and a JSON body with `commandError`, else a page of text), " +
      "by cutting the connection before any effect (drop), or after it (afterEffect). retryAfter is in seconds.",
    input: z.strictObject({
      ...match,
      count: countInput,
      mode: z.enum(["answer", "drop", "afterEffect"]).default("answer"),
      status: z.int().min(400).max(599).default(503),
      retryAfter: z.int().min(0).optional(),
      commandError: z.string().optional(),
    }),
    run: ({ disturbances }, { retryAfter, ...failure }) => {
      disturbances.failures.push({ ...failure, retryAfterSeconds: retryAfter });
      return { planned: disturbances.failures };
    },
  }),
  ...disturbanceCalls(({ disturbances }: World) => disturbances, z.strictObject(match)),
  switchesCall(({ switches }: World) => switches, switchesInput),
];
