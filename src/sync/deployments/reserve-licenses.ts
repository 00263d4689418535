import { type EntityManager, IsNull } from "typeorm";
import { Collection } from "../../entities/collection.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { Reservation } from "../../entities/reservation.js";
import { ProductType, StoreApp } from "../../entities/store-app.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { refuseRemovedToken } from "../tokens/refuse-frozen-token.js";
import { expireReservations } from "./expire-reservations.js";

export interface WantedReservation {
  readonly storeApp: TokenScopedKey;
  readonly collectionId: string;
  /** At least 1. */
  readonly count: number;
  /** In the future. */
  readonly until: Date;
}

/**
 * Keeps a quota of an app's licences for a collection, or changes the one that it has. Licences that are out may be
 * reserved, too: they fill the quota as they come back. More than there are may not.
 * @returns the Reservation's id.
 * @throws AppError INVALID_INPUT (count, until); NOT_FOUND; PRECONDITION_FAILED (a book, an unlimited app, a token that its
 *   target owns); NO_LICENSE_AVAILABLE when all reservations of the app together would exceed its licences; CONFLICT when
 *   the token is being removed.
 */
export async function reserveLicenses(
  tx: EntityManager,
  core: Core,
  wanted: WantedReservation,
  actor: string,
): Promise<string> {
  const { storeApp, collectionId, count, until } = wanted;
  refuseImpossible(core, wanted);
  const app = await tx.findOne(StoreApp, { where: { ...storeApp }, lock: { mode: "for_no_key_update" } });
  if (!app) throw new AppError("NOT_FOUND", "There is no such app. Use an id that `storeApps` returned.");
  const collection = await tx.findOneBy(Collection, { id: collectionId });
  if (!collection)
    throw new AppError("NOT_FOUND", "There is no such collection. Use an id that `collections` returned.");
  refuseSenseless(app, await tx.findOneByOrFail(Token, { id: app.tokenId }));
  await expireReservations(tx, core);
  await refuseMoreThanThereIs(tx, app, wanted);
  const place = { tokenId: app.tokenId, storeAppId: app.id, collectionId };
  const known = await tx.findOneBy(Reservation, { ...place, endedAt: IsNull() });
  const reservation = await tx.save(
    known
      ? Object.assign(known, { count, until })
      : tx.create(Reservation, { ...place, count, until, createdBy: actor, createdAt: core.clock.now() }),
  );
  await addJob(tx, "license-installations", { tokenId: app.tokenId });
  return reservation.id;
}

function refuseImpossible(core: Core, { count, until }: WantedReservation): void {
  if (count < 1) {
    throw new AppError("INVALID_INPUT", "Reserve at least one licence, or release the reservation.", { count });
  }
  if (until <= core.clock.now()) {
    throw new AppError("INVALID_INPUT", "A reservation ends in the future.", { until: until.toISOString() });
  }
}

function refuseSenseless(app: StoreApp, token: Token): void {
  refuseRemovedToken(token);
  if (token.authority === TokenAuthority.TARGET) {
    throw new AppError(
      "PRECONDITION_FAILED",
      `The product that owns the token "${token.name}" gives its licences itself, and heeds no reservations.`,
      { tokenId: encodeGlobalId("Token", token.id) },
    );
  }
  if (app.productType === ProductType.BOOK) {
    throw new AppError("PRECONDITION_FAILED", "A book cannot be deployed: there is nothing to reserve.");
  }
  if (app.unlimited) {
    throw new AppError("PRECONDITION_FAILED", "This app is unlimited: everybody gets a licence without reserving any.");
  }
}

async function refuseMoreThanThereIs(
  tx: EntityManager,
  app: StoreApp,
  { collectionId, count }: WantedReservation,
): Promise<void> {
  const others = await row<{ reserved: number }>(
    tx,
    `SELECT COALESCE(sum(count), 0)::int AS reserved FROM reservation
     WHERE token_id = $1 AND store_app_id = $2 AND collection_id <> $3 AND ended_at IS NULL`,
    [app.tokenId, app.id, collectionId],
  );
  const usable = app.totalCount - app.retiredCount;
  const left = Math.max(usable - (others?.reserved ?? 0), 0);
  if (count <= left) return;
  throw new AppError(
    "NO_LICENSE_AVAILABLE",
    `Of ${usable} licences ${usable - left} are reserved for other collections: ${left} can be reserved. Buy more, or release some.`,
    { usable, reservedForOthers: others?.reserved ?? 0, reservable: left },
  );
}
