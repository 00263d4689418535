import "reflect-metadata";
import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Target, TargetFinding } from "../../entities/target.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A connection to an MDM to be added." })
export class AddTargetInput extends MutationInput {
  @Field(() => String, { description: "Name of the plugin; see `plugins`." })
  plugin!: string;

  @Field(() => String, { description: "Your name for it, unique: 1 to 200 characters." })
  name!: string;

  @Field(() => GraphQLJSONObject, {
    description: "What the plugin needs; see its `settingsSchema`. Secrets are kept encrypted, never shown again.",
  })
  settings!: Record<string, unknown>;
}

@ObjectType({ description: "A target that was added." })
export class AddTargetPayload {
  @Field(() => Target, { description: "The target." })
  target!: Target;
}

@InputType({ description: "What to change of a target. What is not given stays." })
export class UpdateTargetInput extends MutationInput {
  @Field(() => ID, { description: "The target." })
  target!: string;

  @Field(() => String, { nullable: true, description: "The new name, unique: 1 to 200 characters." })
  name?: string | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: "Settings to replace, by name: those that are left out stay, null takes one away.",
  })
  settings?: Record<string, unknown> | null;
}

@ObjectType({ description: "A target that was changed." })
export class UpdateTargetPayload {
  @Field(() => Target, { description: "The target." })
  target!: Target;
}

@InputType({ description: "A target to be removed; refused with CONFLICT while deployments use it." })
export class RemoveTargetInput extends MutationInput {
  @Field(() => ID, { description: "The target." })
  target!: string;
}

@ObjectType({ description: "A target that was removed." })
export class RemoveTargetPayload {
  @Field(() => ID, { description: "The id it had." })
  removedTargetId!: string;
}

@InputType({ description: "A target to be reached and asked what works." })
export class CheckTargetInput extends MutationInput {
  @Field(() => ID, { description: "The target." })
  target!: string;
}

@ObjectType({ description: "What a check found." })
export class CheckTargetPayload {
  @Field(() => Boolean, { description: "Whether installs can work." })
  ok!: boolean;

  @Field(() => [TargetFinding], {
    description: "What was found, and what the end of the APNs certificate means (`apnsFinding`), the worst first.",
  })
  findings!: TargetFinding[];

  @Field(() => Target, { description: "The target." })
  target!: Target;
}

@InputType({ description: "A target whose users, devices and collections are to be read." })
export class ImportHoldersInput extends MutationInput {
  @Field(() => ID, { description: "The target." })
  target!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "True: people and devices that the listing no longer shows count as gone, however many (see `shrinkHeldAt`).",
  })
  confirmShrink!: boolean;
}

@ObjectType({
  description: "An import that was asked for; `holdersImportedAt` and `importError` of the target say when it is done.",
})
export class ImportHoldersPayload {
  @Field(() => Target, { description: "The target." })
  target!: Target;
}
