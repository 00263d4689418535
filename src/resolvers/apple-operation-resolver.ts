import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { AppleOperation, AppleOperationHolder } from "../entities/apple-operation.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { holdersOfOperation } from "../queries/children.js";
import { appleOperationList } from "../queries/lists/apple-operations.js";
import { AppleOperationConnection, AppleOperationListArgs } from "../schema/lists/apple-operations.js";
import type { Context } from "./context.js";

@Resolver(() => AppleOperation)
export class AppleOperationResolver {
  @Query(() => AppleOperation, { nullable: true, description: "One intended change at Apple." })
  appleOperation(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<AppleOperation> {
    return loaders.byGlobalId(AppleOperation, id);
  }

  @Query(() => AppleOperationConnection, {
    description: "The intended changes at Apple, by token; the newest first if not sorted otherwise.",
  })
  appleOperations(@Ctx() { loaders }: Context, @Args(() => AppleOperationListArgs) args: AppleOperationListArgs) {
    return loaders.list(appleOperationList, args);
  }

  @FieldResolver(() => Token, { description: "The token it is made with." })
  token(@Root() root: AppleOperation, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, root.tokenId);
  }

  @FieldResolver(() => StoreApp, { nullable: true, description: "The app; null when it is about registrations." })
  storeApp(@Root() root: AppleOperation, @Ctx() { loaders }: Context): Promise<StoreApp | null> {
    return loaders.find(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => [AppleOperationHolder], {
    description: "Its holders, each with what became of it: at most as many as Apple takes at once.",
  })
  holders(@Root() root: AppleOperation, @Ctx() { loaders }: Context): Promise<AppleOperationHolder[]> {
    return loaders.children(holdersOfOperation, root);
  }
}
