import { Args, Ctx, Query, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { apiKeyList } from "../queries/lists/api-keys.js";
import { ApiKeyConnection, ApiKeyListArgs } from "../schema/lists/api-keys.js";
import type { Context } from "./context.js";

@Resolver()
export class ApiKeyResolver {
  @Allow(Role.ADMIN, { allTeams: true })
  @Query(() => ApiKeyConnection, {
    description: "The keys that open this API, revoked ones too; the newest first. Takes the role ADMIN.",
  })
  apiKeys(@Ctx() { loaders }: Context, @Args(() => ApiKeyListArgs) args: ApiKeyListArgs) {
    return loaders.list(apiKeyList, args);
  }
}
