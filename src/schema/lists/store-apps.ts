import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";
import { ProductType, StoreApp } from "../../entities/store-app.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which store apps to list: those that meet all that is given." })
class StoreAppFilter {
  @Field(() => ID, { nullable: true, description: "Owned through this token." })
  token?: string | null;

  @Field(() => String, { nullable: true, description: "Whose name contains this, whatever the case." })
  nameContains?: string | null;

  @Field(() => String, { nullable: true, description: "With this one of Apple's ids." })
  adamId?: string | null;

  @Field(() => ProductType, { nullable: true, description: "Apps, or books. Apps if not given." })
  productType?: ProductType | null;

  @Field(() => Boolean, { nullable: true, description: "True: those that Apple still lists. False: the others." })
  listed?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: those whose counts something is the matter with (see `warning`). False: the others.",
  })
  hasWarning?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Of which fewer licences than this can still be given; never unlimited items.",
  })
  freeBelow?: number | null;

  @Field(() => String, { nullable: true, description: "For this platform, among others: as in `platforms`." })
  platform?: string | null;
}

const StoreAppOrder = orderOf("StoreApp", {
  NAME: "The name.",
  TOTAL_COUNT: "How many licences were bought; unlimited items as the most.",
  ASSIGNED_COUNT: "How many licences are in use, as Apple said.",
  FREE_COUNT: "How many licences can still be given; unlimited items as the most.",
});

export const StoreAppListArgs = listArgs(StoreAppFilter, StoreAppOrder);
export type StoreAppListArgs = InstanceType<typeof StoreAppListArgs>;

export const StoreAppConnection = connectionOf("StoreApp", "store apps", () => StoreApp);
