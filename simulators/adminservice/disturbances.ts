import { Disturbances as CommonDisturbances, type Planned } from "../disturbances/disturbances.js";

/** Which requests are meant; what is left out matches all. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** The class that is asked for, whatever its case, e.g. `SMS_Collection`. */
  readonly class?: string | undefined;
  /** The method of the class that is called, e.g. `RequestRefresh`. */
  readonly call?: string | undefined;
}

export interface PlannedFailure extends RequestMatch, Planned {
  readonly status: number;
}

/** What the control plane has planned to go wrong. */
export class Disturbances extends CommonDisturbances<RequestMatch, PlannedFailure> {
  /** Every request is answered with 503 until then, in ms since the epoch. */
  unavailableUntil = 0;
  /** What the account may not do: answered with 403. */
  readonly forbidden: RequestMatch[] = [];

  constructor() {
    super(isMeant);
  }

  forbids(method: string, place: string): boolean {
    return this.forbidden.some((match) => isMeant(match, method, place));
  }
}

/** @param place the class, and behind a dot the method that is called. */
function isMeant(match: RequestMatch, method: string, place: string): boolean {
  const [className, call] = place.toLowerCase().split(".");
  const isOfClass = match.class === undefined || match.class.toLowerCase() === className;
  const isOfCall = match.call === undefined || match.call.toLowerCase() === call;
  return isOfClass && isOfCall && (match.method === undefined || match.method === method);
}
