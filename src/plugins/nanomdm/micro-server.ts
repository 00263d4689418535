import { z } from "zod";
import { type CheckResult, type DeviceNews, type HolderPage, PluginError, type PluginTools } from "../contract.js";
import { type CallServer, createCaller } from "./call-server.js";
import type { MdmServer } from "./mdm-server.js";
import type { ServerSettings } from "./settings.js";
import { vendorText } from "./vendor-text.js";
import { versionFinding } from "./version-finding.js";
import { microDevices, microError } from "./wire.js";

const PER_PAGE = 500;

/** Where a listing stands. Pages are numbered from 0 or 1, or do not exist, by release: so a repeated page is no end yet. */
const place = z.object({
  page: z.number(),
  /** The first device of the page before. */
  first: z.string().nullable(),
  /** How often the same page has come in a row. */
  repeats: z.number(),
});
type Place = z.infer<typeof place>;

const START: Place = { page: 0, first: null, repeats: 0 };

export interface MicroServer extends MdmServer {
  listDevices(cursor: string | null, signal: AbortSignal): Promise<HolderPage<"device">>;
}

/** MicroMDM: each command is sent as a raw property list to one device, which the server wakes itself. */
export function microServer(settings: ServerSettings, tools: PluginTools): MicroServer {
  const call = createCaller({ product: "MicroMDM", user: "micromdm", ...settings }, tools);
  return {
    async enqueue(device, { uuid, body }, signal) {
      const path = `/v1/commands/${encodeURIComponent(device)}`;
      // It takes a CommandUUID twice, so that is looked for first.
      if (await isQueued(call, path, uuid, signal)) return { kind: "known" };
      const { status, json } = await call({ method: "POST", path, contentType: "application/xml", body }, signal);
      const error = microError.safeParse(json).data?.error;
      if (status === 201 && error === undefined) return { kind: "queued" };
      const words = vendorText(error ?? "", [settings.apiKey, settings.webhookSecret]);
      return { kind: "later", reason: `MicroMDM answered ${status}. ${words}`.trim() };
    },
    // Its queues of users go by the UserID alone.
    channel: (userId) => userId.slice(userId.indexOf(":") + 1),
    push: async () => {},
    check: (signal) => check(call, signal),
    listDevices: (cursor, signal) => listDevices(call, cursor, signal),
  };
}

/** In whatever list and spelling the release tells of its queue; one that does not tell has nothing queued. */
async function isQueued(call: CallServer, path: string, uuid: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { json } = await call({ method: "GET", path }, signal);
    return holds(json, uuid);
  } catch (error) {
    if (error instanceof PluginError && error.options.vendorCode === "404") return false;
    throw error;
  }
}

function holds(value: unknown, uuid: string): boolean {
  if (typeof value !== "object" || value === null) return value === uuid;
  return Object.values(value).some((part) => holds(part, uuid));
}

async function check(call: CallServer, signal: AbortSignal): Promise<CheckResult> {
  const version = await versionFinding("MicroMDM", call, signal);
  await call(devicesRequest(0, 1), signal);
  const unknown = {
    severity: "info",
    code: "PUSH_CERTIFICATE_UNKNOWN",
    message: "MicroMDM does not tell when its push certificate expires.",
    remedy: "Watch the expiry yourself.",
  } as const;
  return { ok: true, apns: { state: "not-reported", expiresAt: null }, findings: [version, unknown] };
}

async function listDevices(
  call: CallServer,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<"device">> {
  const here = cursor === null ? START : readCursor(cursor);
  const { json } = await call(devicesRequest(here.page, PER_PAGE), signal);
  const parsed = microDevices.safeParse(json);
  if (!parsed.success) throw new PluginError("internal", "MicroMDM's list of devices cannot be read.");
  const devices = parsed.data.devices ?? [];
  const first = devices[0]?.udid || (devices[0]?.serial_number ?? null);
  const repeats = devices.length > 0 && first === here.first ? here.repeats + 1 : 0;
  const isLast = devices.length === 0 || repeats === 2;
  const next: Place = { page: here.page + 1, first, repeats };
  return { records: devices.flatMap(toRecord), next: isLast ? null : JSON.stringify(next), complete: isLast };
}

function readCursor(cursor: string): Place {
  try {
    return place.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new PluginError("internal", "This is no cursor of a listing of MicroMDM.", { cause });
  }
}

function devicesRequest(page: number, perPage: number) {
  const body = JSON.stringify({ page, per_page: perPage });
  return { method: "POST", path: "/v1/devices", contentType: "application/json", body } as const;
}

/** A device that the list has from Apple's enrolment programme alone has not enrolled, and has no UDID yet. */
function toRecord(device: NonNullable<ReturnType<typeof microDevices.parse>["devices"]>[number]): DeviceNews[] {
  const { udid, serial_number, enrollment_status, last_seen } = device;
  if (!udid) return [];
  const seenAt = new Date(last_seen ?? "");
  // Go writes the year 1 for never.
  const lastSeenAt = seenAt.getTime() > 0 ? seenAt : null;
  const isEnrolled = enrollment_status === true || /^(true|enrolled)$/i.test(String(enrollment_status));
  const state = isEnrolled ? "enrolled" : "retired";
  return [{ externalId: udid, serial: serial_number || null, udid, state, lastSeenAt }];
}
