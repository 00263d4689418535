import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { InstallationState } from "../entities/installation.js";

@ObjectType({ description: "How many installations of a deployment are in one state.", simpleResolvers: true })
export class InstallationCount {
  @Field(() => InstallationState, { description: "The state." })
  state!: InstallationState;

  @Field(() => Int, { description: "How many; never zero." })
  count!: number;

  @Field(() => Int, { description: "How many of these have left; see `Installation.leftAt`." })
  left!: number;
}
