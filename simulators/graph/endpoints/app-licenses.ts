import type { AssignedLicense, MobileApp, Revocation } from "../model.js";
import { type Answer, noContent } from "../protocol/answer.js";
import { badRequest } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { listAnswer } from "../protocol/list-answer.js";
import type { World } from "../world.js";
import { requireApp } from "./mobile-apps.js";

export function listAssignedLicenses(request: GraphRequest): Answer {
  const {
    world,
    version,
    parts: [id = ""],
  } = request;
  const app = requireApp(world, id, version);
  return listAnswer(
    request,
    [...app.licenses.values()].map((license) => row(world, app, license)),
  );
}

export function revokeUserLicense({ world, version, parts: [id = ""], body }: GraphRequest): Answer {
  const { userId } = bodyOf(body);
  if (typeof userId !== "string") throw badRequest("userId must be given.");
  revoke(world, requireApp(world, id, version), "RevokeUserLicense", { userId, managedDeviceId: null }, [
    `user:${userId}`,
  ]);
  return noContent();
}

export function revokeDeviceLicense({ world, version, parts: [id = ""], body }: GraphRequest): Answer {
  const { managedDeviceId } = bodyOf(body);
  if (typeof managedDeviceId !== "string") throw badRequest("managedDeviceId must be given.");
  const userId = world.devices.get(managedDeviceId)?.userId ?? "";
  revoke(world, requireApp(world, id, version), "RevokeDeviceLicense", { userId, managedDeviceId }, [
    `device:${managedDeviceId}`,
  ]);
  return noContent();
}

export function revokeAllLicenses({ world, version, parts: [id = ""], body }: GraphRequest): Answer {
  bodyOf(body);
  const app = requireApp(world, id, version);
  revoke(world, app, "RevokeAllLicenses", { userId: "", managedDeviceId: null }, [...app.licenses.keys()]);
  return noContent();
}

/** Pending at first; done, or failed by the switch, a moment later, or at once. */
function revoke(
  world: World,
  app: MobileApp,
  actionName: string,
  holder: Pick<Revocation, "userId" | "managedDeviceId">,
  keys: readonly string[],
): void {
  const now = new Date().toISOString();
  const result: Revocation = {
    ...holder,
    totalLicensesCount: keys.length,
    failedLicensesCount: 0,
    actionName,
    actionState: "pending",
    actionFailureReason: "none",
    startDateTime: now,
    lastUpdatedDateTime: now,
  };
  app.revocations.push(result);
  const settle = () => {
    const reason = world.switches.revokeFailure;
    result.lastUpdatedDateTime = new Date().toISOString();
    result.actionFailureReason = reason;
    result.actionState = reason === "none" ? "done" : "failed";
    if (reason === "none") for (const key of keys) app.licenses.delete(key);
    else result.failedLicensesCount = keys.length;
  };
  if (world.switches.revokeMs === 0) settle();
  else world.after(world.switches.revokeMs, settle);
}

function bodyOf(body: unknown): Record<string, unknown> {
  const given = (body ?? {}) as Record<string, unknown>;
  if (typeof given.notifyManagedDevices !== "boolean") throw badRequest("notifyManagedDevices must be true or false.");
  return given;
}

function row(
  world: World,
  app: MobileApp,
  { id, kind, userId, managedDeviceId }: AssignedLicense,
): Record<string, unknown> {
  const user = world.users.get(userId);
  const named = kind === "device" ? "AssignedDeviceLicense" : "AssignedUserLicense";
  const device = managedDeviceId === null ? undefined : world.devices.get(managedDeviceId);
  return {
    "@odata.type": `#microsoft.graph.${app.type}${named}`,
    id,
    userId: userId === "" ? null : userId,
    userName: user?.displayName ?? null,
    userPrincipalName: user?.userPrincipalName ?? null,
    userEmailAddress: user?.mail ?? null,
    ...(kind === "device" ? { managedDeviceId, deviceName: device?.deviceName ?? null } : {}),
  };
}
