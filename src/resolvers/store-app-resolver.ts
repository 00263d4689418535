import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { byStoreApp } from "../queries/columns.js";
import { applicationList } from "../queries/lists/applications.js";
import { deploymentList } from "../queries/lists/deployments.js";
import { licenseList } from "../queries/lists/licenses.js";
import { storeAppList } from "../queries/lists/store-apps.js";
import { ApplicationConnection, ApplicationListArgs } from "../schema/lists/applications.js";
import { DeploymentConnection, DeploymentListArgs } from "../schema/lists/deployments.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import { StoreAppConnection, StoreAppListArgs } from "../schema/lists/store-apps.js";
import type { Context } from "./context.js";

@Resolver(() => StoreApp)
export class StoreAppResolver {
  @Query(() => StoreApp, { nullable: true, description: "One app or book." })
  storeApp(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<StoreApp> {
    return loaders.byGlobalId(StoreApp, id);
  }

  @Query(() => StoreAppConnection, {
    description: "The apps and books that were bought, by name if not sorted otherwise.",
  })
  storeApps(@Ctx() { loaders }: Context, @Args(() => StoreAppListArgs) args: StoreAppListArgs) {
    return loaders.list(storeAppList, args);
  }

  @FieldResolver(() => Token, { description: "The token that owns it." })
  token(@Root() root: StoreApp, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, root.tokenId);
  }

  @FieldResolver(() => LicenseConnection, { description: "Its holdings, past ones too." })
  licenses(@Root() root: StoreApp, @Ctx() { loaders }: Context, @Args(() => LicenseListArgs) args: LicenseListArgs) {
    return loaders.related(licenseList, byStoreApp, root, args);
  }

  @FieldResolver(() => DeploymentConnection, { description: "Its deployments." })
  deployments(
    @Root() root: StoreApp,
    @Ctx() { loaders }: Context,
    @Args(() => DeploymentListArgs) args: DeploymentListArgs,
  ) {
    return loaders.related(deploymentList, byStoreApp, root, args);
  }

  @FieldResolver(() => ApplicationConnection, { description: "Its objects at targets." })
  applications(
    @Root() root: StoreApp,
    @Ctx() { loaders }: Context,
    @Args(() => ApplicationListArgs) args: ApplicationListArgs,
  ) {
    return loaders.related(applicationList, byStoreApp, root, args);
  }
}
