import type { Checkin, Reply, Sender } from "./wire.js";

/** Who a message came from. */
export interface Enrollment {
  /** The id that commands are queued for. */
  readonly id: string;
  /** The id of the device's own channel. */
  readonly device: string;
  /** Null under User Enrollment, which does not tell it. */
  readonly udid: string | null;
  readonly channel: "device" | "user" | "shared";
}

/** The UserID of every user of a Shared iPad. */
const SHARED_IPAD = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/**
 * The enrolment of an event: by NanoMDM's own `ids` where the release tells them, otherwise by the keys of the device's message
 * and NanoMDM's rule: `UDID:UserUUID`, on a Shared iPad `UDID:ManagedAppleID`. Null when nothing tells.
 */
export function enrollmentOf(sender: Sender, message: Checkin | Reply | null): Enrollment | null {
  const udid = sender.udid || message?.UDID || null;
  const device = sender.ids?.parent_id || udid || sender.enrollment_id || message?.EnrollmentID;
  const { ids } = sender;
  if (ids) {
    const channel = ids.type === "Shared iPad" ? "shared" : ids.parent_id ? "user" : "device";
    return { id: ids.id, device: ids.parent_id || ids.id, udid, channel };
  }
  if (!device) return null;
  const user = message?.UserID || message?.EnrollmentUserID;
  if (!user) return { id: device, device, udid, channel: "device" };
  const isShared = user.toUpperCase() === SHARED_IPAD;
  return {
    id: `${device}:${isShared ? (message?.UserShortName ?? user) : user}`,
    device,
    udid,
    channel: isShared ? "shared" : "user",
  };
}
