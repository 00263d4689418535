import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Installation, InstallationReason, InstallationState } from "../../entities/installation.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which installations to list: those that meet all that is given." })
class InstallationFilter {
  @Field(() => ID, { nullable: true, description: "With licences of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this deployment." })
  deployment?: string | null;

  @Field(() => [InstallationState], { nullable: true, description: "In one of these states." })
  state?: InstallationState[] | null;

  @Field(() => [InstallationReason], { nullable: true, description: "For one of these reasons." })
  reason?: InstallationReason[] | null;

  @Field(() => ID, { nullable: true, description: "On this device." })
  device?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this person." })
  user?: string | null;

  @Field(() => ID, { nullable: true, description: "Through this target." })
  target?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: those that have left their deployment. False: those that belong to it.",
  })
  left?: boolean | null;
}

const InstallationOrder = orderOf("Installation", {
  STATE: "The state, by its name.",
  STATE_AT: "When the state last changed.",
});

export const InstallationListArgs = listArgs(InstallationFilter, InstallationOrder);
export type InstallationListArgs = InstanceType<typeof InstallationListArgs>;

export const InstallationConnection = connectionOf("Installation", "installations", () => Installation);
