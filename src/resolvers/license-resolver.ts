import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleOperation } from "../entities/apple-operation.js";
import { AppleUser } from "../entities/apple-user.js";
import { Deployment } from "../entities/deployment.js";
import { Device } from "../entities/device.js";
import { License, LicenseCause } from "../entities/license.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { User } from "../entities/user.js";
import { licenseList } from "../queries/lists/licenses.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import type { Context } from "./context.js";

@Resolver(() => License)
export class LicenseResolver {
  @Allow(Role.VIEWER)
  @Query(() => License, { nullable: true, description: "One holding." })
  license(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<License> {
    return loaders.byGlobalId(License, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => LicenseConnection, { description: "The holdings, past ones too." })
  licenses(@Ctx() { loaders }: Context, @Args(() => LicenseListArgs) args: LicenseListArgs) {
    return loaders.list(licenseList, args);
  }

  @FieldResolver(() => StoreApp, { description: "The app." })
  storeApp(@Root() root: License, @Ctx() { loaders }: Context): Promise<StoreApp> {
    return loaders.require(StoreApp, root.tokenId, root.storeAppId);
  }

  @FieldResolver(() => Device, {
    nullable: true,
    description: "The device that holds it; null when it is not known, or a user holds it.",
  })
  device(@Root() root: License, @Ctx() { loaders }: Context): Promise<Device | null> {
    return loaders.find(Device, root.deviceId);
  }

  @FieldResolver(() => AppleUser, {
    nullable: true,
    description: "The registration that holds it; null when it is not known, or a device holds it.",
  })
  appleUser(@Root() root: License, @Ctx() { loaders }: Context): Promise<AppleUser | null> {
    return loaders.find(AppleUser, root.tokenId, root.appleUserId);
  }

  @FieldResolver(() => User, { nullable: true, description: "The person whose registration holds it, where known." })
  async user(@Root() root: License, @Ctx() { loaders }: Context): Promise<User | null> {
    const appleUser = await loaders.find(AppleUser, root.tokenId, root.appleUserId);
    return appleUser && loaders.find(User, appleUser.userId);
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description: "The deployment that claimed it; null when none did, or it was removed with its token or target.",
  })
  startDeployment(@Root() root: License, @Ctx() { loaders }: Context): Promise<Deployment | null> {
    return loaders.find(Deployment, root.tokenId, root.startDeploymentId);
  }

  @FieldResolver(() => AppleOperation, {
    nullable: true,
    description: "What claimed it at Apple; null when it was found there.",
  })
  startOperation(@Root() root: License, @Ctx() { loaders }: Context): Promise<AppleOperation | null> {
    return loaders.find(AppleOperation, root.tokenId, root.startOperationId);
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description:
      "The deployment that used it last, where it ended for the cause DEPLOYMENT; null while it has not, and where that was removed with its token or target.",
  })
  endDeployment(@Root() root: License, @Ctx() { loaders }: Context): Promise<Deployment | null> {
    const ended = root.endCause === LicenseCause.DEPLOYMENT;
    return loaders.find(Deployment, root.tokenId, ended ? root.lastDeploymentId : null);
  }

  @FieldResolver(() => AppleOperation, {
    nullable: true,
    description:
      "What returns or has returned it at Apple, or was refused; null while nothing does, and where it was gone there.",
  })
  endOperation(@Root() root: License, @Ctx() { loaders }: Context): Promise<AppleOperation | null> {
    return loaders.find(AppleOperation, root.tokenId, root.endOperationId);
  }
}
