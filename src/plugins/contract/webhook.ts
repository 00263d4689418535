import type { DeviceNews, UserRecord } from "./holders.js";
import type { Statuses } from "./steps.js";

/**
 * An HTTP request to `/targets/<id>/webhook`. Header names are lower-case. `verify` gets all headers as received; `read` gets
 * those that are saved: `content-type`, `content-length`, `user-agent`, `date`, and each `x-…` whose name holds none of
 * `key`, `secret`, `token`, `auth`, `signature`, `credential`, `pass`, `cookie`, `session`.
 */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** As received: a signature is over these bytes. At most 4 MiB. */
  readonly body: Uint8Array;
  readonly receivedAt: Date;
}

/** What one event tells. Events come late, twice, out of order, or never. */
export interface WebhookReading extends Statuses {
  /** Users and devices that the event tells of; they are added or changed, never taken away. */
  readonly users: readonly UserRecord[];
  /** With `lastSeenAt` the time of the event: one that is older than what is known only fills in what is not. */
  readonly devices: readonly DeviceNews[];
}

export interface Webhook {
  /** Is it authentic? A false answer is refused with 401 and not saved. Ends within 10 seconds. */
  verify(request: WebhookRequest): boolean | Promise<boolean>;
  /**
   * Pure: the same event gives the same reading. Called after the raw event has been saved, perhaps more than once: one that
   * tells of a Handle whose `apply` has not been answered yet is read again for ten minutes. Ends within 10 seconds.
   * Throws PluginError `internal` for an event that it cannot read, which is kept with that message.
   */
  read(request: WebhookRequest): WebhookReading;
}
