import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { byStoreApp } from "../queries/columns.js";
import { applicationList } from "../queries/lists/applications.js";
import { deploymentList } from "../queries/lists/deployments.js";
import { licenseList } from "../queries/lists/licenses.js";
import { reservationList } from "../queries/lists/reservations.js";
import { stockChangeList } from "../queries/lists/stock-changes.js";
import { storeAppList } from "../queries/lists/store-apps.js";
import { ApplicationConnection, ApplicationListArgs } from "../schema/lists/applications.js";
import { DeploymentConnection, DeploymentListArgs } from "../schema/lists/deployments.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import { ReservationConnection, ReservationListArgs } from "../schema/lists/reservations.js";
import { StockChangeConnection, StockChangeListArgs } from "../schema/lists/stock-changes.js";
import { StoreAppConnection, StoreAppListArgs } from "../schema/lists/store-apps.js";
import type { Context } from "./context.js";

@Resolver(() => StoreApp)
export class StoreAppResolver {
  @Allow(Role.VIEWER)
  @Query(() => StoreApp, { nullable: true, description: "One app or book." })
  storeApp(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<StoreApp> {
    return loaders.byGlobalId(StoreApp, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => StoreAppConnection, {
    description:
      "The apps that were bought, by name if not sorted otherwise. Books are listed apart: `filter: { productType: BOOK }`.",
  })
  storeApps(@Ctx() { loaders }: Context, @Args(() => StoreAppListArgs) args: StoreAppListArgs) {
    return loaders.list(storeAppList, args);
  }

  @FieldResolver(() => Token, { description: "The token that owns it." })
  token(@Root() root: StoreApp, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, root.tokenId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "What is the matter with its counts, and what to do: Apple's differ from the holdings even after a second look. Null when nothing is.",
  })
  warning(@Root() root: StoreApp, @Ctx() { loaders }: Context): Promise<string | null> {
    return loaders.warning(root);
  }

  @FieldResolver(() => StockChangeConnection, {
    description: "How the number of its licences changed, the newest change first.",
  })
  stockChanges(
    @Root() root: StoreApp,
    @Ctx() { loaders }: Context,
    @Args(() => StockChangeListArgs) args: StockChangeListArgs,
  ) {
    return loaders.related(stockChangeList, byStoreApp, root, args);
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

  @FieldResolver(() => Int, { description: "Installations that wait for a licence." })
  waiting(@Root() root: StoreApp, @Ctx() { loaders }: Context): Promise<number> {
    return loaders.waiting(root);
  }

  @FieldResolver(() => Int, {
    description:
      "Licences that reservations keep for their collections and these do not use yet. Deployments to other collections get what is free beyond that.",
  })
  async reservedCount(@Root() root: StoreApp, @Ctx() { core, loaders }: Context): Promise<number> {
    const quotas = await loaders.quotas([root.tokenId, root.id], core.clock.now());
    return quotas.reduce((sum, { unfilled }) => sum + unfilled, 0);
  }

  @FieldResolver(() => ReservationConnection, { description: "For whom its licences are reserved." })
  reservations(
    @Root() root: StoreApp,
    @Ctx() { loaders }: Context,
    @Args(() => ReservationListArgs) args: ReservationListArgs,
  ) {
    return loaders.related(reservationList, byStoreApp, root, args);
  }
}
