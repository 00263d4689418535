import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleUser } from "../entities/apple-user.js";
import { Role } from "../entities/role.js";
import { User } from "../entities/user.js";
import { appleUsersOfUser } from "../queries/children.js";
import { byUser } from "../queries/columns.js";
import { deviceList } from "../queries/lists/devices.js";
import { userList } from "../queries/lists/users.js";
import { DeviceConnection, DeviceListArgs } from "../schema/lists/devices.js";
import { UserConnection, UserListArgs } from "../schema/lists/users.js";
import type { Context } from "./context.js";

@Resolver(() => User)
export class UserResolver {
  @Allow(Role.VIEWER)
  @Query(() => User, { nullable: true, description: "One person." })
  user(@Ctx() { loaders }: Context, @Arg("id", () => ID, { description: "Its id." }) id: string): Promise<User> {
    return loaders.byGlobalId(User, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => UserConnection, { description: "The people that targets know." })
  users(@Ctx() { loaders }: Context, @Args(() => UserListArgs) args: UserListArgs) {
    return loaders.list(userList, args);
  }

  @FieldResolver(() => DeviceConnection, { description: "The devices this person is the user of." })
  devices(@Root() root: User, @Ctx() { loaders }: Context, @Args(() => DeviceListArgs) args: DeviceListArgs) {
    return loaders.related(deviceList, byUser, root, args);
  }

  @FieldResolver(() => [AppleUser], { description: "The person's registrations with Apple, one or more a token." })
  appleUsers(@Root() root: User, @Ctx() { loaders }: Context): Promise<AppleUser[]> {
    return loaders.children(appleUsersOfUser, root);
  }
}
