import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { DriftRemedy, LicenseDrift } from "../drift.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "Drifts to be repaired." })
export class RepairDriftInput extends MutationInput {
  @Field(() => [ID], { description: "Ids that `licenseDrift` returned, each named once: 1 to 1,000." })
  ids!: string[];

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True says what would be done, drift by drift, and changes nothing.",
  })
  dryRun!: boolean;
}

@ObjectType({ description: "What is, or would be, done about one drift.", simpleResolvers: true })
export class RepairedDrift {
  @Field(() => ID, { description: "Its id." })
  id!: string;

  @Field(() => DriftRemedy, { description: "What is done, and what that brings about." })
  remedy!: DriftRemedy;

  @Field(() => LicenseDrift, {
    nullable: true,
    description: "The drift as it is after this answer; null once it is none any more. Most repairs end it later.",
  })
  drift!: LicenseDrift | null;
}

@ObjectType({
  description: "Drifts that were, or would be, repaired; at Apple and the targets the work goes on after this answer.",
})
export class RepairDriftPayload {
  @Field(() => [RepairedDrift], { description: "Each drift, in the order of the ids." })
  results!: RepairedDrift[];

  @Field(() => Int, { description: "About how many something is, or would be, done." })
  repairedCount!: number;
}
