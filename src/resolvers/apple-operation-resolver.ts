import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleOperation, AppleOperationHolder } from "../entities/apple-operation.js";
import { AppleUser } from "../entities/apple-user.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { byOperation } from "../queries/columns.js";
import { appleOperationList } from "../queries/lists/apple-operations.js";
import { operationHolderList } from "../queries/lists/operation-holders.js";
import { AppleOperationConnection, AppleOperationListArgs } from "../schema/lists/apple-operations.js";
import { AppleOperationHolderConnection, AppleOperationHolderListArgs } from "../schema/lists/operation-holders.js";
import type { Context } from "./context.js";

@Resolver(() => AppleOperation)
export class AppleOperationResolver {
  @Allow(Role.VIEWER)
  @Query(() => AppleOperation, { nullable: true, description: "One intended change at Apple." })
  appleOperation(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<AppleOperation> {
    return loaders.byGlobalId(AppleOperation, id);
  }

  @Allow(Role.VIEWER)
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

  @FieldResolver(() => AppleOperationHolderConnection, {
    description: "Its holders, each with what became of it; from its first attempt on as many as Apple takes at once.",
  })
  holders(
    @Root() root: AppleOperation,
    @Ctx() { loaders }: Context,
    @Args(() => AppleOperationHolderListArgs) args: AppleOperationHolderListArgs,
  ) {
    return loaders.related(operationHolderList, byOperation, root, args);
  }
}

@Resolver(() => AppleOperationHolder)
export class AppleOperationHolderResolver {
  @FieldResolver(() => License, { nullable: true, description: "The licence; null when it is about a registration." })
  license(@Root() root: AppleOperationHolder, @Ctx() { loaders }: Context): Promise<License | null> {
    return loaders.find(License, root.tokenId, root.licenseId);
  }

  @FieldResolver(() => AppleUser, {
    nullable: true,
    description: "The registration that is made or ended, or holds the licence; null for a device.",
  })
  appleUser(@Root() root: AppleOperationHolder, @Ctx() { loaders }: Context): Promise<AppleUser | null> {
    return loaders.find(AppleUser, root.tokenId, root.appleUserId);
  }
}
