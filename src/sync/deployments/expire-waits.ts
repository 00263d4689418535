import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { releaseLicenses } from "./release-licenses.js";

const BATCH = 1_000;

interface Overdue {
  tokenId: string;
  id: string;
  generation: number;
  state: S;
  want: InstallationWant;
  targetId: string;
  licenseId: string | null;
}

/** The other branch of each wait whose deadline has passed (rule 10); a token that may not write has none (rule 7). */
export async function expireWaits(core: Core): Promise<void> {
  for (;;) {
    const overdue = await rows<Overdue>(
      core.dataSource,
      `SELECT i.token_id AS "tokenId", i.id, i.generation, i.state, i.want, i.target_id AS "targetId", i.license_id AS "licenseId"
       FROM installation i JOIN token ON token.id = i.token_id
       WHERE i.deadline_at <= $1 AND (token.authority = 'TARGET' OR token.health_state IN ('ACTIVE', 'EXPIRING'))
       ORDER BY i.deadline_at LIMIT ${BATCH}`,
      [core.clock.now()],
    );
    for (const [tokenId, installations] of groupBy(overdue, (installation) => installation.tokenId)) {
      await expire(core, tokenId, installations);
    }
    if (overdue.length < BATCH) return;
  }
}

async function expire(core: Core, tokenId: string, overdue: readonly Overdue[]): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const moved = await moveInstallations(tx, core, overdue.map(otherBranch));
    const givenUp = overdue.filter(({ id, state }) => moved.has(id) && state === S.FAILED);
    await tx.query(
      "UPDATE installation SET deadline_at = NULL, next_look_at = NULL WHERE token_id = $1 AND id = ANY($2)",
      [tokenId, givenUp.map(({ id }) => id)],
    );
    await releaseLicenses(
      tx,
      core,
      tokenId,
      givenUp.flatMap(({ licenseId }) => licenseId ?? []),
    );
    for (const targetId of new Set(overdue.map((installation) => installation.targetId))) {
      await addJob(tx, "apply-steps", { targetId });
    }
  });
}

function otherBranch(installation: Overdue): Move {
  const { tokenId, id, generation, state } = installation;
  const move = { tokenId, id, generation, from: state };
  const detail = "The target has not reported the outcome in time.";
  switch (state) {
    case S.LICENSED:
    case S.INSTALLING:
      return {
        ...move,
        to: S.FAILED,
        reason: R.TIMED_OUT,
        detail,
        remedy: "Check the device, then retry the installation.",
      };
    case S.FAILED:
      return { ...move, to: S.FAILED, reason: R.TIMED_OUT, detail: "Its licence was returned.", licenseId: null };
    case S.REMOVING:
      if (installation.want === InstallationWant.PRESENT) return { ...move, to: S.LICENSED };
      return { ...move, to: S.REMOVAL_FAILED, reason: R.TIMED_OUT, detail, remedy: "It is tried again daily." };
    case S.REMOVAL_FAILED:
      return { ...move, to: S.REMOVING };
    default:
      throw new Error(`Installation ${id} has a deadline in ${state}`);
  }
}
