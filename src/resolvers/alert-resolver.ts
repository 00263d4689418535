import { Args, Ctx, Query, Resolver } from "type-graphql";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { alertList } from "../queries/lists/alerts.js";
import { AlertConnection, AlertListArgs } from "../schema/lists/alerts.js";
import type { Context } from "./context.js";

@Resolver()
export class AlertResolver {
  @Allow(Role.VIEWER)
  @Query(() => AlertConnection, {
    description: "What an admin should know of; the newest first if not sorted otherwise.",
  })
  alerts(@Ctx() { loaders }: Context, @Args(() => AlertListArgs) args: AlertListArgs) {
    return loaders.list(alertList, args);
  }
}
