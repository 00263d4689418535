import { Disturbances as CommonDisturbances, type PathMatch, type Planned } from "../disturbances/disturbances.js";
import type { Switches } from "./switches.js";

/** By its path relative to the v2 root, e.g. `/assets/associate`. */
export type RequestMatch = PathMatch;

export interface PlannedFailure extends RequestMatch, Planned {
  readonly errorNumber?: number | undefined;
  readonly status?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** A window in which every request is refused. */
export interface Unavailability {
  /** In ms since the epoch. */
  until: number;
  /** An error number, or HTTP 503 with a page of HTML as from a server in front of the service. */
  answer: 9729 | 9644 | "html";
  /** How Retry-After is spelled meanwhile. */
  retryAfter: Switches["retryAfter"];
}

/** What the control plane has planned to go wrong on the Apple side. */
export class Disturbances extends CommonDisturbances<RequestMatch, PlannedFailure> {
  #unavailability: Unavailability | undefined;

  constructor() {
    super(isMeant);
  }

  closeUntil(unavailability: Unavailability): void {
    this.#unavailability = unavailability;
  }

  /** The window that is open now. */
  get unavailability(): Unavailability | undefined {
    const { until = 0 } = this.#unavailability ?? {};
    return until > Date.now() ? this.#unavailability : undefined;
  }
}

function isMeant(match: RequestMatch, method: string, path: string): boolean {
  return (match.path === undefined || match.path === path) && (match.method === undefined || match.method === method);
}
