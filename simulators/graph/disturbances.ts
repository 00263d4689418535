import type { PathMatch, Planned } from "../disturbances/disturbances.js";

/** Requests that are to go wrong, by a part of the path with its version, e.g. `/v1.0/users` or `/assignments`. */
export interface PlannedFailure extends PathMatch, Planned {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}
