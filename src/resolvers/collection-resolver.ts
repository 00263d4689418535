import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Device } from "../entities/device.js";
import { Role } from "../entities/role.js";
import { Target } from "../entities/target.js";
import { User } from "../entities/user.js";
import { byCollection } from "../queries/columns.js";
import { collectionMemberList } from "../queries/lists/collection-members.js";
import { collectionList } from "../queries/lists/collections.js";
import { reservationList } from "../queries/lists/reservations.js";
import { CollectionMemberConnection } from "../schema/collection-member.js";
import { PageArgs } from "../schema/list-args.js";
import { CollectionConnection, CollectionListArgs } from "../schema/lists/collections.js";
import { ReservationConnection, ReservationListArgs } from "../schema/lists/reservations.js";
import type { Context } from "./context.js";
import { seenTeams } from "./seen-teams.js";

@Resolver(() => Collection)
export class CollectionResolver {
  @Allow(Role.VIEWER)
  @Query(() => Collection, { nullable: true, description: "One collection." })
  collection(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Collection> {
    return loaders.byGlobalId(Collection, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => CollectionConnection, { description: "The collections." })
  collections(@Ctx() { loaders }: Context, @Args(() => CollectionListArgs) args: CollectionListArgs) {
    return loaders.list(collectionList, args);
  }

  @FieldResolver(() => [String], {
    description: "The teams that it is of, as far as they are yours.",
  })
  teams(@Root() root: Collection, @Ctx() context: Context): string[] {
    return seenTeams(root.teams, context);
  }

  @FieldResolver(() => Target, {
    nullable: true,
    description: "The target that owns it; null when it is kept by hand here.",
  })
  target(@Root() root: Collection, @Ctx() { loaders }: Context): Promise<Target | null> {
    return loaders.find(Target, root.targetId);
  }

  @FieldResolver(() => CollectionMemberConnection, { description: "Its users or devices." })
  members(@Root() root: Collection, @Ctx() { loaders }: Context, @Args(() => PageArgs) args: PageArgs) {
    return loaders
      .related(collectionMemberList, byCollection, root, args)
      .map(({ userId, deviceId }) => (userId === null ? loaders.find(Device, deviceId) : loaders.find(User, userId)));
  }

  @FieldResolver(() => Int, { description: "How many members it has." })
  memberCount(@Root() root: Collection, @Ctx() { loaders }: Context): Promise<number> {
    return loaders.related(collectionMemberList, byCollection, root).totalCount;
  }

  @FieldResolver(() => ReservationConnection, { description: "What is reserved for it." })
  reservations(
    @Root() root: Collection,
    @Ctx() { loaders }: Context,
    @Args(() => ReservationListArgs) args: ReservationListArgs,
  ) {
    return loaders.related(reservationList, byCollection, root, args);
  }
}
