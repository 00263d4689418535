import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { AlertRule, AlertRuleKind } from "../../entities/alert-rule.js";
import { MutationInput } from "./mutation-input.js";

@InputType({
  description:
    "When alerts of a kind are raised: for one app, for one token, or, without either, for the whole installation. Takes the place of the rule there is.",
})
export class SetAlertRuleInput extends MutationInput {
  @Field(() => AlertRuleKind, { description: "Which alerts." })
  kind!: AlertRuleKind;

  @Field(() => ID, { nullable: true, description: "Only for this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Only for this app; for LOW_STOCK." })
  storeApp?: string | null;

  @Field(() => Int, { nullable: true, description: "LOW_STOCK: fewer free licences than this; at least 1." })
  below?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "LOW_STOCK: fewer free licences than so many of a hundred that were bought; from 1 to 100.",
  })
  belowPercent?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "SYNC_FAILED: so many synchronisations failed in a row; from 1 to 20.",
  })
  failures?: number | null;

  @Field(() => Int, { nullable: true, description: "OPERATION_STUCK: open for so many hours; from 1 to 8760." })
  afterHours?: number | null;

  @Field(() => Int, { nullable: true, description: "OPERATION_STUCK: sent so often; from 1 to 100." })
  attempts?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True, without anything of the above: no alerts of this kind here, whatever a wider rule says.",
  })
  muted!: boolean;
}

@ObjectType({ description: "A rule that was set; alerts follow it shortly after." })
export class SetAlertRulePayload {
  @Field(() => AlertRule, { description: "The rule." })
  alertRule!: AlertRule;
}

@InputType({ description: "A rule that is to decide nothing any more: the next wider one does, if there is one." })
export class RemoveAlertRuleInput extends MutationInput {
  @Field(() => ID, { description: "The rule." })
  alertRule!: string;
}

@ObjectType({ description: "A rule that was removed; alerts that no rule raises are cleared shortly after." })
export class RemoveAlertRulePayload {
  @Field(() => ID, { description: "The id that no longer exists." })
  removedAlertRuleId!: string;
}
