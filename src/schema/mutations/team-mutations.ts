import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Collection } from "../../entities/collection.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { MutationInput } from "./mutation-input.js";

const TEAMS =
  "All of its teams, at most 50; none for nobody but those who see everything. A name has 1 to 100 letters and digits, between them spaces or any of `._:@/-`.";

@InputType({ description: "Whose a token is to be." })
export class SetTokenTeamsInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;

  @Field(() => [String], { description: TEAMS })
  teams!: string[];
}

@ObjectType({ description: "A token whose teams were set." })
export class SetTokenTeamsPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;
}

@InputType({ description: "Whose a target is to be." })
export class SetTargetTeamsInput extends MutationInput {
  @Field(() => ID, { description: "The target." })
  target!: string;

  @Field(() => [String], { description: TEAMS })
  teams!: string[];
}

@ObjectType({ description: "A target whose teams were set." })
export class SetTargetTeamsPayload {
  @Field(() => Target, { description: "The target." })
  target!: Target;
}

@InputType({ description: "Whose a collection that is kept by hand is to be." })
export class SetCollectionTeamsInput extends MutationInput {
  @Field(() => ID, { description: "The collection." })
  collection!: string;

  @Field(() => [String], { description: TEAMS })
  teams!: string[];
}

@ObjectType({ description: "A collection whose teams were set." })
export class SetCollectionTeamsPayload {
  @Field(() => Collection, { description: "The collection." })
  collection!: Collection;
}
