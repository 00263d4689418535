import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Reservation } from "../entities/reservation.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { reservationList } from "../queries/lists/reservations.js";
import type { Quota } from "../queries/quotas.js";
import { ReservationConnection, ReservationListArgs } from "../schema/lists/reservations.js";
import { QueuePlace } from "../schema/queue-place.js";
import type { Context } from "./context.js";

@Resolver(() => Reservation)
export class ReservationResolver {
  @Allow(Role.VIEWER)
  @Query(() => Reservation, { nullable: true, description: "One reservation." })
  reservation(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Reservation> {
    return loaders.byGlobalId(Reservation, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => ReservationConnection, {
    description: "The reservations that keep licences; those that have ended with `filter: { alive: false }`.",
  })
  reservations(@Ctx() { loaders }: Context, @Args(() => ReservationListArgs) args: ReservationListArgs) {
    return loaders.list(reservationList, args);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: Reservation, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Collection, { description: "For whom." })
  collection(@Root() root: Reservation, @Ctx() { loaders }: Context): Promise<Collection> {
    return loaders.require(Collection, root.collectionId);
  }

  @FieldResolver(() => Int, {
    description:
      "Licences that fill it: those that installations of deployments of the app to the collection use. One that serves several collections fills the oldest reservation among theirs. 0 when it has ended.",
  })
  async usedCount(@Root() root: Reservation, @Ctx() context: Context): Promise<number> {
    return (await quotaOf(root, context))?.used ?? 0;
  }

  @FieldResolver(() => Int, {
    description: "Licences that it keeps from others: `count` less `usedCount`, never below 0. 0 when it has ended.",
  })
  async unfilledCount(@Root() root: Reservation, @Ctx() context: Context): Promise<number> {
    return (await quotaOf(root, context))?.unfilled ?? 0;
  }
}

@Resolver(() => QueuePlace)
export class QueuePlaceResolver {
  @FieldResolver(() => Reservation, {
    nullable: true,
    description: "The reservation that keeps licences for it; null in the lane COMMON.",
  })
  reservation(@Root() { tokenId, place }: QueuePlace, @Ctx() { loaders }: Context): Promise<Reservation | null> {
    return loaders.find(Reservation, tokenId, place.reservationId);
  }
}

async function quotaOf(
  { tokenId, storeAppId, id }: Reservation,
  { core, loaders }: Context,
): Promise<Quota | undefined> {
  const quotas = await loaders.quotas([tokenId, storeAppId], core.clock.now());
  return quotas.find(({ reservationId }) => reservationId === id);
}
