import { InstallationWant, InstallationState as S } from "../../entities/installation.js";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { PluginError, type TargetLicenseHolder } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { retryAt } from "../targets/plugin-failure.js";
import { requestSync } from "../tokens/request-sync.js";
import { moveInstallations } from "./move-installations.js";

const CALL_DEADLINE_MS = 60_000;

interface Returning {
  tokenId: string;
  id: string;
  generation: number;
  want: InstallationWant;
  tokenExternalId: string;
  adamId: string;
  kind: TargetLicenseHolder["kind"];
  holder: string;
}

/**
 * With authority TARGET: asks the product to take back the licences of apps that are gone. Asked twice it does no harm; a
 * holder who still has the app on another device keeps it.
 */
export async function returnAtTarget(core: Core, { targetId }: Jobs["return-at-target"]): Promise<void> {
  const returning = await licensesToReturn(core, targetId);
  for (const installations of groupBy(returning, (row) => `${row.tokenId}:${row.adamId}`).values()) {
    try {
      await revoke(core, targetId, installations);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      core.log.warn(
        { targetId, kind: error.kind, error: error.message },
        "A target could not be asked for licences back",
      );
      const at = retryAt(error, core.clock);
      await core.dataSource.transaction((tx) => addJob(tx, "return-at-target", { targetId }, at));
      return;
    }
    await core.dataSource.transaction(async (tx) => {
      await moveInstallations(
        tx,
        core,
        installations.map(({ tokenId, id, generation, want }) => ({
          tokenId,
          id,
          generation,
          from: S.RETURNING,
          to: want === InstallationWant.PRESENT ? S.REQUESTED : S.REMOVED,
          licenseId: null,
        })),
      );
      for (const tokenId of new Set(installations.map((row) => row.tokenId))) {
        await requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY });
        await addJob(tx, "license-installations", { tokenId });
      }
    });
  }
}

async function revoke(core: Core, targetId: string, installations: readonly Returning[]): Promise<void> {
  const [first] = installations;
  if (!first) return;
  const holders = new Map(installations.map(({ kind, holder }) => [holder, { kind, externalId: holder }]));
  await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) => {
    await connection.licenses?.revoke(first.tokenExternalId, first.adamId, [...holders.values()], signal);
  });
}

function licensesToReturn(core: Core, targetId: string): Promise<Returning[]> {
  return rows<Returning>(
    core.dataSource,
    `SELECT i.token_id AS "tokenId", i.id, i.generation, i.want, token.external_id AS "tokenExternalId",
            app.adam_id AS "adamId", lower(deployment.licensing) AS kind, alias.external_id AS holder
     FROM installation i
     JOIN token ON token.id = i.token_id AND token.authority = 'TARGET'
     JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
     JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
     JOIN LATERAL (
       SELECT external_id FROM holder_alias
       WHERE target_id = i.target_id
         AND CASE deployment.licensing WHEN 'USER' THEN user_id = i.user_id ELSE device_id = i.device_id END
       ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1
     ) alias ON true
     WHERE i.target_id = $1 AND i.state = 'RETURNING'
       AND (deployment.licensing = 'DEVICE' OR NOT EXISTS (
         SELECT 1 FROM installation other
         WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id AND other.user_id = i.user_id
           AND other.id <> i.id AND other.state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'REMOVING')))
     ORDER BY i.id`,
    [targetId],
  );
}
