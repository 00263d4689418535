import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { AppleUser } from "../entities/apple-user.js";
import { Token } from "../entities/token.js";
import { User } from "../entities/user.js";
import { byAppleUser } from "../queries/columns.js";
import { licenseList } from "../queries/lists/licenses.js";
import { LicenseConnection, LicenseListArgs } from "../schema/lists/licenses.js";
import type { Context } from "./context.js";

@Resolver(() => AppleUser)
export class AppleUserResolver {
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
