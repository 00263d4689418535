import type { Answer, ApiRequest } from "./answer.js";
import type { QueuedCommand } from "./command-queue.js";
import { connect, decodeCommand } from "./connect.js";
import type { SimulatedDevice } from "./simulated-device.js";
import type { Enrollment, World } from "./world.js";

/** Where a device has got no work yet, or is not there: MicroMDM does not say so. */
const NEVER = "0001-01-01T00:00:00Z";

/** MicroMDM's API. Null for a path that it does not have. */
export function answerMicro(world: World, { method, path, body }: ApiRequest): Answer | null {
  const [, udid] = /^\/v1\/commands\/([^/]+)$/.exec(path) ?? [];
  if (udid !== undefined && (method === "POST" || method === "PUT")) return queueCommand(world, udid, body);
  if (udid !== undefined && method === "GET") return viewQueue(world, udid);
  if (udid !== undefined && method === "DELETE") {
    world.enrollments.get(udid)?.queue.clear();
    return { status: 200, body: {} };
  }
  const [, pushed] = /^(?:\/v1)?\/push\/([^/]+)$/.exec(path) ?? [];
  if (pushed !== undefined) return push(world, pushed);
  if (path === "/v1/devices" && method === "POST") return listDevices(world, body);
  return null;
}

/** 201 says that the command was accepted; the queue takes it later, if the device is known. A CommandUUID may come twice. */
function queueCommand(world: World, udid: string, body: string): Answer {
  let command: { uuid: string; requestType: string };
  try {
    command = decodeCommand(body);
  } catch (error) {
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
  const enrollment = channelOf(world, udid);
  if (enrollment) {
    enrollment.queue.add({ ...command, raw: body });
    connect(world, enrollment.device);
  }
  const payload = { udid, command_uuid: command.uuid, command: { request_type: command.requestType } };
  return { status: 201, body: { payload } };
}

/** A queue goes by the UDID, or by the UserID of a user's channel. */
function channelOf({ enrollments }: World, id: string): Enrollment | undefined {
  return enrollments.get(id) ?? [...enrollments.values()].find(({ user }) => user?.id === id);
}

function viewQueue(world: World, udid: string): Answer | null {
  const { switches } = world;
  const queue = channelOf(world, udid)?.queue;
  const open = queue?.open ?? [];
  switch (switches.queueView) {
    case "none":
      return null;
    case "flat":
      return { status: 200, body: { commands: open.map(({ uuid, raw }) => ({ uuid, payload: base64(raw) })) } };
    case "nested":
      return { status: 200, body: { device_command: nestedQueue(udid, queue?.all ?? [], switches.commandHistory) } };
  }
}

/** With its history, unless the server was started with -no-command-history. */
function nestedQueue(DeviceUDID: string, all: readonly QueuedCommand[], withHistory: boolean): object {
  const of = (...statuses: readonly (string | null)[]) =>
    all.filter(({ status }) => statuses.includes(status)).map(nested);
  return {
    DeviceUDID,
    Commands: of(null),
    Completed: withHistory ? of("Acknowledged") : null,
    Failed: withHistory ? of("Error", "CommandFormatError") : null,
    NotNow: of("NotNow"),
  };
}

function nested({ uuid, raw, status }: QueuedCommand) {
  return {
    UUID: uuid,
    Payload: base64(raw),
    LastSentAt: NEVER,
    TimesSent: status === null ? 0 : 1,
    LastStatus: status ?? "",
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function push(world: World, udid: string): Answer {
  const enrollment = world.enrollments.get(udid);
  if (!enrollment) return { status: 500, body: { error: `retrieving push info: not found: ${udid}` } };
  connect(world, enrollment.device);
  return { status: 200, body: { status: "success", push_notification_id: world.random.uuid() } };
}

/** By release, pages begin at 0 or at 1, or all devices come on every page. */
function listDevices({ devices, switches }: World, body: string): Answer {
  const { page = 0, per_page = 0 } = JSON.parse(body || "{}") as { page?: number; per_page?: number };
  const all = devices.map((device) => deviceOf(device, switches.enrollmentStatus === "text"));
  if (switches.paging === "none" || per_page === 0) return { status: 200, body: { devices: all } };
  const start = (switches.paging === "fromOne" ? Math.max(page - 1, 0) : page) * per_page;
  const rows = all.slice(start, start + per_page);
  return { status: 200, body: { devices: rows.length === 0 ? null : rows } };
}

/** One that was assigned at Apple's enrolment programme and has not enrolled yet has no UDID. */
function deviceOf({ serialNumber, udid, isEnrolled }: SimulatedDevice, asText: boolean) {
  return {
    serial_number: serialNumber,
    udid: isEnrolled ? udid : "",
    enrollment_status: asText ? String(isEnrolled) : isEnrolled,
    last_seen: isEnrolled ? new Date().toISOString() : NEVER,
    dep_profile_status: "",
  };
}
