import type { WebhookReading } from "../contract.js";

/** One webhook event, as its reader gets it. */
export interface EventAt {
  /** When it happened, by the server's account, and not after it came. */
  readonly at: Date;
  /** The property list that the device sent. */
  readonly payload: Uint8Array;
}

/** What an event tells that is of no interest here. */
export const NOTHING: WebhookReading = { users: [], devices: [], statuses: [], followUps: [] };
