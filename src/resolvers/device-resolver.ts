import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Device } from "../entities/device.js";
import { Role } from "../entities/role.js";
import { User } from "../entities/user.js";
import { byDevice } from "../queries/columns.js";
import { deviceList } from "../queries/lists/devices.js";
import { installationList } from "../queries/lists/installations.js";
import { licenseList } from "../queries/lists/licenses.js";
import { DeviceConnection, DeviceListArgs } from "../schema/lists/devices.js";
import { InstallationConnection, InstallationListArgs } from "../schema/lists/installations.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import type { Context } from "./context.js";

@Resolver(() => Device)
export class DeviceResolver {
  @Allow(Role.VIEWER)
  @Query(() => Device, { nullable: true, description: "One device." })
  device(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<Device> {
    return loaders.byGlobalId(Device, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => DeviceConnection, { description: "The devices that targets know." })
  devices(@Ctx() { loaders }: Context, @Args(() => DeviceListArgs) args: DeviceListArgs) {
    return loaders.list(deviceList, args);
  }

  @FieldResolver(() => User, { nullable: true, description: "Its user; null for one without." })
  user(@Root() root: Device, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.find(User, root.userId);
  }

  @FieldResolver(() => LicenseConnection, {
    description: "What it holds and held itself; licences of its user are not among them.",
  })
  licenses(@Root() root: Device, @Ctx() { loaders }: Context, @Args(() => LicenseListArgs) args: LicenseListArgs) {
    return loaders.related(licenseList, byDevice, root, args);
  }

  @FieldResolver(() => InstallationConnection, { description: "What is or was to be on it." })
  installations(
    @Root() root: Device,
    @Ctx() { loaders }: Context,
    @Args(() => InstallationListArgs) args: InstallationListArgs,
  ) {
    return loaders.related(installationList, byDevice, root, args);
  }
}
