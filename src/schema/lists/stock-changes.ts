import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { StockChange } from "../../entities/stock-change.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which changes of stock to list: those that meet all that is given." })
class StockChangeFilter {
  @Field(() => ID, { nullable: true, description: "Of apps of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => Date, { nullable: true, description: "Seen at this moment or later." })
  since?: Date | null;

  @Field(() => Date, { nullable: true, description: "Seen before this moment." })
  before?: Date | null;
}

export const StockChangeListArgs = filteredArgs(StockChangeFilter);
export type StockChangeListArgs = InstanceType<typeof StockChangeListArgs>;

export const StockChangeConnection = connectionOf("StockChange", "changes of stock", () => StockChange);
