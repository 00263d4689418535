import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { Target } from "../entities/target.js";
import { Token } from "../entities/token.js";
import { byToken } from "../queries/columns.js";
import { storeAppList } from "../queries/lists/store-apps.js";
import { syncRunList } from "../queries/lists/sync-runs.js";
import { tokenList } from "../queries/lists/tokens.js";
import { StoreAppConnection, StoreAppListArgs } from "../schema/lists/store-apps.js";
import { SyncRunConnection, SyncRunListArgs } from "../schema/lists/sync-runs.js";
import { TokenConnection, TokenListArgs } from "../schema/lists/tokens.js";
import { nextSyncAt } from "../sync/tokens/next-sync-at.js";
import type { Context } from "./context.js";
import { seenTeams } from "./seen-teams.js";

@Resolver(() => Token)
export class TokenResolver {
  @Allow(Role.VIEWER)
  @Query(() => Token, { nullable: true, description: "One token." })
  token(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<Token> {
    return loaders.byGlobalId(Token, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => TokenConnection, { description: "The content tokens." })
  tokens(@Ctx() { loaders }: Context, @Args(() => TokenListArgs) args: TokenListArgs) {
    return loaders.list(tokenList, args);
  }

  @FieldResolver(() => [String], {
    description: "The teams that it is of, as far as they are yours.",
  })
  teams(@Root() root: Token, @Ctx() context: Context): string[] {
    return seenTeams(root.teams, context);
  }

  @FieldResolver(() => StoreAppConnection, {
    description: "The apps it owns. Its books are listed apart: `filter: { productType: BOOK }`.",
  })
  storeApps(@Root() root: Token, @Ctx() { loaders }: Context, @Args(() => StoreAppListArgs) args: StoreAppListArgs) {
    return loaders.related(storeAppList, byToken, root, args);
  }

  @FieldResolver(() => SyncRunConnection, {
    description: "Its synchronisations; the newest first if not sorted otherwise.",
  })
  syncRuns(@Root() root: Token, @Ctx() { loaders }: Context, @Args(() => SyncRunListArgs) args: SyncRunListArgs) {
    return loaders.related(syncRunList, byToken, root, args);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: "When Apple last notified us of its changes; null when it never has, and we only ask.",
  })
  notificationsAt(@Root() root: Token, @Ctx() { loaders }: Context): Promise<Date | null> {
    return loaders.notificationsAt(root);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      "When the schedule next reads it; null while it is paused, being removed, or not read until it works again. A notification or syncToken may come first.",
  })
  async nextSyncAt(@Root() root: Token, @Ctx() { core, loaders }: Context): Promise<Date | null> {
    return nextSyncAt(core, root, await loaders.lastSyncSlot());
  }

  @FieldResolver(() => Target, { nullable: true, description: "The MDM that owns it; null with authority SERVICE." })
  target(@Root() root: Token, @Ctx() { loaders }: Context): Promise<Target | null> {
    return loaders.find(Target, root.targetId);
  }
}
