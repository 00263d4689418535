import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { AppleOperation, AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which operations at Apple to list: those that meet all that is given." })
class AppleOperationFilter {
  @Field(() => ID, { nullable: true, description: "With this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "About this app." })
  storeApp?: string | null;

  @Field(() => [AppleOperationIntent], { nullable: true, description: "That are to change one of these." })
  intent?: AppleOperationIntent[] | null;

  @Field(() => [AppleOperationState], { nullable: true, description: "In one of these states." })
  state?: AppleOperationState[] | null;

  @Field(() => Boolean, { nullable: true, description: "True: those that are not over. False: those that are." })
  open?: boolean | null;

  @Field(() => Date, { nullable: true, description: "Decided at this moment or later." })
  createdSince?: Date | null;

  @Field(() => Date, { nullable: true, description: "Decided before this moment." })
  createdBefore?: Date | null;
}

const AppleOperationOrder = orderOf("AppleOperation", {
  CREATED_AT: "When it was decided.",
});

export const AppleOperationListArgs = listArgs(AppleOperationFilter, AppleOperationOrder);
export type AppleOperationListArgs = InstanceType<typeof AppleOperationListArgs>;

export const AppleOperationConnection = connectionOf("AppleOperation", "operations at Apple", () => AppleOperation);
