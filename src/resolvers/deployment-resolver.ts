import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Application } from "../entities/application.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Target } from "../entities/target.js";
import { byDeployment } from "../queries/columns.js";
import { deploymentList } from "../queries/lists/deployments.js";
import { installationList } from "../queries/lists/installations.js";
import { InstallationCount } from "../schema/installation-count.js";
import { DeploymentConnection, DeploymentListArgs } from "../schema/lists/deployments.js";
import { InstallationConnection, InstallationListArgs } from "../schema/lists/installations.js";
import type { Context } from "./context.js";

@Resolver(() => Deployment)
export class DeploymentResolver {
  @Allow(Role.VIEWER)
  @Query(() => Deployment, { nullable: true, description: "One deployment." })
  deployment(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Deployment> {
    return loaders.byGlobalId(Deployment, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => DeploymentConnection, { description: "The deployments." })
  deployments(@Ctx() { loaders }: Context, @Args(() => DeploymentListArgs) args: DeploymentListArgs) {
    return loaders.list(deploymentList, args);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: Deployment, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Application, { description: "The app's object at the target." })
  application(@Root() root: Deployment, @Ctx() { loaders }: Context): Promise<Application> {
    return loaders.require(Application, root.tokenId, root.applicationId);
  }

  @FieldResolver(() => Collection, {
    nullable: true,
    description: "To whom; null only where the collection of a deleted deployment was deleted, too.",
  })
  collection(@Root() root: Deployment, @Ctx() { loaders }: Context): Promise<Collection | null> {
    return loaders.find(Collection, root.collectionId);
  }

  @FieldResolver(() => Target, { description: "Through which MDM." })
  target(@Root() root: Deployment, @Ctx() { loaders }: Context): Promise<Target> {
    return loaders.require(Target, root.targetId);
  }

  @FieldResolver(() => InstallationConnection, { description: "What became of it, device by device." })
  installations(
    @Root() root: Deployment,
    @Ctx() { loaders }: Context,
    @Args(() => InstallationListArgs) args: InstallationListArgs,
  ) {
    return loaders.related(installationList, byDeployment, root, args);
  }

  @FieldResolver(() => [InstallationCount], {
    description: "How many installations are in which state; states without any are left out.",
  })
  installationCounts(@Root() root: Deployment, @Ctx() { loaders }: Context): Promise<InstallationCount[]> {
    return loaders.installationCounts(root);
  }
}
