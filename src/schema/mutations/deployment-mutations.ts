import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Application } from "../../entities/application.js";
import { Deployment, DeploymentAction, DeploymentLicensing, DeploymentPurpose } from "../../entities/deployment.js";
import { Installation } from "../../entities/installation.js";
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

@InputType({ description: "One app, to one collection, through one target." })
export class CreateDeploymentInput extends MutationInput {
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
}

@ObjectType({ description: "A deployment that was made; the work goes on after this answer." })
export class CreateDeploymentPayload {
  @Field(() => Deployment, { description: "The deployment." })
  deployment!: Deployment;
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
