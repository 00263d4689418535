import { z } from "zod";
import { last } from "../../http/last.js";
import type { SimulatedDevice } from "../simulated-device.js";
import { controlCall } from "./control-call.js";

/** What there is now; no key and no secret. */
export const stateCall = controlCall({
  method: "GET",
  path: "/state",
  about:
    "Devices with their apps, queues, the push certificate, events, switches, and the requests; of each list the last `limit`.",
  input: z.strictObject({ limit: z.coerce.number().int().min(0).max(1_000_000).default(1000) }),
  run: (world, { limit }) => ({
    flavour: world.flavour,
    devices: last(world.devices, limit).map((device) => describeDevice(device)),
    enrollments: last([...world.enrollments.values()], limit).map(({ id, type, queue }) => ({
      id,
      type,
      queue: queue.all.map(({ uuid, requestType, status }) => ({ uuid, requestType, status })),
    })),
    ghosts: [...world.ghosts].map(([id, queue]) => ({ id, commands: queue.all.length })),
    pushCertificate: world.pushCertificate,
    webhook: { url: world.webhook.url, isSigned: world.webhook.secret !== null },
    events: last(world.webhook.events, limit).map(({ topic, outcome }) => ({ topic, outcome })),
    switches: world.switches,
    slowMs: world.disturbances.slowMs,
    heldRequests: world.disturbances.heldCount,
    plannedFailures: world.disturbances.failures,
    requests: last(world.requests.entries, limit),
  }),
});

function describeDevice(device: SimulatedDevice): object {
  const now = Date.now();
  const { id, udid, serialNumber, kind, name, account, isEnrolled, isOnline, invitations } = device;
  const apps = [...device.apps.values()].map((app) => ({
    adamId: app.adamId,
    bundleId: app.bundleId,
    status: app.status(now) ?? null,
    isInstalled: app.isInstalled(now),
  }));
  return { id, udid, serialNumber, kind, name, account, isEnrolled, isOnline, invitations, apps };
}
