import { Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { AlertRule } from "../entities/alert-rule.js";
import { Allow } from "../entities/allow.js";
import { Role } from "../entities/role.js";
import { StoreApp } from "../entities/store-app.js";
import { Token } from "../entities/token.js";
import { alertRuleList } from "../queries/lists/alert-rules.js";
import { AlertRuleConnection, AlertRuleListArgs } from "../schema/lists/alert-rules.js";
import type { Context } from "./context.js";

@Resolver(() => AlertRule)
export class AlertRuleResolver {
  @Allow(Role.VIEWER)
  @Query(() => AlertRuleConnection, {
    description:
      "When alerts are raised. A new installation has rules of the kinds SYNC_FAILED and OPERATION_STUCK, and none of LOW_STOCK.",
  })
  alertRules(@Ctx() { loaders }: Context, @Args(() => AlertRuleListArgs) args: AlertRuleListArgs) {
    return loaders.list(alertRuleList, args);
  }

  @FieldResolver(() => Token, {
    nullable: true,
    description: "The token that it is for, or whose app; null for all.",
  })
  token(@Root() root: AlertRule, @Ctx() { loaders }: Context): Promise<Token | null> {
    return loaders.find(Token, root.tokenId);
  }

  @FieldResolver(() => StoreApp, { nullable: true, description: "The app that it is for; null for all." })
  storeApp(@Root() root: AlertRule, @Ctx() { loaders }: Context): Promise<StoreApp | null> {
    return loaders.find(StoreApp, root.tokenId, root.storeAppId);
  }
}
