import type { EntityManager } from "typeorm";
import { InstallationState as S } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { endingSql } from "./ending-sql.js";
import { type PassedOn, passOnLicenses } from "./pass-on-licenses.js";
import { releaseLicenses } from "./release-licenses.js";
import { DEADLINES_MS } from "./transitions.js";

/** Which installations are no longer wanted, and how they end. */
export interface Ending {
  /**
   * SQL about the installation `i`, its deployment `d` and, if it has one, its `device`.
   */
  readonly which: string;
  /** SQL for an OnLeave, about the same rows. */
  readonly onLeave: string;
  /** Of both. */
  readonly parameters: readonly unknown[];
  /** They have left; false where their deployment itself wants something else now. */
  readonly leaves: boolean;
}

/** Installations that ended alike. */
export interface Ended {
  readonly tokenId: string;
  readonly targetId: string;
  /** The product claims licences itself. */
  readonly mirrored: boolean;
  readonly state: S;
  /** They came to this state by ending; false where they were in it already. */
  readonly moved: boolean;
  /** The app is gone with its device. */
  readonly gone: boolean;
  readonly count: number;
  /** The licences they use, or have used until now. */
  readonly licenseIds: readonly string[];
  /** Of those that another deployment supersedes: their ids, each with the licence it has used until now. */
  readonly superseded: PassedOn;
  /** Of the licences, the ones now on their way back to Apple. */
  readonly returning: number;
}

/**
 * Ends installations that are no longer wanted, in one statement however many they are, by the rules of `endingSql`, and
 * returns the licences that nobody uses any more; what the app is on a device by passes to the installation that keeps it there.
 */
export async function endInstallations(tx: EntityManager, core: Core, ending: Ending): Promise<Ended[]> {
  const ended = await rows<Omit<Ended, "returning">>(
    tx,
    endingSql(ending.which, ending.onLeave, ending.parameters.length),
    [...ending.parameters, core.clock.now(), core.clock.in(DEADLINES_MS.REMOVING ?? 0), ending.leaves],
  );
  const outcomes: Ended[] = [];
  for (const [tokenId, groups] of groupBy(ended, (group) => group.tokenId)) {
    for (const { superseded } of groups) await passOnLicenses(tx, tokenId, superseded);
    const freed = groups.filter(isFreed).flatMap(({ licenseIds }) => licenseIds);
    const returning = await releaseLicenses(tx, core, tokenId, [...new Set(freed)]);
    for (const group of groups) {
      const back = isFreed(group) ? group.licenseIds.filter((id) => returning.has(id)).length : 0;
      outcomes.push({ ...group, returning: back });
    }
    await addJobs(tx, tokenId, groups);
  }
  return outcomes;
}

/** They have just let go of their licences. */
function isFreed({ moved, state }: Pick<Ended, "moved" | "state">): boolean {
  return moved && [S.RETURNING, S.REMOVED, S.SUPERSEDED, S.CANCELLED].includes(state);
}

async function addJobs(tx: EntityManager, tokenId: string, groups: readonly Omit<Ended, "returning">[]): Promise<void> {
  await addJob(tx, "advance-installations", { tokenId });
  await addJob(tx, "license-installations", { tokenId });
  for (const [targetId, [group]] of groupBy(groups, (one) => one.targetId)) {
    await addJob(tx, "apply-steps", { targetId });
    if (group?.mirrored) await addJob(tx, "return-at-target", { targetId });
  }
}
