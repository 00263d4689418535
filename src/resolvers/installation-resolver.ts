import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { apnsFinding } from "../entities/apns-finding.js";
import { AppleUserStatus } from "../entities/apple-user.js";
import { Deployment } from "../entities/deployment.js";
import { Device } from "../entities/device.js";
import { AWAITS_TARGET, Installation, InstallationReason } from "../entities/installation.js";
import { License } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Target, TargetFinding } from "../entities/target.js";
import { User } from "../entities/user.js";
import { appleUsersOfUser } from "../queries/children.js";
import { installationList } from "../queries/lists/installations.js";
import { InstallationConnection, InstallationListArgs } from "../schema/lists/installations.js";
import { QueuePlace } from "../schema/queue-place.js";
import { appEndsBy } from "../sync/deployments/reclaim-notice.js";
import type { Context } from "./context.js";

@Resolver(() => Installation)
export class InstallationResolver {
  @Allow(Role.VIEWER)
  @Query(() => Installation, { nullable: true, description: "One installation." })
  installation(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Installation> {
    return loaders.byGlobalId(Installation, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => InstallationConnection, { description: "What became of deployments, device by device." })
  installations(@Ctx() { loaders }: Context, @Args(() => InstallationListArgs) args: InstallationListArgs) {
    return loaders.list(installationList, args);
  }

  @FieldResolver(() => Deployment, { description: "The deployment it is part of." })
  deployment(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<Deployment> {
    return loaders.require(Deployment, root.tokenId, root.deploymentId);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Target, { description: "Through which MDM." })
  target(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<Target> {
    return loaders.require(Target, root.targetId);
  }

  @FieldResolver(() => Device, { nullable: true, description: "The device; null when the member has none." })
  device(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<Device | null> {
    return loaders.find(Device, root.deviceId);
  }

  @FieldResolver(() => User, { nullable: true, description: "The member, or the device's user when it was planned." })
  user(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.find(User, root.userId);
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description:
      "The deployment whose install wins over this uninstall (reason KEPT_BY_INSTALL); null where none does.",
  })
  keptBy(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<Deployment | null> {
    return loaders.keptBy(root);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      "Until when at the latest the app works on the device after its licence was taken back, by Allotment (RECLAIMED) or by somebody else at Apple after its member had left (LICENSE_LOST, REMOVED): 30 days from `stateAt`, which moves on once more when Apple has taken a licence that is RETURNING.",
  })
  appEndsBy(@Root() root: Installation, @Ctx() { core }: Context): Date | null {
    return appEndsBy(root, core.clock);
  }

  @Allow(Role.OPERATOR)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Where the person accepts Apple's invitation, while the app waits for that (INVITATION_OPEN); otherwise null. Takes the role OPERATOR, as `AppleUser.invitationUrl` does.",
  })
  async invitationUrl(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<string | null> {
    if (root.reason !== InstallationReason.INVITATION_OPEN) return null;
    const user = await loaders.find(User, root.userId);
    const registrations = user ? await loaders.children(appleUsersOfUser, user) : [];
    const open = registrations.find(
      ({ tokenId, status }) => tokenId === root.tokenId && status === AppleUserStatus.REGISTERED,
    );
    return open?.invitationUrl ?? null;
  }

  @FieldResolver(() => TargetFinding, {
    nullable: true,
    description:
      "Why its target cannot act now, while it waits for that: no valid APNs certificate, so no device hears anything; otherwise null.",
  })
  async targetFinding(@Root() root: Installation, @Ctx() { core, loaders }: Context): Promise<TargetFinding | null> {
    if (!AWAITS_TARGET.includes(root.state)) return null;
    const finding = apnsFinding(await loaders.require(Target, root.targetId), core.clock.now());
    return finding?.severity === "error" ? finding : null;
  }

  @FieldResolver(() => License, { nullable: true, description: "The holding it uses; null while it uses none." })
  license(@Root() root: Installation, @Ctx() { loaders }: Context): Promise<License | null> {
    return loaders.find(License, root.tokenId, root.licenseId);
  }

  @FieldResolver(() => QueuePlace, {
    nullable: true,
    description: "Its place among those who wait for a licence of the app; null unless stock is what it waits for.",
  })
  async queue(@Root() root: Installation, @Ctx() { core, loaders }: Context): Promise<QueuePlace | null> {
    const place = await loaders.queuePlace(root, core.clock.now());
    return place && new QueuePlace(root.tokenId, place);
  }
}
