import type { EntityManager } from "typeorm";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";
import type { Core } from "../core.js";

interface Bound {
  id: string | null;
  name: string | null;
}

/**
 * An installation that may have one token is bound to the location of the first one, also after that token was removed:
 * licences and apps on devices are not left behind by mistake.
 * @throws AppError CONFLICT for another location, unless it is to replace the bound one.
 */
export async function requireBoundAccount(
  db: Reader,
  core: Core,
  config: ClientConfig,
  replaceAccount: boolean,
): Promise<void> {
  if (core.policy.tokenLimit > 1 || replaceAccount) return;
  const bound = await readBound(db);
  if (bound.id === null || bound.id === config.uId) return;
  throw new AppError(
    "CONFLICT",
    `This installation is bound to the Apple location ${nameOf(bound.name, bound.id)}, and the file opens ` +
      `${nameOf(config.locationName, config.uId)}. Add a file of the former, or set replaceAccount to true to leave it for good.`,
    { boundLocationId: bound.id, boundLocation: bound.name, locationId: config.uId, location: config.locationName },
  );
}

/** Binds the installation to this location, if it is one of a single token. */
export async function bindAccount(tx: EntityManager, core: Core, config: ClientConfig): Promise<void> {
  if (core.policy.tokenLimit > 1) return;
  await tx.query("UPDATE service_identity SET bound_location_id = $1, bound_location_name = $2", [
    config.uId,
    config.locationName,
  ]);
}

/** A token that was there before installations were bound leaves its location behind as the bound one. */
export async function keepBinding(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  if (core.policy.tokenLimit > 1) return;
  await tx.query(
    `UPDATE service_identity SET bound_location_id = token.location_id, bound_location_name = token.location_name
     FROM token WHERE token.id = $1 AND bound_location_id IS NULL`,
    [tokenId],
  );
}

async function readBound(db: Reader): Promise<Bound> {
  const bound = await row<Bound>(
    db,
    "SELECT bound_location_id AS id, bound_location_name AS name FROM service_identity",
  );
  if (!bound) throw new Error("The row of service_identity is missing");
  return bound;
}

/** How people know a location; names are not unique. */
export function nameOf(name: string | null, id: string): string {
  return name === null ? `with the id ${id}` : `"${name}" (id ${id})`;
}
