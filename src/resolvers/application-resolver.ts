import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Application } from "../entities/application.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Target } from "../entities/target.js";
import { applicationList } from "../queries/lists/applications.js";
import { ApplicationConnection, ApplicationListArgs } from "../schema/lists/applications.js";
import type { Context } from "./context.js";

@Resolver(() => Application)
export class ApplicationResolver {
  @Allow(Role.VIEWER)
  @Query(() => Application, { nullable: true, description: "One application." })
  application(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Application> {
    return loaders.byGlobalId(Application, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => ApplicationConnection, { description: "The store apps' objects at targets." })
  applications(@Ctx() { loaders }: Context, @Args(() => ApplicationListArgs) args: ApplicationListArgs) {
    return loaders.list(applicationList, args);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: Application, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Target, { description: "Where it is." })
  target(@Root() root: Application, @Ctx() { loaders }: Context): Promise<Target> {
    return loaders.require(Target, root.targetId);
  }
}
