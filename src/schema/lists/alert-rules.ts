import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { AlertRule, AlertRuleKind } from "../../entities/alert-rule.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which alert rules to list: those that meet all that is given." })
class AlertRuleFilter {
  @Field(() => [AlertRuleKind], { nullable: true, description: "Of one of these kinds." })
  kind?: AlertRuleKind[] | null;

  @Field(() => ID, { nullable: true, description: "For this token or one of its apps." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "For this app." })
  storeApp?: string | null;
}

export const AlertRuleListArgs = filteredArgs(AlertRuleFilter);
export type AlertRuleListArgs = InstanceType<typeof AlertRuleListArgs>;

export const AlertRuleConnection = connectionOf("AlertRule", "alert rules", () => AlertRule);
