import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { Allow } from "./allow.js";
import { moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { Node } from "./node.js";
import { Role } from "./role.js";
import { WebhookEndpoint } from "./webhook-endpoint.js";

export enum WebhookDeliveryState {
  PENDING = "PENDING",
  DELIVERED = "DELIVERED",
  GIVEN_UP = "GIVEN_UP",
}
registerEnumType(WebhookDeliveryState, {
  name: "WebhookDeliveryState",
  description: "What became of a message.",
  valuesConfig: {
    PENDING: { description: "Not taken yet: it is sent at `nextAttemptAt`, or after the one before it." },
    DELIVERED: { description: "Answered with a status from 200 to 299." },
    GIVEN_UP: { description: "Not taken, and three days old: it is not sent any more." },
  },
});

export enum WebhookMessageType {
  DIGEST = "alerts.digest",
  TEST = "webhook.test",
}

@Allow(Role.ADMIN, { allTeams: true })
@ObjectType({
  implements: Node,
  description: "One message to a webhook endpoint. Kept for 30 days after its end.",
})
@Entity()
@Check("webhook_delivery_state_known", oneOf("state", WebhookDeliveryState))
@Check("webhook_delivery_type_known", oneOf("type", WebhookMessageType))
@Check("webhook_delivery_end", "(state = 'PENDING') = (ended_at IS NULL)")
@Index("webhook_delivery_of_endpoint", ["endpointId", "createdAt", "id"])
@Index("webhook_delivery_open", ["endpointId", "createdAt"], { where: "ended_at IS NULL" })
@Index("webhook_delivery_ended", ["endedAt"], { where: "ended_at IS NOT NULL" })
@ForeignKey(() => WebhookEndpoint, ["endpointId"], ["id"], {
  name: "webhook_delivery_endpoint_fk",
  onDelete: "CASCADE",
})
export class WebhookDelivery extends Node {
  @Field(() => String, { name: "messageId", description: "The header `webhook-id` of every attempt." })
  @PrimaryColumn("uuid")
  id!: string;

  @Column("uuid")
  endpointId!: string;

  @Field(() => String, { description: "`alerts.digest` or `webhook.test`." })
  @Column("text")
  type!: WebhookMessageType;

  /** What the message says; while it has not been sent, a later digest may still be joined to it. */
  @Column("json")
  data!: object;

  @Field(() => WebhookDeliveryState, { description: "What became of it." })
  @Column("text", { default: WebhookDeliveryState.PENDING })
  state!: WebhookDeliveryState;

  @Field(() => Int, { description: "How often it was sent." })
  @Column("integer", { default: 0 })
  attempts!: number;

  @Field(() => Int, { nullable: true, description: "The status of the last answer; null when there was none." })
  @Column("integer", { nullable: true })
  statusCode!: number | null;

  @Field(() => String, { nullable: true, description: "Why the last attempt failed; null when it did not." })
  @Column(textOrNull)
  error!: string | null;

  @Field(() => Date, { description: "When it was written." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => Date, { description: "When it is, or was, to be sent again if it was not taken." })
  @Column(moment)
  nextAttemptAt!: Date;

  @Field(() => Date, { nullable: true, description: "When it was taken or given up." })
  @Column(momentOrNull)
  endedAt!: Date | null;
}
