import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Collection } from "../entities/collection.js";
import { Deployment } from "../entities/deployment.js";
import { DeploymentPlan } from "../entities/deployment-plan.js";
import { DeploymentPlanMember } from "../entities/deployment-plan-member.js";
import { Device } from "../entities/device.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Target } from "../entities/target.js";
import { User } from "../entities/user.js";
import { byPlan } from "../queries/columns.js";
import { deploymentPlanMemberList } from "../queries/lists/deployment-plan-members.js";
import { DeploymentPlanMemberArgs, DeploymentPlanMemberConnection } from "../schema/lists/deployment-plan-members.js";
import type { Context } from "./context.js";

@Resolver(() => DeploymentPlan)
export class DeploymentPlanResolver {
  @Allow(Role.VIEWER)
  @Query(() => DeploymentPlan, { nullable: true, description: "One plan of a deployment." })
  deploymentPlan(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<DeploymentPlan> {
    return loaders.byGlobalId(DeploymentPlan, id);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: DeploymentPlan, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Collection, { description: "To whom." })
  collection(@Root() root: DeploymentPlan, @Ctx() { loaders }: Context): Promise<Collection> {
    return loaders.require(Collection, root.collectionId);
  }

  @FieldResolver(() => Target, { description: "Through which MDM." })
  target(@Root() root: DeploymentPlan, @Ctx() { loaders }: Context): Promise<Target> {
    return loaders.require(Target, root.targetId);
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description: "The deployment that was made of it; null while none was.",
  })
  deployment(@Root() root: DeploymentPlan, @Ctx() { loaders }: Context): Promise<Deployment | null> {
    return loaders.find(Deployment, root.tokenId, root.deploymentId);
  }

  @FieldResolver(() => DeploymentPlanMemberConnection, {
    description: "What it would mean, member by member: who is licensed first comes first.",
  })
  members(
    @Root() root: DeploymentPlan,
    @Ctx() { loaders }: Context,
    @Args(() => DeploymentPlanMemberArgs) args: DeploymentPlanMemberArgs,
  ) {
    return loaders.related(deploymentPlanMemberList, byPlan, root, args);
  }
}

@Resolver(() => DeploymentPlanMember)
export class DeploymentPlanMemberResolver {
  @FieldResolver(() => Device, { nullable: true, description: "The device; null for a person who has none." })
  device(@Root() root: DeploymentPlanMember, @Ctx() { loaders }: Context): Promise<Device | null> {
    return loaders.find(Device, root.deviceId);
  }

  @FieldResolver(() => User, { nullable: true, description: "The person: the member, or the device's user." })
  user(@Root() root: DeploymentPlanMember, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.find(User, root.userId);
  }

  @FieldResolver(() => License, {
    name: "license",
    nullable: true,
    description: "The licence that it joins or gives up; null when of none that there is yet.",
  })
  heldLicense(@Root() root: DeploymentPlanMember, @Ctx() { loaders }: Context): Promise<License | null> {
    return loaders.find(License, root.tokenId, root.licenseId);
  }
}
