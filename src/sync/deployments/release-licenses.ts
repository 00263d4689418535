import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { returnLicenses } from "../licenses/return-licenses.js";
import { USES_FORMER_SQL } from "./former-license-sql.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { noteLastUse } from "./note-last-use.js";
import { USING_STATES } from "./transitions.js";

/** Who returns on behalf of deployments. */
const ACTOR = "deployment";

/**
 * Returns those of these licences that no installation uses any more (rule 5), in the transaction that saw the last one go.
 * The installations that were waiting for it, in RETURNING, go on: REMOVED at once where another device keeps the licence,
 * or where it cannot be taken back, or an admin has given or protects it.
 * @returns the ids of the licences now on their way back.
 */
export async function releaseLicenses(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  licenseIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (licenseIds.length === 0) return new Set();
  await tx.query("SELECT 1 FROM license WHERE token_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE", [
    tokenId,
    licenseIds,
  ]);
  const used = await rows<{ id: string }>(
    tx,
    `SELECT DISTINCT license_id AS id FROM installation
     WHERE token_id = $1 AND license_id = ANY($2) AND state = ANY($3)
     UNION
     SELECT i.former_license_id FROM installation i
     WHERE i.token_id = $1 AND i.former_license_id = ANY($2) AND ${USES_FORMER_SQL}`,
    [tokenId, licenseIds, USING_STATES],
  );
  const kept = new Set(used.map((license) => license.id));
  const unused = licenseIds.filter((id) => !kept.has(id));
  await noteLastUse(tx, tokenId, unused);
  const returning = await returnLicenses(tx, core, tokenId, unused, ACTOR);
  await finishWhatReturnsNothing(tx, core, tokenId, licenseIds, returning, kept);
  return returning;
}

async function finishWhatReturnsNothing(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  licenseIds: readonly string[],
  returning: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): Promise<void> {
  const waiting = await rows<{
    id: string;
    generation: number;
    want: InstallationWant;
    licenseId: string;
    revocable: boolean;
    protected: boolean;
  }>(
    tx,
    `SELECT i.id, i.generation, i.want, i.license_id AS "licenseId", app.revocable,
            license.never_reclaim OR license.given_at IS NOT NULL AS protected
     FROM installation i
     JOIN license ON license.token_id = i.token_id AND license.id = i.license_id AND license.state = 'HELD'
     JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
     WHERE i.token_id = $1 AND i.license_id = ANY($2) AND i.state = 'RETURNING'`,
    [tokenId, licenseIds],
  );
  const moves = waiting
    .filter((installation) => !returning.has(installation.licenseId))
    .filter(({ licenseId, revocable, protected: stays }) => kept.has(licenseId) || !revocable || stays)
    .map(
      (installation): Move => ({
        tokenId,
        id: installation.id,
        generation: installation.generation,
        from: S.RETURNING,
        to: installation.want === InstallationWant.PRESENT ? S.REQUESTED : S.REMOVED,
        licenseId: null,
        ...(kept.has(installation.licenseId)
          ? {}
          : { reason: installation.revocable ? R.LICENSE_KEPT : R.IRREVOCABLE }),
      }),
    );
  await moveInstallations(tx, core, moves);
}
