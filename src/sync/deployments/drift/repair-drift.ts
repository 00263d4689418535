import type { EntityManager } from "typeorm";
import { InstallationState as S } from "../../../entities/installation.js";
import { AppError } from "../../../errors.js";
import { type DriftFacts, driftFacts } from "../../../queries/drift/drift-facts.js";
import type { DriftKey } from "../../../queries/drift/drift-type.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { linkKnownHolders } from "../../licenses/link-known-holders.js";
import { requestManualSync } from "../../tokens/request-manual-sync.js";
import { moveInstallations } from "../move-installations.js";
import { reclaimLicenses } from "../reclaim-licenses.js";
import { type DriftRepair, decideRepair, type RepairDecision } from "./decide-repair.js";
import { stalledBefore } from "./stalled-before.js";

export interface DriftToRepair {
  /** Distinct; at most 1,000, of any tokens. */
  readonly keys: readonly DriftKey[];
  /** Only says what would be done. */
  readonly dryRun: boolean;
  readonly actor: string;
}

/** What was, or would be, done about one drift. */
export interface RepairedDrift {
  readonly key: DriftKey;
  readonly decision: RepairDecision;
}

interface Decided extends RepairedDrift {
  readonly facts: DriftFacts;
}

const OVER: RepairDecision = { repair: "NONE", why: "It is no drift any more.", installations: [] };

/**
 * Repairs drifts as `decideRepair` says, all of one call in one transaction; what Apple and the targets make of it comes
 * later.
 * @throws AppError CONFLICT when something has moved meanwhile: then nothing was done.
 */
export async function repairDrift(
  tx: EntityManager,
  core: Core,
  { keys, dryRun, actor }: DriftToRepair,
): Promise<RepairedDrift[]> {
  const facts = await driftFacts(tx, keys, stalledBefore(core.clock));
  const decided = facts.flatMap((drift, at): Decided[] => {
    const key = keys[at];
    return drift && key ? [{ key, facts: drift, decision: decideRepair(drift) }] : [];
  });
  if (!dryRun) await perform(tx, core, decided, actor);
  const byKey = new Map(decided.map(({ key, decision }) => [key, decision]));
  return keys.map((key) => ({ key, decision: byKey.get(key) ?? OVER }));
}

async function perform(tx: EntityManager, core: Core, decided: readonly Decided[], actor: string): Promise<void> {
  const of = (repair: DriftRepair) => decided.filter(({ decision }) => decision.repair === repair);
  await read(tx, core, of("READ_AT_APPLE"));
  await move(tx, core, [...of("REQUEST_LICENSE"), ...of("ASK_TARGET")]);
  await giveBack(tx, core, of("RETURN_LICENSE"), actor);
  await link(tx, of("LINK_HOLDER"));
}

/** A token's run is locked before anything else of it. */
async function read(tx: EntityManager, core: Core, drifts: readonly Decided[]): Promise<void> {
  const tokenIds = new Set(drifts.map(({ key }) => key.tokenId));
  for (const tokenId of [...tokenIds].sort()) await requestManualSync(tx, core, tokenId);
}

async function move(tx: EntityManager, core: Core, drifts: readonly Decided[]): Promise<void> {
  const moves = drifts.flatMap(({ key: { tokenId }, decision: { repair, installations } }) =>
    installations.map(({ id, generation, state }) => ({
      tokenId,
      id,
      generation,
      from: state,
      to: repair === "ASK_TARGET" ? S.LICENSED : S.REQUESTED,
      anew: true,
    })),
  );
  const moved = await moveInstallations(tx, core, moves);
  if (moved.size < moves.length) throw movedMeanwhile();
  for (const { key, decision } of drifts) {
    if (decision.repair === "REQUEST_LICENSE") await addJob(tx, "license-installations", { tokenId: key.tokenId });
    else for (const { targetId } of decision.installations) await addJob(tx, "apply-steps", { targetId });
  }
}

async function giveBack(tx: EntityManager, core: Core, drifts: readonly Decided[], actor: string): Promise<void> {
  const licenses = drifts.map(({ key: { tokenId, id } }) => ({ tokenId, id }));
  if (licenses.length === 0) return;
  const judged = await reclaimLicenses(tx, core, { licenses, dryRun: false, evenIfWanted: false, actor });
  if (judged.some(({ outcome }) => outcome !== "RETURNED")) throw movedMeanwhile();
}

async function link(tx: EntityManager, drifts: readonly Decided[]): Promise<void> {
  const found = drifts.map(({ key: { tokenId, id }, facts }) => ({
    tokenId,
    id,
    deviceId: facts.linkableDeviceId,
    appleUserId: facts.linkableAppleUserId,
  }));
  if (found.length === 0) return;
  await linkKnownHolders(tx, found);
  for (const tokenId of new Set(found.map((holder) => holder.tokenId))) {
    await addJob(tx, "license-installations", { tokenId });
  }
}

function movedMeanwhile(): AppError {
  return new AppError("CONFLICT", "Something of this has just moved. Look at the drift again.");
}
