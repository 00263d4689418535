import { Field, Int, ObjectType } from "type-graphql";
import { Column, Entity, ForeignKey, Index } from "typeorm";
import { moment } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";

@ObjectType({
  implements: Node,
  description:
    "A change of how many licences of an app are owned, seen between two reads: a purchase, a refund or a transfer. Apple does not tell which.",
})
@Entity()
@Index("stock_change_of_app", ["tokenId", "storeAppId", "id"])
@Index("stock_change_seen", ["seenAt", "tokenId", "id"])
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "stock_change_store_app_fk",
  onDelete: "CASCADE",
})
export class StockChange extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Field(() => Int, { description: "Apple's total at the read before; 2147483647 when unlimited." })
  @Column("integer")
  totalBefore!: number;

  @Field(() => Int, { description: "Apple's total now; 2147483647 when unlimited." })
  @Column("integer")
  totalAfter!: number;

  @Field(() => Date, { description: "When Apple was asked and gave the new total: it changed before." })
  @Column(moment)
  seenAt!: Date;
}
