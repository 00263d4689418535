import type { PathMatch, Planned } from "../disturbances/disturbances.js";

/** Requests that are to go wrong, by a part of the path, e.g. `/v1/enqueue`. */
export interface PlannedFailure extends PathMatch, Planned {
  readonly status: number;
  readonly retryAfterSeconds?: number | undefined;
  /** Of `answer`: the body; a page of text if left out, as from a server in front. */
  readonly commandError?: string | undefined;
}
