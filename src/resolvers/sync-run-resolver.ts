import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { SyncRun } from "../entities/sync-run.js";
import { Token } from "../entities/token.js";
import { syncRunList } from "../queries/lists/sync-runs.js";
import { SyncRunConnection, SyncRunListArgs } from "../schema/lists/sync-runs.js";
import type { Context } from "./context.js";

@Resolver(() => SyncRun)
export class SyncRunResolver {
  @Allow(Role.VIEWER)
  @Query(() => SyncRun, { nullable: true, description: "One synchronisation." })
  syncRun(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<SyncRun> {
    return loaders.byGlobalId(SyncRun, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => SyncRunConnection, {
    description: "The synchronisations, by token; the newest first if not sorted otherwise.",
  })
  syncRuns(@Ctx() { loaders }: Context, @Args(() => SyncRunListArgs) args: SyncRunListArgs) {
    return loaders.list(syncRunList, args);
  }

  @FieldResolver(() => Token, { description: "The token." })
  token(@Root() root: SyncRun, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, root.tokenId);
  }
}
