import type { CheckResult, Failure } from "../contract.js";
import type { Command } from "./commands.js";

/** What became of a command that was to be queued. */
export type Queued =
  | { readonly kind: "queued" }
  /** A command of this CommandUUID has been queued before: the same one, since they are made of the Step. */
  | { readonly kind: "known" }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The server could not do it this time, for its own reason. */
  | { readonly kind: "later"; readonly reason: string };

/** All that is asked of an MDM server. Every call throws as `CallServer` does. */
export interface MdmServer {
  enqueue(device: string, command: Command, signal: AbortSignal): Promise<Queued>;
  /** What a user's channel is called, of which the id is `UDID:user`. */
  channel(userId: string): string;
  /** Wakes devices, so that they fetch what is queued. Best effort: those that hear nothing come by themselves. */
  push(devices: readonly string[], signal: AbortSignal): Promise<void>;
  check(signal: AbortSignal): Promise<CheckResult>;
}
