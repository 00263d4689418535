import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Application } from "../../entities/application.js";
import {
  Deployment,
  DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
  OnLeave,
  PRIORITY,
} from "../../entities/deployment.js";
import { DeploymentPlan, PlanWarning } from "../../entities/deployment-plan.js";
import { Installation } from "../../entities/installation.js";
import { TargetFinding } from "../../entities/target.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A store app's object to be made at a target; a deployment makes it where it is missing." })
export class CreateApplicationInput extends MutationInput {
  @Field(() => ID, { description: "The app." })
  storeApp!: string;

  @Field(() => ID, { description: "The target." })
  target!: string;
}

@ObjectType({ description: "An application that is there, or is being made (see `readyAt`)." })
export class CreateApplicationPayload {
  @Field(() => Application, { description: "The application." })
  application!: Application;
}

@InputType({ description: "One app, to one collection, through one target: what a deployment would do." })
export class PlanDeploymentInput extends MutationInput {
  @Field(() => ID, { description: "The app." })
  storeApp!: string;

  @Field(() => ID, { description: "To whom." })
  collection!: string;

  @Field(() => ID, { description: "Through which MDM." })
  target!: string;

  @Field(() => DeploymentAction, { defaultValue: DeploymentAction.INSTALL, description: "What is wanted." })
  action!: DeploymentAction;

  @Field(() => DeploymentPurpose, {
    defaultValue: DeploymentPurpose.REQUIRED,
    description: "How strongly: REQUIRED is the only one that is accepted.",
  })
  purpose!: DeploymentPurpose;

  @Field(() => DeploymentLicensing, { defaultValue: DeploymentLicensing.USER, description: "Whose licences it uses." })
  licensing!: DeploymentLicensing;

  @Field(() => OnLeave, {
    defaultValue: OnLeave.KEEP,
    description:
      "What becomes of the app and its licence when a member leaves. RECLAIM is refused for irrevocable apps.",
  })
  onLeave!: OnLeave;

  @Field(() => Int, {
    defaultValue: PRIORITY.normal,
    description: "Who is licensed first where licences are short: from -1000 to 1000, the higher first.",
  })
  priority!: number;
}

@ObjectType({ description: "A plan that was made: nothing else was." })
export class PlanDeploymentPayload {
  @Field(() => DeploymentPlan, { description: "The plan." })
  plan!: DeploymentPlan;
}

@InputType({
  description:
    "Either a plan, or one app, to one collection, through one target. With a plan nothing else may be given but the idempotency key.",
})
export class CreateDeploymentInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "The plan to be carried out. It is made anew first: if a member's outcome has become worse, or more licences are needed, this is refused with CONFLICT and the difference.",
  })
  planId?: string | null;

  @Field(() => ID, { nullable: true, description: "The app; required without a plan." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "To whom; required without a plan." })
  collection?: string | null;

  @Field(() => ID, { nullable: true, description: "Through which MDM; required without a plan." })
  target?: string | null;

  @Field(() => DeploymentAction, { nullable: true, description: "What is wanted; INSTALL unless said otherwise." })
  action?: DeploymentAction | null;

  @Field(() => DeploymentPurpose, {
    nullable: true,
    description: "How strongly: REQUIRED, as unless said otherwise, is the only one that is accepted.",
  })
  purpose?: DeploymentPurpose | null;

  @Field(() => DeploymentLicensing, {
    nullable: true,
    description: "Whose licences it uses; USER unless said otherwise.",
  })
  licensing?: DeploymentLicensing | null;

  @Field(() => OnLeave, {
    nullable: true,
    description:
      "What becomes of the app and its licence when a member leaves; KEEP unless said otherwise. RECLAIM is refused for irrevocable apps.",
  })
  onLeave?: OnLeave | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Who is licensed first where licences are short: from -1000 to 1000, the higher first; 0 unless said otherwise.",
  })
  priority?: number | null;
}

@ObjectType({ description: "A deployment that was made; the work goes on after this answer." })
export class CreateDeploymentPayload {
  @Field(() => Deployment, { description: "The deployment." })
  deployment!: Deployment;

  @Field(() => [TargetFinding], {
    description:
      "What may keep its target from acting soon: APNS_EXPIRES within 30 days of the end of its certificate.",
  })
  findings!: TargetFinding[];

  @Field(() => [PlanWarning], {
    description:
      "What a plan of it would warn of, such as IRREVOCABLE; but for OUT_OF_STOCK and PREDICTED, which only a plan can tell.",
  })
  warnings!: PlanWarning[];
}

@InputType({ description: "A deployment that is to want something else: INSTALL or UNINSTALL." })
export class ChangeDeploymentActionInput extends MutationInput {
  @Field(() => ID, { description: "The deployment." })
  deployment!: string;

  @Field(() => DeploymentAction, { description: "What is wanted now." })
  action!: DeploymentAction;
}

@ObjectType({ description: "A deployment that wants something else; the work goes on after this answer." })
export class ChangeDeploymentActionPayload {
  @Field(() => Deployment, { description: "The deployment." })
  deployment!: Deployment;

  @Field(() => [TargetFinding], {
    description:
      "What keeps its target from acting, or may do so soon: APNS_MISSING, APNS_EXPIRED, APNS_EXPIRES. Empty where the target is not seen.",
  })
  findings!: TargetFinding[];

  @Field(() => [PlanWarning], {
    description:
      "What a plan of it would warn of now, such as IRREVOCABLE; but for OUT_OF_STOCK and PREDICTED, which only a plan can tell.",
  })
  warnings!: PlanWarning[];
}

@InputType({ description: "A failed installation to be tried again." })
export class RetryInstallationInput extends MutationInput {
  @Field(() => ID, { description: "The installation." })
  installation!: string;
}

@ObjectType({ description: "An installation that is tried again." })
export class RetryInstallationPayload {
  @Field(() => Installation, { description: "The installation." })
  installation!: Installation;
}
