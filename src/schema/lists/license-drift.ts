import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { connectionOf } from "../connection.js";
import { DriftType, LicenseDrift } from "../drift.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which drifts to list: those that meet all that is given." })
class LicenseDriftFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => [DriftType], { nullable: true, description: "Of one of these types." })
  type?: DriftType[] | null;
}

export const LicenseDriftListArgs = filteredArgs(LicenseDriftFilter);
export type LicenseDriftListArgs = InstanceType<typeof LicenseDriftListArgs>;

export const LicenseDriftConnection = connectionOf("LicenseDrift", "drifts", () => LicenseDrift);
