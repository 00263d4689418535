import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { Token } from "./token.js";

/** Apple's total of a free item without a bound: no bound, no waiting, and left out of totals (rule 4). */
export const UNLIMITED = 2147483647;

/** A total as people read it: an unlimited item has none, so that nobody adds Apple's number for it to others. */
export function finite(total: number): number | null {
  return total === UNLIMITED ? null : total;
}

export enum ProductType {
  APP = "APP",
  BOOK = "BOOK",
}
registerEnumType(ProductType, {
  name: "ProductType",
  description: "Apple's `productType`.",
  valuesConfig: { APP: { description: "An app." }, BOOK: { description: "A book: for users only, never given back." } },
});

/**
 * SQL for the free licences of a store app (an alias) that is not unlimited: our count, or Apple's if that is lower
 * (rule 4). What people keep after they were retired is both held and retired, and counts once.
 */
export function freeSql(app: string): string {
  return `GREATEST(LEAST(
  ${app}.total_count - ${app}.retired_count - ${app}.held_count + LEAST(${app}.retired_held_count, ${app}.retired_count), ${app}.available_count), 0)`;
}

/** The same for the alias `app`. */
export const FREE_SQL = freeSql("app");

/** SQL by which store apps (alias `app`) are sorted by their free licences, unlimited items as the most: as in the index `store_app_free`. */
export const FREE_ORDER_SQL = `(CASE WHEN app.total_count = ${UNLIMITED} THEN ${UNLIMITED} ELSE ${FREE_SQL} END)`;

/**
 * SQL for the licences of a store app (alias `app`) that may be claimed now: the free ones, but none while Apple does not
 * list the app, or shortly after it refused a claim for want of stock.
 * @param now the parameter that holds the time, e.g. `$3`
 */
export function claimableSql(now: string): string {
  return `CASE WHEN app.claims_resume_at > ${now} OR app.unlisted_at IS NOT NULL THEN 0
               WHEN app.total_count = ${UNLIMITED} THEN ${UNLIMITED} ELSE ${FREE_SQL} END`;
}

@ObjectType({
  implements: Node,
  description: "One product owned through one token, with Apple's counts as read and our own count of holdings.",
})
@Entity()
@Check("store_app_product_type_known", oneOf("product_type", ProductType))
@Check("store_app_pricing_param_known", "pricing_param IN ('STDQ', 'PLUS')")
@Check("store_app_held_count", "held_count >= 0")
@Index("store_app_product", ["tokenId", "adamId", "pricingParam"], { unique: true })
@Index("store_app_name", ["productType", "name", "tokenId", "id"])
@Index("store_app_total", ["productType", "totalCount", "tokenId", "id"])
@Index("store_app_assigned", ["productType", "assignedCount", "tokenId", "id"])
@Index("store_app_free", { synchronize: false })
@Index("store_app_search", { synchronize: false })
@Index("store_app_adam_id", ["adamId", "tokenId", "id"])
@Index("store_app_unlisted", ["tokenId", "id"], { where: "unlisted_at IS NOT NULL" })
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "store_app_token_fk", onDelete: "CASCADE" })
export class StoreApp extends TokenScopedNode {
  @Field(() => String, { description: "Apple's numeric id, as text." })
  @Column("text")
  adamId!: string;

  @Field(() => String, { description: "Apple's quality: STDQ, or PLUS for some books." })
  @Column("text", { default: "STDQ" })
  pricingParam!: string;

  @Field(() => ProductType, { description: "App or book." })
  @Column("text")
  productType!: ProductType;

  @Field(() => String, {
    nullable: true,
    description: "Its name in the token's storefront; null when the storefront does not know it.",
  })
  @Column(textOrNull)
  name!: string | null;

  @Field(() => String, { nullable: true, description: "The bundle id; null for books and unknown apps." })
  @Column(textOrNull)
  bundleId!: string | null;

  @Field(() => String, { nullable: true, description: "Address of an icon." })
  @Column(textOrNull)
  iconUrl!: string | null;

  @Field(() => String, { nullable: true, description: "Who makes it." })
  @Column(textOrNull)
  developer!: string | null;

  @Field(() => [String], { description: "The store's genres." })
  @Column("text", { array: true, default: "{}" })
  genres!: string[];

  @Field(() => [String], {
    description: "Apple's `supportedPlatforms`: iOS (iPad too), macOS, tvOS, watchOS, visionOS.",
  })
  @Column("text", { array: true, default: "{}" })
  platforms!: string[];

  @Field(() => Boolean, { description: "Whether a licence can be given to a device." })
  @Column("boolean")
  deviceAssignable!: boolean;

  @Field(() => Boolean, { description: "Whether a licence can be taken back." })
  @Column("boolean")
  revocable!: boolean;

  @Column("integer")
  totalCount!: number;

  @Field(() => Int, { description: "Licences in use, as Apple said at `countsAt`." })
  @Column("integer")
  assignedCount!: number;

  @Column("integer")
  availableCount!: number;

  @Field(() => Int, { description: "Licences that can never be used again, as Apple said at `countsAt`." })
  @Column("integer")
  retiredCount!: number;

  @Field(() => Date, { description: "When Apple was asked for these counts." })
  @Column(moment)
  countsAt!: Date;

  @Field(() => Int, { description: "Our holdings that have not ended: claimed, held, or on their way back." })
  @Column("integer", { default: 0 })
  heldCount!: number;

  /** Those of them that people keep who were retired, as of the last synchronisation: Apple counts them as retired. */
  @Column("integer", { default: 0 })
  retiredHeldCount!: number;

  /** After a claim that Apple refused for want of stock: no claim before this. */
  @Column(momentOrNull)
  claimsResumeAt!: Date | null;

  @Column(momentOrNull)
  metadataAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: "Since when Apple no longer lists it for this token; null while it does.",
  })
  @Column(momentOrNull)
  unlistedAt!: Date | null;

  @Field(() => Int, {
    name: "totalCount",
    nullable: true,
    description: "Licences bought, as Apple said at `countsAt`. Null when unlimited.",
  })
  get boughtCount(): number | null {
    return finite(this.totalCount);
  }

  @Field(() => Int, {
    name: "availableCount",
    nullable: true,
    description: "Licences not in use, as Apple said at `countsAt`. Null when unlimited.",
  })
  get unusedCount(): number | null {
    return this.unlimited ? null : this.availableCount;
  }

  @Field(() => Boolean, { description: "A free item without a bound on its licences." })
  get unlimited(): boolean {
    return this.totalCount === UNLIMITED;
  }

  @Field(() => Int, {
    nullable: true,
    description:
      "Licences that can still be given: bought less retired less held, or Apple's own figure if that is lower. Null when unlimited.",
  })
  get freeCount(): number | null {
    if (this.unlimited) return null;
    const used = this.heldCount + this.retiredCount - Math.min(this.retiredHeldCount, this.retiredCount);
    return Math.max(Math.min(this.totalCount - used, this.availableCount), 0);
  }
}
