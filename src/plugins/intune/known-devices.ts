import { PluginError, type PluginTools } from "../contract.js";
import { isOk } from "./failure.js";
import type { Call, Graph, Page, Place } from "./graph.js";
import {
  directoryDeviceShape,
  type ManagedDevice,
  managedDeviceShape,
  NO_DIRECTORY_DEVICE,
  pageShape,
} from "./wire.js";

const FIELDS =
  "id,azureADDeviceId,deviceName,serialNumber,operatingSystem,userId,deviceEnrollmentType,managementState,lastSyncDateTime";
const APPLE = ["iOS", "iPadOS", "macOS", "tvOS", "visionOS", "watchOS"];
const FIRST_PAGE = `/v1.0/deviceManagement/managedDevices?$select=${FIELDS}&$top=1000&$filter=${encodeURIComponent(
  APPLE.map((system) => `operatingSystem eq '${system}'`).join(" or "),
)}`;

/** What was read is used again for so long; without it everything is read anew, which only takes longer. */
const REMEMBERED_MS = 15 * 60_000;
const WHAT = "read the managed devices";

/** The Apple devices that Intune manages, and their objects in the directory. */
export interface KnownDevices {
  /** A page of all, by its place; null for the first. What goes by is remembered. */
  page(place: Place | null, signal: AbortSignal): Promise<Page<ManagedDevice>>;
  all(signal: AbortSignal): Promise<ReadonlyMap<string, ManagedDevice>>;
  /** Those of these ids that there are. @param how fresh: as they are now, or as they were a moment ago. */
  find(
    ids: readonly string[],
    how: "now" | "remembered",
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ManagedDevice>>;
  /** Ids of the devices' objects in the directory, by the devices' own; one without is left out. */
  directoryIds(devices: Iterable<ManagedDevice>, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** What is remembered has turned out to be wrong. */
  forget(): void;
}

interface Remembered<T> {
  readonly value: T;
  readonly until: number;
}

export function createKnownDevices(graph: Graph, { now }: Pick<PluginTools, "now">): KnownDevices {
  let whole: Remembered<ReadonlyMap<string, ManagedDevice>> | null = null;
  let collecting = new Map<string, ManagedDevice>();
  const directory = new Map<string, string>();
  const isFresh = (held: Remembered<unknown> | null): held is Remembered<unknown> =>
    held !== null && held.until > now().getTime();

  const page: KnownDevices["page"] = async (place, signal) => {
    if (place === null) collecting = new Map();
    const found = await graph.page(WHAT, managedDeviceShape, place ?? FIRST_PAGE, signal);
    for (const device of found.records) collecting.set(device.id, device);
    if (found.next === null) whole = { value: collecting, until: now().getTime() + REMEMBERED_MS };
    return found;
  };

  const all: KnownDevices["all"] = async (signal) => {
    if (isFresh(whole)) return whole.value;
    const devices = await graph.list(WHAT, managedDeviceShape, FIRST_PAGE, signal);
    const value = new Map(devices.map((device) => [device.id, device]));
    whole = { value, until: now().getTime() + REMEMBERED_MS };
    return value;
  };

  const find: KnownDevices["find"] = async (ids, how, signal) => {
    const known = how === "remembered" && isFresh(whole) ? whole.value : new Map<string, ManagedDevice>();
    const found = new Map<string, ManagedDevice>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const device = known.get(id);
      if (device) found.set(id, device);
      else missing.push(id);
    }
    const calls = missing.map(
      (id): Call => ({
        method: "GET",
        place: `/v1.0/deviceManagement/managedDevices/${encodeURIComponent(id)}?$select=${FIELDS}`,
      }),
    );
    for (const answer of await graph.batch(calls, signal)) {
      // A text that is no id of Intune's is answered 400.
      if (answer.status === 404 || answer.status === 400) continue;
      if (!isOk(answer)) throw graph.failure(answer, WHAT);
      const device = managedDeviceShape.safeParse(answer.body);
      if (!device.success) throw new PluginError("internal", "Microsoft Graph told of a managed device without an id.");
      found.set(device.data.id, device.data);
    }
    return found;
  };

  const directoryIds: KnownDevices["directoryIds"] = async (devices, signal) => {
    const wanted = [...devices].filter(
      ({ azureADDeviceId }) => azureADDeviceId && azureADDeviceId !== NO_DIRECTORY_DEVICE,
    );
    const unknown = [...new Set(wanted.map(({ azureADDeviceId }) => azureADDeviceId ?? ""))].filter(
      (id) => !directory.has(id),
    );
    const calls = unknown.map((id): Call => {
      const filter = encodeURIComponent(`deviceId eq '${id.replaceAll("'", "''")}'`);
      return { method: "GET", place: `/v1.0/devices?$filter=${filter}&$select=id,deviceId` };
    });
    const answers = await graph.batch(calls, signal);
    answers.forEach((answer, index) => {
      if (!isOk(answer)) throw graph.failure(answer, "look up devices in the directory");
      const [first] = pageShape.parse(answer.body).value;
      const object = directoryDeviceShape.safeParse(first);
      if (object.success) directory.set(unknown[index] ?? "", object.data.id);
    });
    const pairs = wanted.flatMap(({ id, azureADDeviceId }): [string, string][] => {
      const objectId = directory.get(azureADDeviceId ?? "");
      return objectId ? [[id, objectId]] : [];
    });
    return new Map(pairs);
  };

  const forget = () => {
    whole = null;
    directory.clear();
  };

  return { page, all, find, directoryIds, forget };
}
