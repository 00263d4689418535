import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { AppleUser } from "../entities/apple-user.js";
import { Device } from "../entities/device.js";
import { License } from "../entities/license.js";
import { StoreApp } from "../entities/store-app.js";
import { User } from "../entities/user.js";
import { licenseEventList } from "../queries/lists/license-events.js";
import { licenseList } from "../queries/lists/licenses.js";
import { LicenseEventConnection, LicenseEventListArgs } from "../schema/lists/license-events.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import type { Context } from "./context.js";

@Resolver(() => License)
export class LicenseResolver {
  @Query(() => License, { nullable: true, description: "One holding." })
  license(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<License> {
    return loaders.byGlobalId(License, id);
  }

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

  @Query(() => LicenseEventConnection, {
    description: "Starts and ends of holdings, with cause and actor; the newest first.",
  })
  licenseEvents(@Ctx() { loaders }: Context, @Args(() => LicenseEventListArgs) args: LicenseEventListArgs) {
    return loaders.list(licenseEventList, args);
  }
}
