import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { SyncRun } from "../../entities/sync-run.js";
import { Token } from "../../entities/token.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A content token to be added." })
export class AddTokenInput extends MutationInput {
  @Field(() => String, {
    description:
      "The text of the content token file from Apple Business, as downloaded. Kept encrypted, never shown again.",
  })
  file!: string;

  @Field(() => String, { description: "Your name for it." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Your words about it." })
  description?: string | null;

  @Field(() => [String], { defaultValue: [], description: "Your labels." })
  categories!: string[];
}

@ObjectType({ description: "A token that was added." })
export class AddTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;

  @Field(() => SyncRun, { description: "The synchronisation that will run, or does already: follow it by its id." })
  syncRun!: SyncRun;
}

@InputType({ description: "What to change of a token. What is not given stays." })
export class UpdateTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;

  @Field(() => String, { nullable: true, description: "The new name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "The new words about it; null for none." })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: "The new labels, all of them." })
  categories?: string[] | null;
}

@ObjectType({ description: "A token that was changed." })
export class UpdateTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;
}

@InputType({ description: "A token to be paused: nothing is changed at Apple with it until it is resumed." })
export class SuspendTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;
}

@ObjectType({ description: "A token that was paused." })
export class SuspendTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;
}

@InputType({ description: "A paused token to be used again." })
export class ResumeTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;
}

@ObjectType({ description: "A token that is about to be checked at Apple, and used again if all is well." })
export class ResumeTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;
}

@InputType({ description: "A token whose apps, registrations and holdings are to be read at Apple, all of them." })
export class SyncTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;
}

@ObjectType({ description: "A synchronisation that was asked for." })
export class SyncTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;

  @Field(() => SyncRun, { description: "The synchronisation that will run, or does already: follow it by its id." })
  syncRun!: SyncRun;
}
