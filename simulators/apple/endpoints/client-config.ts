import { ServiceError } from "../errors.js";
import type { Location, MdmInfo } from "../location.js";
import { notificationTypes, otherNotificationTypes } from "../notifications/notification-types.js";
import type { ServiceRequest } from "../service-request.js";
import type { Switches } from "../switches.js";
import { list } from "../write-order.js";

/** Who the location is, and which MDM claims it. */
export function readClientConfig({ location }: ServiceRequest): object {
  const { identity, notifications } = location;
  const site = identity.platform === "enterprisestore" ? "business" : "school";
  return {
    countryISO2ACode: identity.countryCode,
    defaultPlatform: identity.platform,
    locationName: identity.name,
    websiteURL: `https://${site}.apple.com`,
    ...(notifications.url === undefined ? {} : { notificationUrl: notifications.url }),
    ...(notifications.authToken === undefined ? {} : { notificationAuthToken: notifications.authToken }),
    subscribedNotificationTypes: notifications.types,
  };
}

/**
 * Stores what is given; what is left out stays, or goes with the switch `partialConfig`. Nothing is stored if anything is refused.
 * @throws ServiceError 9602, 9723, 9724, 9725, 9713, 9710, 9711, 9712, 9728.
 */
export async function writeClientConfig(request: ServiceRequest): Promise<object> {
  const { world, location, body } = request;
  const mdmInfo = readMdmInfo(body.mdmInfo, world.switches);
  const receiver = readReceiver(body, world.switches);
  const types = body.notificationTypes === undefined ? undefined : list(body.notificationTypes).map(readType);
  if (receiver !== undefined && !(await location.notifier.test(receiver.url, receiver.authToken))) {
    throw new ServiceError(9728);
  }
  if (world.switches.partialConfig === "replace") clear(location);
  store(location, mdmInfo, receiver, types);
  return readClientConfig(request);
}

interface Receiver {
  url: string;
  authToken: string;
}

function clear(location: Location): void {
  location.mdmInfo = undefined;
  Object.assign(location.notifications, { url: undefined, authToken: undefined, types: [] });
}

function store(
  location: Location,
  mdmInfo: MdmInfo | undefined,
  receiver: Receiver | undefined,
  types: string[] | undefined,
): void {
  if (mdmInfo !== undefined) location.mdmInfo = mdmInfo;
  if (receiver !== undefined) Object.assign(location.notifications, receiver);
  if (types !== undefined) location.notifications.types = types;
}

function readMdmInfo(value: unknown, { limits }: Switches): MdmInfo | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") throw new ServiceError(9602);
  const { id, name, metadata } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string" || typeof metadata !== "string") throw new ServiceError(9723);
  if (id.length > limits.maxMdmIdLength) throw new ServiceError(9724);
  if (name.length > limits.maxMdmNameLength) throw new ServiceError(9725);
  if (metadata.length > limits.maxMdmMetadataLength) throw new ServiceError(9713);
  return { id, name, metadata };
}

function readReceiver(body: Record<string, unknown>, switches: Switches): Receiver | undefined {
  const { notificationUrl: url, notificationAuthToken: authToken } = body;
  if (url === undefined && authToken === undefined) return undefined;
  if (url === undefined || authToken === undefined) throw new ServiceError(9710);
  if (typeof url !== "string" || typeof authToken !== "string") throw new ServiceError(9602);
  const { maxNotificationLength } = switches.limits;
  if (url.length > maxNotificationLength || authToken.length > maxNotificationLength) throw new ServiceError(9711);
  if (!isReceiverUrl(url, switches.plainNotifications)) throw new ServiceError(9712);
  return { url, authToken };
}

/** Scheme, host and path only. */
function isReceiverUrl(text: string, plainAllowed: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const schemeFits = url.protocol === "https:" || (plainAllowed && url.protocol === "http:");
  return schemeFits && !/[?#]/.test(text) && url.username === "" && url.password === "";
}

function readType(value: unknown): string {
  const type = [...notificationTypes, ...otherNotificationTypes].find((known) => known === value);
  if (type === undefined) throw new ServiceError(9602);
  return type;
}
