import { Field, Int, ObjectType } from "type-graphql";
import { Column, Entity, ForeignKey, Index } from "typeorm";
import { moment } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { finite, StoreApp } from "./store-app.js";

@ObjectType({
  implements: Node,
  description:
    "A change of how many licences of an app are owned, seen between two reads: a purchase, a refund or a transfer. Apple does not tell which.",
})
@Entity()
@Index("stock_change_of_app", ["tokenId", "storeAppId", "id"])
@Index("stock_change_of_token", ["tokenId", "seenAt", "id"])
@Index("stock_change_seen", ["seenAt", "tokenId", "id"])
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "stock_change_store_app_fk",
  onDelete: "CASCADE",
})
export class StockChange extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Column("integer")
  totalBefore!: number;

  @Column("integer")
  totalAfter!: number;

  @Field(() => Date, { description: "When Apple was asked and gave the new total: it changed before." })
  @Column(moment)
  seenAt!: Date;

  @Field(() => Int, { name: "totalBefore", nullable: true, description: "The total read before. Null when unlimited." })
  get finiteBefore(): number | null {
    return finite(this.totalBefore);
  }

  @Field(() => Int, { name: "totalAfter", nullable: true, description: "The new total. Null when unlimited." })
  get finiteAfter(): number | null {
    return finite(this.totalAfter);
  }
}
