import { Field, Int, ObjectType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { Collection } from "./collection.js";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";

@ObjectType({
  implements: Node,
  description:
    "A quota of one app's licences kept for one collection until a moment: what the collection does not use of it yet, no other collection gets.",
})
@Entity()
@Check("reservation_count", "count >= 1")
@Check("reservation_released_by", "released_by IS NULL OR ended_at IS NOT NULL")
@Index("reservation_live", ["tokenId", "storeAppId", "collectionId"], { unique: true, where: "ended_at IS NULL" })
@Index("reservation_of_app", ["tokenId", "storeAppId", "id"])
@Index("reservation_of_collection", ["collectionId", "tokenId", "id"])
@Index("reservation_expiry", ["until"], { where: "ended_at IS NULL" })
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "reservation_store_app_fk",
  onDelete: "CASCADE",
})
@ForeignKey(() => Collection, ["collectionId"], ["id"], { name: "reservation_collection_fk", onDelete: "CASCADE" })
export class Reservation extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Column("uuid")
  collectionId!: string;

  @Field(() => Int, {
    description: "How many licences are kept for the collection, those that it uses already included.",
  })
  @Column("integer")
  count!: number;

  @Field(() => Date, { description: "When it expires." })
  @Column(moment)
  until!: Date;

  @Field(() => String, { description: "Who made it." })
  @Column("text")
  createdBy!: string;

  @Field(() => Date, {
    description: "When it was made. Where stock has shrunk below what is reserved, the older one comes first.",
  })
  @Column(moment)
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: "When it was released or expired; null while it keeps licences." })
  @Column(momentOrNull)
  endedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Who released it; null while it lives, and when it expired." })
  @Column(textOrNull)
  releasedBy!: string | null;
}
