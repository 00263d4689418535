import { Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StockChange } from "../entities/stock-change.js";
import { StoreApp } from "../entities/store-app.js";
import { stockChangeList } from "../queries/lists/stock-changes.js";
import { StockChangeConnection, StockChangeListArgs } from "../schema/lists/stock-changes.js";
import type { Context } from "./context.js";

@Resolver(() => StockChange)
export class StockChangeResolver {
  @Allow(Role.VIEWER)
  @Query(() => StockChangeConnection, {
    description:
      "Purchases, refunds and transfers, as far as they change how many licences are owned; the newest first.",
  })
  stockChanges(@Ctx() { loaders }: Context, @Args(() => StockChangeListArgs) args: StockChangeListArgs) {
    return loaders.list(stockChangeList, args);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: StockChange, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }
}
