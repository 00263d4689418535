import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { DeploymentPlanMember, PlanOutcome } from "../../entities/deployment-plan-member.js";
import { InstallationReason } from "../../entities/installation.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which members of a plan to list: those that meet all that is given." })
class DeploymentPlanMemberFilter {
  @Field(() => [PlanOutcome], { nullable: true, description: "With one of these outcomes." })
  outcome?: PlanOutcome[] | null;

  @Field(() => [InstallationReason], { nullable: true, description: "For one of these reasons." })
  reason?: InstallationReason[] | null;
}

export const DeploymentPlanMemberArgs = filteredArgs(DeploymentPlanMemberFilter);
export type DeploymentPlanMemberArgs = InstanceType<typeof DeploymentPlanMemberArgs>;

export const DeploymentPlanMemberConnection = connectionOf(
  "DeploymentPlanMember",
  "members of a plan",
  () => DeploymentPlanMember,
);
