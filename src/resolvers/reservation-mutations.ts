import { Ctx, Mutation, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Reservation } from "../entities/reservation.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { requireId, requireTokenScopedKey } from "../queries/node-key.js";
import { Input } from "../schema/mutations/mutation-input.js";
import {
  ReleaseReservationInput,
  ReleaseReservationPayload,
  ReserveLicensesInput,
  ReserveLicensesPayload,
} from "../schema/mutations/reservation-mutations.js";
import { releaseReservation } from "../sync/deployments/release-reservation.js";
import { reserveLicenses } from "../sync/deployments/reserve-licenses.js";
import { change } from "./change.js";
import type { Context } from "./context.js";

@Resolver()
export class ReservationMutations {
  @Allow(Role.OPERATOR)
  @Mutation(() => ReserveLicensesPayload, {
    description:
      "Keeps licences of an app for a collection: deployments to others get none of them until it ends. NO_LICENSE_AVAILABLE for more than are left to be reserved, PRECONDITION_FAILED for books, unlimited apps and tokens that an MDM owns.",
  })
  async reserveLicenses(
    @Ctx() context: Context,
    @Input(() => ReserveLicensesInput) input: ReserveLicensesInput,
  ): Promise<ReserveLicensesPayload> {
    const { count, until } = input;
    const { tokenId, id } = await change(context, "reserveLicenses", input, {
      commit: async (tx) => {
        const storeApp = requireTokenScopedKey(StoreApp, input.storeApp);
        const collectionId = requireId(Collection, input.collection);
        const id = await reserveLicenses(tx, context.core, { storeApp, collectionId, count, until }, context.actor);
        return { tokenId: storeApp.tokenId, id };
      },
    });
    return { reservation: await context.loaders.require(Reservation, tokenId, id) };
  }

  @Allow(Role.OPERATOR)
  @Mutation(() => ReleaseReservationPayload, {
    description: "Ends a reservation before its time: what it kept is free for all.",
  })
  async releaseReservation(
    @Ctx() context: Context,
    @Input(() => ReleaseReservationInput) input: ReleaseReservationInput,
  ): Promise<ReleaseReservationPayload> {
    const { tokenId, id } = await change(context, "releaseReservation", input, {
      commit: async (tx) => {
        const key = requireTokenScopedKey(Reservation, input.reservation);
        await releaseReservation(tx, context.core, key, context.actor);
        return key;
      },
    });
    return { reservation: await context.loaders.require(Reservation, tokenId, id) };
  }
}
