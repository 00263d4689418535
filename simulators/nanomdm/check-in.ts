import { CommandQueue } from "./command-queue.js";
import { connect } from "./connect.js";
import { type Dictionary, writePlist } from "./property-list.js";
import type { SimulatedDevice } from "./simulated-device.js";
import type { Enrollment, World } from "./world.js";

const SHARED_IPAD = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/** Enrols a device: Authenticate, then TokenUpdate, then those of its user channel. An earlier enrolment ends with all it had. */
export function enroll(world: World, device: SimulatedDevice): void {
  const isUserEnrollment = device.kind === "UserEnrollment";
  const enrollment = beginEnrollment(
    world,
    device,
    isUserEnrollment ? "User Enrollment (Device)" : "Device",
    device.id,
    null,
  );
  device.isEnrolled = true;
  const { serialNumber: SerialNumber, name: DeviceName, productName: ProductName } = device;
  const described = {
    DeviceName,
    ProductName,
    Model: "MHXX3LL/A",
    ModelName: device.kind,
    OSVersion: "18.1",
    BuildVersion: "22B83",
  };
  checkIn(world, enrollment, "Authenticate", isUserEnrollment ? described : { ...described, SerialNumber });
  checkIn(world, enrollment, "TokenUpdate", tokens(world));
  if (device.account === null) return;
  if (device.kind === "Mac") signIn(world, device, device.account);
  if (device.kind === "SharedIPad") signIn(world, device, device.account);
}

/** Somebody signs in: a Mac's managed account, or a person on a Shared iPad. */
export function signIn(world: World, device: SimulatedDevice, account: string): Enrollment {
  const isShared = device.kind === "SharedIPad";
  const shortName = isShared ? account : (account.split("@")[0] ?? account);
  const user = {
    id: isShared ? SHARED_IPAD : world.random.uuid().toUpperCase(),
    shortName,
    longName: `Person ${shortName}`,
  };
  const id = `${device.id}:${isShared ? account : user.id}`;
  const enrollment = beginEnrollment(world, device, isShared ? "Shared iPad" : "User", id, user);
  checkIn(world, enrollment, "TokenUpdate", tokens(world));
  return enrollment;
}

/** The management profile is taken off: all managed apps go, where their flags say so, and nothing is queued any more. */
export function checkOut(world: World, device: SimulatedDevice): void {
  const enrollment = world.enrollments.get(device.id);
  if (!enrollment) return;
  checkIn(world, enrollment, "CheckOut", {});
  leave(world, device);
}

/** Erased: the device is as new, and tells nobody. */
export function wipe(world: World, device: SimulatedDevice): void {
  leave(world, device);
  device.apps.clear();
}

function leave(world: World, device: SimulatedDevice): void {
  device.isEnrolled = false;
  for (const [bundleId, app] of device.apps) if ((app.managementFlags & 1) === 1) device.apps.delete(bundleId);
  for (const [id, enrollment] of world.enrollments) if (enrollment.device === device) world.enrollments.delete(id);
}

function checkIn(world: World, enrollment: Enrollment, messageType: string, content: Dictionary): void {
  if (messageType === "TokenUpdate") enrollment.tokenUpdates += 1;
  const { device, user } = enrollment;
  const who: Dictionary = device.kind === "UserEnrollment" ? { EnrollmentID: device.id } : { UDID: device.udid };
  const person: Dictionary = user
    ? { UserID: user.id, UserShortName: user.shortName, UserLongName: user.longName, NotOnConsole: false }
    : {};
  const topic = world.pushCertificate?.topic ?? "";
  const payload = writePlist({ MessageType: messageType, Topic: topic, ...who, ...person, ...content });
  world.webhook.post(`mdm.${messageType}`, {
    event_id: world.random.bytes(8).toString("hex"),
    checkin_event: {
      ...idsOf(world, enrollment),
      raw_payload: payload.toString("base64"),
      url_params: null,
      ...(messageType === "TokenUpdate" ? { token_update_tally: enrollment.tokenUpdates } : {}),
    },
  });
}

/** How an event names who it is from. MicroMDM has no `ids`, older releases of NanoMDM neither. */
export function idsOf(world: World, { id, type, device }: Enrollment): object {
  const who = device.kind === "UserEnrollment" ? { enrollment_id: device.id } : { udid: device.udid };
  if (world.flavour === "micromdm" || !world.switches.webhookIds) return who;
  return { ...who, ids: { id, type, ...(id === device.id ? {} : { parent_id: device.id }) } };
}

function beginEnrollment(
  world: World,
  device: SimulatedDevice,
  type: Enrollment["type"],
  id: string,
  user: Enrollment["user"],
): Enrollment {
  const known = world.enrollments.get(id);
  known?.queue.clear();
  const enrollment = known ?? { id, type, device, user, queue: new CommandQueue(), tokenUpdates: 0 };
  world.enrollments.set(id, enrollment);
  // A command that a key-value storage has kept for an id without an enrolment finds its device now.
  for (const command of world.ghosts.get(id)?.open ?? []) enrollment.queue.add(command);
  world.ghosts.delete(id);
  if (enrollment.queue.open.length > 0) connect(world, device);
  return enrollment;
}

function tokens(world: World): Dictionary {
  return { Token: world.random.bytes(32), PushMagic: world.random.uuid().toUpperCase(), AwaitingConfiguration: false };
}
