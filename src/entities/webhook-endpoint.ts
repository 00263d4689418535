import { Field, ObjectType } from "type-graphql";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { AlertKind } from "./alert.js";
import { Allow } from "./allow.js";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Node } from "./node.js";
import { Role } from "./role.js";

@Allow(Role.ADMIN, { allTeams: true })
@ObjectType({
  implements: Node,
  description:
    "An address that is told of alerts, by messages signed as Standard Webhooks (standardwebhooks.com) says.",
})
@Entity()
export class WebhookEndpoint extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => String, { description: "Where messages are sent, by POST." })
  @Column("text")
  url!: string;

  /** Sealed; what signs the messages. */
  @Column("text")
  secret!: string;

  @Field(() => [AlertKind], { description: "The alerts that it is told of; empty for all." })
  @Column("text", { array: true })
  kinds!: AlertKind[];

  @Field(() => Date, { description: "When it was added." })
  @Column(moment)
  addedAt!: Date;

  @Field(() => String, { description: "Who added it." })
  @Column("text")
  addedBy!: string;

  @Field(() => Date, { nullable: true, description: "When it last took a message; null when it never has." })
  @Column(momentOrNull)
  deliveredAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: "Why it did not take the last message that it was sent; null when it took it.",
  })
  @Column(textOrNull)
  lastError!: string | null;
}
