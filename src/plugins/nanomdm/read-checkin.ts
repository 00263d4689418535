import type { DeviceNews, UserRecord, WebhookReading } from "../contract.js";
import { type Enrollment, enrollmentOf } from "./enrollment.js";
import { type EventAt, NOTHING } from "./event.js";
import { platformOf } from "./platform.js";
import { readPropertyList } from "./property-list.js";
import { type Checkin, checkin, type Sender } from "./wire.js";

/**
 * What a check-in tells of a device and its user.
 * @throws PluginError `internal` for a payload that is no property list.
 */
export function readCheckin(topic: string, sender: Sender, { at, payload }: EventAt): WebhookReading {
  if (!["mdm.Authenticate", "mdm.TokenUpdate", "mdm.CheckOut"].includes(topic)) return NOTHING;
  const message = checkin.parse(readPropertyList(payload));
  const enrollment = enrollmentOf(sender, message);
  if (!enrollment) return NOTHING;
  const { device, udid, channel } = enrollment;
  const seen = { externalId: device, ...(udid === null ? {} : { udid }), lastSeenAt: at };
  if (channel !== "device") return topic === "mdm.TokenUpdate" ? ofUser(enrollment, message, seen) : NOTHING;
  switch (topic) {
    case "mdm.Authenticate":
      // An enrolment begins, and with it every earlier one has ended; its end is the TokenUpdate.
      return { ...NOTHING, devices: [{ ...seen, ...descriptionOf(message), state: "retired" }] };
    case "mdm.TokenUpdate":
      return { ...NOTHING, devices: [{ ...seen, state: "enrolled" }] };
    default:
      return { ...NOTHING, devices: [{ ...seen, state: "retired" }] };
  }
}

/** What a message that describes the device says of it. */
export function descriptionOf(message: Pick<Checkin, "SerialNumber" | "DeviceName" | "ProductName" | "Model">) {
  const platform = platformOf(message);
  return {
    ...(message.SerialNumber ? { serial: message.SerialNumber } : {}),
    ...(message.DeviceName ? { name: message.DeviceName } : {}),
    ...(platform === null ? {} : { platform }),
  };
}

/** A Mac's managed user is the device's; a Shared iPad has many, and belongs to none of them. */
function ofUser({ id, channel }: Enrollment, message: Checkin, seen: Omit<DeviceNews, "state">): WebhookReading {
  const managedAppleId = channel === "shared" ? (message.UserShortName ?? null) : null;
  const user: UserRecord = {
    externalId: id,
    // A Mac's account names are its own: "ann" on two Macs may be two people.
    principalName: managedAppleId,
    displayName: message.UserLongName || message.UserShortName || null,
    email: managedAppleId,
    managedAppleId,
  };
  const device: DeviceNews = { ...seen, state: "enrolled", ...(channel === "shared" ? {} : { userExternalId: id }) };
  return { ...NOTHING, users: [user], devices: [device] };
}
