import { Installation } from "../entities/installation.js";
import { License } from "../entities/license.js";
import type { ReclaimResult } from "../schema/reclaim.js";
import type { ReclaimJudgement, ReclaimOutcome } from "../sync/deployments/judge-reclaim.js";
import type { Loaders } from "./loaders.js";

/** A judgement as it survives JSON. */
export interface ReclaimSummary {
  readonly tokenId: string;
  readonly id: string;
  readonly outcome: ReclaimOutcome;
  readonly wantedBy: readonly string[];
}

export function reclaimSummary({ facts, outcome, wantedBy }: ReclaimJudgement): ReclaimSummary {
  return { tokenId: facts.tokenId, id: facts.id, outcome, wantedBy: wantedBy.map(({ id }) => id) };
}

/** The same as the API shows it. */
export async function reclaimResult(
  loaders: Loaders,
  { tokenId, id, outcome, wantedBy }: ReclaimSummary,
): Promise<ReclaimResult> {
  const installations = await Promise.all(wantedBy.map((use) => loaders.find(Installation, tokenId, use)));
  return {
    license: await loaders.require(License, tokenId, id),
    outcome,
    installations: installations.filter((installation) => installation !== null),
  };
}
