import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { AppleUser } from "../entities/apple-user.js";
import { Role } from "../entities/role.js";
import { Token } from "../entities/token.js";
import { User } from "../entities/user.js";
import { byAppleUser } from "../queries/columns.js";
import { appleUserList } from "../queries/lists/apple-users.js";
import { licenseList } from "../queries/lists/licenses.js";
import { AppleUserConnection, AppleUserListArgs } from "../schema/lists/apple-users.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import type { Context } from "./context.js";

@Resolver(() => AppleUser)
export class AppleUserResolver {
  @Allow(Role.VIEWER)
  @Query(() => AppleUser, { nullable: true, description: "One registration with Apple." })
  appleUser(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<AppleUser> {
    return loaders.byGlobalId(AppleUser, id);
  }

  @Allow(Role.VIEWER)
  @Query(() => AppleUserConnection, {
    description: "People's registrations with Apple, past ones too, and those of people whom only Apple knows.",
  })
  appleUsers(@Ctx() { loaders }: Context, @Args(() => AppleUserListArgs) args: AppleUserListArgs) {
    return loaders.list(appleUserList, args);
  }

  @FieldResolver(() => Token, { description: "The token it is registered with." })
  token(@Root() root: AppleUser, @Ctx() { loaders }: Context): Promise<Token> {
    return loaders.require(Token, root.tokenId);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "The person; null when Apple tells of somebody who is not known here.",
  })
  user(@Root() root: AppleUser, @Ctx() { loaders }: Context): Promise<User | null> {
    return loaders.find(User, root.userId);
  }

  @FieldResolver(() => LicenseConnection, { description: "What it holds and held." })
  licenses(@Root() root: AppleUser, @Ctx() { loaders }: Context, @Args(() => LicenseListArgs) args: LicenseListArgs) {
    return loaders.related(licenseList, byAppleUser, root, args);
  }
}
