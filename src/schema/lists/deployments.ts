import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { Deployment, DeploymentAction } from "../../entities/deployment.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which deployments to list: those that meet all that is given." })
class DeploymentFilter {
  @Field(() => ID, { nullable: true, description: "With licences of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "To this collection." })
  collection?: string | null;

  @Field(() => ID, { nullable: true, description: "Through this target." })
  target?: string | null;

  @Field(() => DeploymentAction, { nullable: true, description: "That want this." })
  action?: DeploymentAction | null;

  @Field(() => Boolean, { nullable: true, description: "True: the deleted ones. Otherwise those that live." })
  deleted?: boolean | null;
}

const DeploymentOrder = orderOf("Deployment", {
  CREATED_AT: "When it was made.",
  ACTION_AT: "When its action last changed.",
});

export const DeploymentListArgs = listArgs(DeploymentFilter, DeploymentOrder);
export type DeploymentListArgs = InstanceType<typeof DeploymentListArgs>;

export const DeploymentConnection = connectionOf("Deployment", "deployments", () => Deployment);
