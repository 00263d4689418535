import {
  type Installation,
  InstallationReason,
  InstallationState,
  RECLAIM_GRACE_MS,
} from "../../entities/installation.js";
import type { Clock, Core } from "../core.js";

/** What follows where licences are taken back from apps that are in use; survives JSON. */
export interface ReclaimNotice {
  readonly message: string;
  /** When the last of them has stopped working, as an ISO time. */
  readonly appsEndBy: string;
}

/**
 * Until when the app of an installation works on whose licence was taken back, by us or by somebody else at Apple after its
 * member had left; null for any other. Counted from its state: that of a licence on its way back is left when Apple has taken
 * it, and Apple counts from then.
 */
export function appEndsBy({ reason, state, stateAt }: Installation, clock: Clock): Date | null {
  const isLost = reason === InstallationReason.LICENSE_LOST && state === InstallationState.REMOVED;
  if (reason !== InstallationReason.RECLAIMED && !isLost) return null;
  return new Date(stateAt.getTime() + clock.scaled(RECLAIM_GRACE_MS));
}

/** @param whose the beginning of a sentence: whose licences return. */
export function reclaimNotice(core: Core, whose: string): ReclaimNotice {
  const appsEndBy = core.clock.in(RECLAIM_GRACE_MS).toISOString();
  return {
    message: `${whose} at once, and nobody removes the app: it stops working there within 30 days, by ${appsEndBy} at the latest.`,
    appsEndBy,
  };
}
