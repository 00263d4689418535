import type { EntityManager } from "typeorm";
import { Reservation } from "../../entities/reservation.js";
import { AppError } from "../../errors.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";

/**
 * Ends a reservation before its time: what it kept is free for all, and the queue moves. What the collection uses stays.
 * @throws AppError NOT_FOUND; CONFLICT when it has ended already.
 */
export async function releaseReservation(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  actor: string,
): Promise<void> {
  const reservation = await tx.findOne(Reservation, { where: { ...key }, lock: { mode: "pessimistic_write" } });
  if (!reservation)
    throw new AppError("NOT_FOUND", "There is no such reservation. Use an id that `reservations` returned.");
  const now = core.clock.now();
  if (reservation.endedAt !== null || reservation.until <= now) {
    throw new AppError("CONFLICT", "The reservation has ended already: it keeps nothing any more.", {
      endedAt: (reservation.endedAt ?? reservation.until).toISOString(),
    });
  }
  await tx.save(Object.assign(reservation, { endedAt: now, releasedBy: actor }));
  await addJob(tx, "license-installations", { tokenId: key.tokenId });
}
