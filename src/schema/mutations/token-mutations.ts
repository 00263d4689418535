import { Secret } from "./secret.js";
import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { SyncRun } from "../../entities/sync-run.js";
import { LicensesOnRemoval, Token } from "../../entities/token.js";
import { TokenLoss } from "../token-loss.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "Somebody who can renew a token at Apple." })
export class TokenContactInput {
  @Field(() => String, { description: "The name that people read: 1 to 200 characters." })
  name!: string;

  @Field(() => String, {
    description: "An e-mail address; one that another contact of the token has is INVALID_INPUT.",
  })
  email!: string;
}

@InputType({ description: "A content token to be added." })
export class AddTokenInput extends MutationInput {
  @Secret()
  @Field(() => String, {
    description:
      "The text of the content token file from Apple Business, as downloaded. Kept encrypted, never shown again.",
  })
  file!: string;

  @Field(() => String, { description: "Your name for it: 1 to 200 characters." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Your words about it: up to 2,000 characters." })
  description?: string | null;

  @Field(() => [String], { defaultValue: [], description: "Your labels: up to 50, each of up to 100 characters." })
  categories!: string[];

  @Field(() => [TokenContactInput], {
    defaultValue: [],
    description: "Who can renew it at Apple; name two or more, up to 20, each with an address of their own.",
  })
  contacts!: TokenContactInput[];

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "True leaves the Apple location that this installation is bound to while TOKEN_LIMIT is 1, for the one of this file. Takes the role ADMIN.",
  })
  replaceAccount!: boolean;
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

  @Field(() => String, { nullable: true, description: "The new name: 1 to 200 characters." })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The new words about it, up to 2,000 characters; null for none.",
  })
  description?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "The new labels, all of them: up to 50, each of up to 100 characters.",
  })
  categories?: string[] | null;

  @Field(() => [TokenContactInput], {
    nullable: true,
    description: "Who can renew it at Apple, all of them: up to 20.",
  })
  contacts?: TokenContactInput[] | null;
}

@ObjectType({ description: "A token that was changed." })
export class UpdateTokenPayload {
  @Field(() => Token, { description: "The token." })
  token!: Token;
}

@InputType({ description: "A newer file of a token that is here." })
export class RenewTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;

  @Secret()
  @Field(() => String, {
    description:
      "The text of the content token file that was downloaded last, of the same Apple location. Kept encrypted, never shown again.",
  })
  file!: string;
}

@ObjectType({ description: "A token that was renewed: the same one, with all it had." })
export class RenewTokenPayload {
  @Field(() => Token, { description: "The token; it writes again once Apple has confirmed it." })
  token!: Token;

  @Field(() => SyncRun, { description: "The synchronisation that makes up for what was missed." })
  syncRun!: SyncRun;
}

@InputType({ description: "A token to be removed, with its apps, licences, deployments and history." })
export class RemoveTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;

  @Field(() => LicensesOnRemoval, {
    nullable: true,
    description: "What becomes of licences that are out; while there are any, nothing is removed without this.",
  })
  licenses?: LicensesOnRemoval | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True removes nothing, and only tells what would be lost.",
  })
  dryRun!: boolean;
}

@ObjectType({ description: "What a removal takes, and how far it is." })
export class RemoveTokenPayload {
  @Field(() => TokenLoss, { description: "What goes with the token, as it was when this was asked." })
  loss!: TokenLoss;

  @Field(() => ID, { nullable: true, description: "The id that no longer exists; null while it still does." })
  removedTokenId!: string | null;

  @Field(() => Token, {
    nullable: true,
    description: "The token while its licences are returned, or after a dry run; null when it is gone.",
  })
  token!: Token | null;
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
