import type { Holder } from "../assignments.js";
import type { ErrorInfo } from "../errors.js";
import type { AssetReference } from "../write-order.js";

export type EventType = "ASSOCIATE" | "DISASSOCIATE" | "REVOKE" | "CREATE" | "UPDATE" | "RETIRE";

export interface AssignmentRow extends AssetReference {
  readonly serialNumber?: string;
  readonly clientUserId?: string;
}

export interface UserRow {
  readonly clientUserId: string;
  readonly email?: string;
  readonly status?: string;
  readonly inviteCode?: string;
  readonly idHash?: string;
}

/** An element of a notification. */
export type NotifiedRow = AssignmentRow | UserRow;

/** One of the `numRequested` parts of an accepted write. */
export interface Task {
  /** Does it; answers the error number if it cannot be done. */
  run(): number | undefined;
  /** What a notification tells of it; asked for after `run`, or instead of it. */
  rows(): NotifiedRow[];
  /** What its failure is about; failures of one asset with one number are shown as one. */
  info(errorNumber: number): ErrorInfo;
}

export interface FinishedTask {
  readonly errorNumber: number | undefined;
  readonly rows: NotifiedRow[];
}

/** A holder as an element of a list shows it. */
export function holderFields(holder: Holder): { serialNumber: string } | { clientUserId: string } {
  return holder.kind === "device" ? { serialNumber: holder.serialNumber } : { clientUserId: holder.clientUserId };
}
