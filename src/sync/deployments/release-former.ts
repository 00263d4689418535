import type { EntityManager } from "typeorm";
import { InstallationState as S } from "../../entities/installation.js";
import { type Reader, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { HOLDS_STOCK_BACK_SQL, IS_STUCK_SQL, USES_FORMER_SQL } from "./former-license-sql.js";
import { lockWishes } from "./lock-wishes.js";
import { moveInstallations } from "./move-installations.js";
import { passBackLicenses } from "./pass-back-licenses.js";
import { releaseLicenses } from "./release-licenses.js";
import { USING_STATES } from "./transitions.js";

const BATCH = 5_000;

/** How long the former user's licence stays where the present user's is refused: then it returns (rule 10). */
const STUCK_MS = 7 * 24 * 60 * 60_000;

/** An installation that has let go of the licence of its device's former user. */
interface Parted {
  readonly id: string;
  readonly formerLicenseId: string;
}

/** Installations that are to let go of it. $1: the states that use a licence, $2: since when one is stuck. */
const DUE_SQL = `
  FROM installation i
  JOIN license ON license.token_id = i.token_id AND license.id = i.former_license_id
  JOIN store_app app ON app.token_id = i.token_id AND app.id = i.store_app_id
  WHERE i.former_license_id IS NOT NULL
    AND (NOT ${USES_FORMER_SQL} OR license.state NOT IN ('CLAIMING', 'HELD') OR ${HOLDS_STOCK_BACK_SQL} OR ${IS_STUCK_SQL})`;

function dueParameters({ clock }: Core): unknown[] {
  return [USING_STATES, new Date(clock.now().getTime() - clock.scaled(STUCK_MS))];
}

/** The tokens for which \`releaseFormer\` has been due since before that time. */
export async function tokensOfFormer(db: Reader, core: Core, before: Date): Promise<string[]> {
  const tokens = await rows<{ id: string }>(db, `SELECT DISTINCT i.token_id AS id ${DUE_SQL} AND i.state_at <= $3`, [
    ...dueParameters(core),
    before,
  ]);
  return tokens.map(({ id }) => id);
}

/**
 * Releases the licences of devices' former users that are needed no more: the present user has one, or waits for stock and
 * may have this one, or has been refused for a week; or the app is gone, or Apple has taken the licence. It returns unless
 * another device of the former user uses it; the present user, whose turn is as old as the device's, claims it then.
 */
export async function releaseFormer(core: Core, tokenId: string): Promise<void> {
  while (await releaseBatch(core, tokenId)) {
    // Until every installation that has one needs it.
  }
}

/** @returns whether there may be more. */
async function releaseBatch(core: Core, tokenId: string): Promise<boolean> {
  return core.dataSource.transaction(async (tx) => {
    const due = await rows<{ id: string; storeAppId: string }>(
      tx,
      `SELECT i.id, i.store_app_id AS "storeAppId" ${DUE_SQL} AND i.token_id = $3 ORDER BY i.id LIMIT ${BATCH}`,
      [...dueParameters(core), tokenId],
    );
    if (due.length === 0) return false;
    await lockWishes(
      tx,
      due.map(({ storeAppId }) => ({ tokenId, id: storeAppId })),
    );
    const dueIds = due.map(({ id }) => id);
    const parted = await part(tx, core, tokenId, dueIds);
    await supersedeLeft(tx, core, tokenId, parted);
    const licenseIds = parted.map(({ formerLicenseId }) => formerLicenseId);
    const passedTo = await passBackLicenses(tx, core, tokenId, { ids: parted.map(({ id }) => id), licenseIds });
    await releaseLicenses(tx, core, tokenId, [...new Set(licenseIds)]);
    for (const targetId of passedTo) await addJob(tx, "apply-steps", { targetId });
    return due.length === BATCH;
  });
}

/** Those of these installations that are due still let go. */
function part(tx: EntityManager, core: Core, tokenId: string, ids: readonly string[]): Promise<Parted[]> {
  return rows<Parted>(
    tx,
    `WITH parted AS (
       SELECT i.token_id, i.id, i.former_license_id ${DUE_SQL} AND i.token_id = $3 AND i.id = ANY($4)
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i SET former_license_id = NULL FROM parted
     WHERE i.token_id = parted.token_id AND i.id = parted.id
     RETURNING i.id, parted.former_license_id AS "formerLicenseId"`,
    [...dueParameters(core), tokenId, ids],
  );
}

/** What another deployment has left on the device with the former user's licence is there by the present user's now. */
async function supersedeLeft(tx: EntityManager, core: Core, tokenId: string, parted: readonly Parted[]): Promise<void> {
  const left = await rows<{ id: string; state: S; generation: number }>(
    tx,
    `SELECT DISTINCT other.id, other.state, other.generation
     FROM unnest($2::bigint[], $3::bigint[]) AS parted(id, license_id)
     JOIN installation i ON i.token_id = $1 AND i.id = parted.id AND i.license_id <> parted.license_id
     JOIN installation other ON other.token_id = $1 AND other.license_id = parted.license_id
      AND other.device_id = i.device_id AND other.left_at IS NOT NULL
      AND other.state IN ('INSTALLING', 'INSTALLED', 'FAILED')`,
    [tokenId, parted.map(({ id }) => id), parted.map(({ formerLicenseId }) => formerLicenseId)],
  );
  await moveInstallations(
    tx,
    core,
    left.map(({ id, state, generation }) => ({
      tokenId,
      id,
      from: state,
      generation,
      to: S.SUPERSEDED,
      licenseId: null,
    })),
  );
}
