import type { EntityManager } from "typeorm";
import { LicenseState } from "../../entities/license.js";
import { AppError } from "../../errors.js";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";

/**
 * Protects licences from being given back, or no longer: neither `reclaimLicenses` nor a deployment that ends returns one.
 * All of them, or none.
 * @param licenses of any tokens; at most 1,000.
 * @throws AppError NOT_FOUND; CONFLICT for one that has ended or is on its way back.
 */
export async function protectLicenses(
  tx: EntityManager,
  licenses: readonly TokenScopedKey[],
  neverReclaim: boolean,
): Promise<void> {
  const found = await rows<{ state: LicenseState }>(
    tx,
    `SELECT license.state FROM unnest($1::uuid[], $2::bigint[]) AS named(token_id, id)
     JOIN license USING (token_id, id) ORDER BY token_id, id FOR NO KEY UPDATE OF license`,
    keys(licenses),
  );
  if (found.length < licenses.length) {
    throw new AppError("NOT_FOUND", "One of these licences does not exist. Use ids that `licenses` returned.");
  }
  const over = found.filter(({ state }) => state !== LicenseState.CLAIMING && state !== LicenseState.HELD).length;
  if (over > 0) {
    throw new AppError(
      "CONFLICT",
      `${over} of these licences have ended or are on their way back: nothing was changed. Name those that are held.`,
      { over },
    );
  }
  await tx.query(
    `UPDATE license SET never_reclaim = $3 FROM unnest($1::uuid[], $2::bigint[]) AS named(token_id, id)
     WHERE license.token_id = named.token_id AND license.id = named.id AND license.never_reclaim <> $3`,
    [...keys(licenses), neverReclaim],
  );
}

function keys(licenses: readonly TokenScopedKey[]): [string[], string[]] {
  return [licenses.map(({ tokenId }) => tokenId), licenses.map(({ id }) => id)];
}
