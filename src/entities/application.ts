import { Field, ObjectType } from "type-graphql";
import { Column, Entity, ForeignKey, Index } from "typeorm";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";
import { Target } from "./target.js";

@ObjectType({ implements: Node, description: "A store app's object at one target; unique per pair." })
@Entity()
@Index("application_of_target", ["tokenId", "storeAppId", "targetId"], { unique: true })
@Index("application_created", ["createdAt", "tokenId", "id"])
@Index("application_at_target", ["targetId", "tokenId", "id"])
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "application_store_app_fk",
  onDelete: "CASCADE",
})
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "application_target_fk", onDelete: "RESTRICT" })
export class Application extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Column("uuid")
  targetId!: string;

  /** The product's own handle; null until it was made there, or for ever where the product has no app objects. */
  @Column(textOrNull)
  handle!: string | null;

  @Field(() => Date, { nullable: true, description: "When it stood ready at the target; null until then." })
  @Column(momentOrNull)
  readyAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Why the target refused to make it, last time." })
  @Column(textOrNull)
  lastError!: string | null;

  @Field(() => Date, { description: "When it was asked for." })
  @Column(moment)
  createdAt!: Date;
}
