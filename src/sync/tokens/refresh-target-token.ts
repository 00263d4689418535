import type { EntityManager } from "typeorm";
import { type Token, TokenHealthState } from "../../entities/token.js";
import { PluginError, type TargetLicenses, type TargetToken } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { callTarget } from "../targets/call-target.js";
import type { GiveWay } from "../targets/give-way.js";
import { readFinished, readTokens } from "../targets/license-answers.js";
import { lockLocations } from "../targets/lock-locations.js";
import { duplicateLocationHealth, targetTokenHealth } from "../targets/target-token-health.js";
import { CALL_DEADLINE_MS } from "../targets/within-deadline.js";
import { changeHealth } from "./change-health.js";

/** A token that a product owns. */
export interface MirroredToken {
  readonly id: string;
  readonly targetId: string;
  /** The product's id of it. */
  readonly externalId: string;
  readonly targetName: string;
  /** Before each call: what else is due at the target goes first. */
  readonly giveWay: () => Promise<void>;
}

/** What a token is at the product that owns it; null when we own it. */
export async function readMirroredToken(core: Core, token: Token, giveWay: GiveWay): Promise<MirroredToken | null> {
  const { id, targetId, externalId } = token;
  if (targetId === null || externalId === null) return null;
  const target = await row<{ name: string }>(core.dataSource, "SELECT name FROM target WHERE id = $1", [targetId]);
  return target && { id, targetId, externalId, targetName: target.name, giveWay: () => giveWay(core, targetId) };
}

/** Calls the licence books of the product. @throws PluginError. */
export async function callLicenses<T>(
  core: Core,
  token: MirroredToken,
  call: (licenses: TargetLicenses, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await token.giveWay();
  return callTarget(core, token.targetId, CALL_DEADLINE_MS, async (connection, signal) => {
    if (connection.licenses) return call(connection.licenses, signal);
    throw new PluginError("internal", `The plugin of "${token.targetName}" no longer shows its licenses.`);
  });
}

/**
 * Writes what the product says of the token itself. One of a location that another token here works is DUPLICATE_LOCATION,
 * without a location of its own, until that other one is removed.
 * @returns false when another token works its location.
 * @throws PluginError, also when the product no longer has the token.
 */
export async function refreshTargetToken(core: Core, token: MirroredToken): Promise<boolean> {
  const known = await callLicenses(core, token, async (licenses, signal) => readTokens(await licenses.tokens(signal)));
  const found = known.find((candidate) => candidate.externalId === token.externalId);
  if (!found) {
    await reportGone(core, token);
    throw new PluginError("config", `"${token.targetName}" no longer has this token.`);
  }
  return core.dataSource.transaction(async (tx) => {
    await lockLocations(tx);
    const own = await row(
      tx,
      `UPDATE token SET location_id = $2, organization = $3, country = $4, expires_at = $5, location_name = $6
       WHERE id = $1 AND NOT EXISTS (SELECT FROM token other WHERE other.location_id = $2 AND other.id <> $1)
       RETURNING id`,
      [token.id, found.locationId, found.organization, found.country, found.expiresAt, found.locationName],
    );
    if (!own) await standBack(tx, core, token, found);
    else await changeHealth(tx, core, token.id, targetTokenHealth(found, token.targetName, core.clock.now()));
    return own !== null;
  });
}

/** Has the product read from Apple. @returns whether it has finished. */
export function syncAtTarget(core: Core, token: MirroredToken): Promise<boolean> {
  return callLicenses(core, token, async (licenses, signal) =>
    readFinished(await licenses.sync(token.externalId, signal)),
  );
}

async function standBack(tx: EntityManager, core: Core, token: MirroredToken, found: TargetToken): Promise<void> {
  const other = await row<{ name: string }>(tx, "SELECT name FROM token WHERE location_id = $1", [found.locationId]);
  await tx.query("UPDATE token SET location_id = NULL WHERE id = $1 AND location_id IS NOT NULL", [token.id]);
  await changeHealth(tx, core, token.id, duplicateLocationHealth(other?.name ?? "another token"));
}

async function reportGone(core: Core, token: MirroredToken): Promise<void> {
  await core.dataSource.transaction((tx) =>
    changeHealth(tx, core, token.id, {
      state: TokenHealthState.INVALID,
      cause: `"${token.targetName}" no longer has this token.`,
      evidence: "its list of tokens",
      remedy: "Add the token there again, or remove the target here.",
    }),
  );
}
