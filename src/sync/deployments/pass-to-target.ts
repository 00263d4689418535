import { InstallationState } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { moveInstallations } from "./move-installations.js";

const BATCH = 5_000;

/** With authority TARGET the product claims licences itself: what is requested goes straight to it. */
export async function passToTarget(core: Core, tokenId: string): Promise<void> {
  let passed: number;
  do {
    passed = await core.dataSource.transaction(async (tx) => {
      const requested = await rows<{ id: string; generation: number; targetId: string }>(
        tx,
        `SELECT id, generation, target_id AS "targetId" FROM installation
         WHERE token_id = $1 AND state = 'REQUESTED' ORDER BY id LIMIT ${BATCH}`,
        [tokenId],
      );
      await moveInstallations(
        tx,
        core,
        requested.map((installation) => ({
          tokenId,
          id: installation.id,
          generation: installation.generation,
          from: InstallationState.REQUESTED,
          to: InstallationState.LICENSED,
        })),
      );
      for (const targetId of groupBy(requested, (installation) => installation.targetId).keys()) {
        await addJob(tx, "apply-steps", { targetId });
      }
      return requested.length;
    });
  } while (passed === BATCH);
}
