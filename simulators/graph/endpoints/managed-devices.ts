import { checkIn } from "../check-in.js";
import type { ManagedDevice } from "../model.js";
import { type Answer, json, noContent } from "../protocol/answer.js";
import { notFound } from "../protocol/graph-error.js";
import type { GraphRequest, Version } from "../protocol/graph-request.js";
import { listAnswer, selected } from "../protocol/list-answer.js";
import type { World } from "../world.js";

/** Kinds that only beta knows; v1.0 shows them as unknown. */
const V1_KINDS =
  /^(unknown|userEnrollment|deviceEnrollmentManager|apple(BulkWithUser|BulkWithoutUser|UserEnrollment|UserEnrollmentWithServiceAccount)|windows\w+)$/;

export function listManagedDevices(request: GraphRequest): Answer {
  return listAnswer(request, rows(request, [...request.world.devices.values()]));
}

export function listDevicesOfUser(request: GraphRequest): Answer {
  const {
    world,
    parts: [id],
  } = request;
  return listAnswer(
    request,
    rows(
      request,
      [...world.devices.values()].filter(({ userId }) => userId === id),
    ),
  );
}

/** The UDID is told only here, and only when `$select` asks for it. */
export function getManagedDevice({ world, version, parts: [id = ""], query }: GraphRequest): Answer {
  const device = requireDevice(world, id);
  const select = query.get("$select");
  const udid = select?.split(",").includes("udid") ? device.udid : "";
  return json(selected({ ...row(world, device, version), udid }, select));
}

export function syncDevice({ world, parts: [id = ""] }: GraphRequest): Answer {
  const device = requireDevice(world, id);
  world.after(world.switches.checkInDelayMs, () => void checkIn(world, device));
  return noContent();
}

function requireDevice(world: World, id: string): ManagedDevice {
  const device = world.devices.get(id);
  if (!device) throw notFound(`The managed device '${id}'`);
  return device;
}

function rows({ world, version }: GraphRequest, devices: readonly ManagedDevice[]): Record<string, unknown>[] {
  return devices.map((device) => row(world, device, version));
}

function row(world: World, device: ManagedDevice, version: Version): Record<string, unknown> {
  const { behaviour: _, udid: __, ...shown } = device;
  const user = world.users.get(device.userId);
  const kind = device.deviceEnrollmentType;
  return {
    ...shown,
    udid: "",
    deviceEnrollmentType: version === "beta" || V1_KINDS.test(kind) ? kind : "unknownFutureValue",
    userPrincipalName: user?.userPrincipalName ?? "",
    userDisplayName: user?.displayName ?? "",
    emailAddress: user?.mail ?? "",
  };
}
