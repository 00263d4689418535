import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { bigintOrNull, moment, oneOf, uuidOrNull } from "./columns.js";
import { Node } from "./node.js";
import { StoreApp } from "./store-app.js";
import { Token } from "./token.js";

/** The kinds of alerts that are raised by rules; each is an AlertKind of the same name. */
export enum AlertRuleKind {
  LOW_STOCK = "LOW_STOCK",
  SYNC_FAILED = "SYNC_FAILED",
  OPERATION_STUCK = "OPERATION_STUCK",
}
registerEnumType(AlertRuleKind, {
  name: "AlertRuleKind",
  description:
    "The alerts that rules decide on. The other kinds are always raised: TOKENS_EXPIRE by EXPIRY_WARNING_DAYS, APNS_EXPIRES 30 days before.",
  valuesConfig: {
    LOW_STOCK: { description: "By `below`, `belowPercent`, or both." },
    SYNC_FAILED: { description: "By `failures`." },
    OPERATION_STUCK: { description: "By `afterHours`, `attempts`, or both." },
  },
});

const OF_KIND = `CASE kind
  WHEN 'LOW_STOCK' THEN num_nonnulls(failures, after_hours, attempts) = 0 AND muted = (num_nonnulls(below, below_percent) = 0)
  WHEN 'SYNC_FAILED' THEN num_nonnulls(below, below_percent, after_hours, attempts) = 0 AND muted = (failures IS NULL)
  ELSE num_nonnulls(below, below_percent, failures) = 0 AND muted = (num_nonnulls(after_hours, attempts) = 0) END`;

@ObjectType({
  implements: Node,
  description:
    "When alerts of a kind are raised: for the whole installation, for a token, or for an app. The one that is closest to an app or a token counts, alone.",
})
@Entity()
@Check("alert_rule_kind_known", oneOf("kind", AlertRuleKind))
@Check("alert_rule_of_kind", OF_KIND)
@Check("alert_rule_app_has_token", "store_app_id IS NULL OR token_id IS NOT NULL AND kind = 'LOW_STOCK'")
@Check("alert_rule_below", "below >= 1")
@Check("alert_rule_below_percent", "below_percent BETWEEN 1 AND 100")
@Check("alert_rule_failures", "failures BETWEEN 1 AND 20")
@Check("alert_rule_after_hours", "after_hours BETWEEN 1 AND 8760")
@Check("alert_rule_attempts", "attempts BETWEEN 1 AND 100")
@Index("alert_rule_general", ["kind"], { unique: true, where: "token_id IS NULL" })
@Index("alert_rule_of_token", ["tokenId", "kind"], { unique: true, where: "store_app_id IS NULL" })
@Index("alert_rule_of_app", ["tokenId", "storeAppId", "kind"], { unique: true, where: "store_app_id IS NOT NULL" })
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "alert_rule_token_fk", onDelete: "CASCADE" })
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "alert_rule_store_app_fk",
  onDelete: "CASCADE",
})
export class AlertRule extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => AlertRuleKind, { description: "Which alerts it decides on." })
  @Column("text")
  kind!: AlertRuleKind;

  /** Null: for the whole installation. */
  @Column(uuidOrNull)
  tokenId!: string | null;

  @Column(bigintOrNull)
  storeAppId!: string | null;

  @Field(() => Int, { nullable: true, description: "Alerts of an app with fewer free licences than this." })
  @Column("integer", { nullable: true })
  below!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Alerts of an app whose free licences are fewer than so many of a hundred that were bought.",
  })
  @Column("integer", { nullable: true })
  belowPercent!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Alerts of a token whose last so many synchronisations failed; those that were cancelled do not count.",
  })
  @Column("integer", { nullable: true })
  failures!: number | null;

  @Field(() => Int, { nullable: true, description: "Alerts of an operation that is open for so many hours." })
  @Column("integer", { nullable: true })
  afterHours!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Alerts of an operation that was sent so often, since an admin last had it tried again.",
  })
  @Column("integer", { nullable: true })
  attempts!: number | null;

  @Field(() => Boolean, { description: "No alerts of this kind here, whatever a wider rule says." })
  @Column("boolean")
  muted!: boolean;

  @Field(() => Date, { description: "When it was last set." })
  @Column(moment)
  setAt!: Date;

  @Field(() => String, { description: "Who last set it." })
  @Column("text")
  setBy!: string;
}
