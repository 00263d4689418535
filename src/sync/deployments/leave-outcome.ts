import { InstallationState as S } from "../../entities/installation.js";
import type { Ended } from "./end-installations.js";

/** What becomes of installations that leave, and of their licences. */
export interface LeaveOutcome {
  /** Not begun, or superseded by another deployment: they end at once. */
  readonly cancelled: number;
  /** The app stays, or its device is lost; the licence stays with it. */
  readonly kept: number;
  /** The app is removed first. */
  readonly removing: number;
  /** The licence returns without a removal, or there was none. */
  readonly returning: number;
  readonly licensesKept: number;
  readonly licensesAfterRemoval: number;
  readonly licensesReturning: number;
  /** Cannot be taken back, whatever happens to the app. */
  readonly licensesIrrevocable: number;
}

const KEPT: readonly S[] = [S.INSTALLING, S.INSTALLED, S.FAILED];
const REMOVED_FIRST: readonly S[] = [S.REMOVING, S.REMOVAL_FAILED, S.CLAIMING];
const RETURNED: readonly S[] = [S.RETURNING, S.REMOVED];

/** @param revocable whether Apple takes licences of the app back. */
export function leaveOutcome(ended: readonly Ended[], revocable: boolean): LeaveOutcome {
  const of = (states: readonly S[]) => ended.filter(({ state }) => states.includes(state));
  const installations = (states: readonly S[]) => of(states).reduce((sum, { count }) => sum + count, 0);
  const licenses = (states: readonly S[]) => new Set(of(states).flatMap(({ licenseIds }) => licenseIds)).size;
  return {
    cancelled: installations([S.CANCELLED, S.SUPERSEDED]),
    kept: installations(KEPT),
    removing: installations(REMOVED_FIRST),
    returning: installations(RETURNED),
    licensesKept: licenses(KEPT),
    licensesAfterRemoval: revocable ? licenses(REMOVED_FIRST) : 0,
    licensesReturning: ended.reduce((sum, { returning }) => sum + returning, 0),
    licensesIrrevocable: revocable ? 0 : licenses([...REMOVED_FIRST, ...RETURNED]),
  };
}
