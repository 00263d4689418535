import type { DeviceRecord } from "./holders.js";

/** A question to a device that the product knows without a serial number: what it is. */
export interface Inquiry {
  /** Made by the core, at most 120 printable ASCII characters. The same key again asks no second time. */
  readonly key: string;
  readonly device: Pick<DeviceRecord, "externalId" | "udid">;
}
