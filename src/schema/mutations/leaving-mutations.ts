import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Deployment, OnLeave } from "../../entities/deployment.js";
import { MutationInput } from "./mutation-input.js";

@ObjectType({ description: "That licences are taken back from apps in use, and what follows.", simpleResolvers: true })
export class ReclaimNotice {
  @Field(() => String, { description: "What follows, in a sentence." })
  message!: string;

  @Field(() => Date, { description: "When the last of these apps has stopped working: 30 days after, at the latest." })
  appsEndBy!: Date;
}

@ObjectType({
  description: "What becomes of the installations that leave, and of their licences.",
  simpleResolvers: true,
})
export class LeaveOutcome {
  @Field(() => Int, { description: "Installations that had not begun, or that another deployment takes over." })
  cancelled!: number;

  @Field(() => Int, { description: "Installations that stay as they are." })
  kept!: number;

  @Field(() => Int, { description: "Installations whose app is removed first." })
  removing!: number;

  @Field(() => Int, {
    description: "Installations that end without a removal, at once or with the return of their licence.",
  })
  returning!: number;

  @Field(() => Int, { description: "Licences that stay with apps that stay: candidates to be reclaimed." })
  licensesKept!: number;

  @Field(() => Int, {
    description: "Licences that return when a device has confirmed the removal, and no other installation uses them.",
  })
  licensesAfterRemoval!: number;

  @Field(() => Int, { description: "Licences on their way back now." })
  licensesReturning!: number;

  @Field(() => Int, { description: "Licences that Apple does not take back, whatever becomes of the app." })
  licensesIrrevocable!: number;
}

@InputType({
  description:
    "What is to change of a deployment; what is not given stays. See `changeDeploymentAction` for its action.",
})
export class UpdateDeploymentInput extends MutationInput {
  @Field(() => ID, { description: "The deployment." })
  deployment!: string;

  @Field(() => OnLeave, {
    nullable: true,
    description: "What becomes of those who leave from now on. RECLAIM is refused for irrevocable apps.",
  })
  onLeave?: OnLeave | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Who is licensed first where licences are short: from -1000 to 1000, the higher first. Those who wait keep the time they have waited.",
  })
  priority?: number | null;
}

@ObjectType({ description: "A deployment that was changed." })
export class UpdateDeploymentPayload {
  @Field(() => Deployment, { description: "The deployment." })
  deployment!: Deployment;
}

@InputType({ description: "A deployment that is no longer wanted." })
export class DeleteDeploymentInput extends MutationInput {
  @Field(() => ID, { description: "The deployment." })
  deployment!: string;

  @Field(() => OnLeave, {
    nullable: true,
    description:
      "What becomes of its apps and licences; the deployment's own `onLeave` unless said otherwise. RECLAIM is refused for irrevocable apps.",
  })
  onLeave?: OnLeave | null;
}

@ObjectType({ description: "A deployment that is deleted; what has begun is brought to its end after this answer." })
export class DeleteDeploymentPayload {
  @Field(() => Deployment, { description: "The deployment, with `deletedAt`; it stays to be read." })
  deployment!: Deployment;

  @Field(() => LeaveOutcome, {
    description: "What this brings about; of one that was deleted before, only what is new.",
  })
  outcome!: LeaveOutcome;

  @Field(() => ReclaimNotice, { nullable: true, description: "Null unless apps in use lose their licences by this." })
  reclaimNotice!: ReclaimNotice | null;
}
