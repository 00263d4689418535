import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { ApiKey } from "../../entities/api-key.js";
import { Role } from "../../entities/role.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A key that is to open the API." })
export class CreateApiKeyInput extends MutationInput {
  @Field(() => String, {
    description:
      "Your name for it, unique among those not revoked: 1 to 100 letters, digits, and spaces or any of `._:@/-` between them.",
  })
  name!: string;

  @Field(() => Role, { description: "What its holder may do." })
  role!: Role;

  @Field(() => [String], {
    nullable: true,
    description: "The teams whose tokens and targets its holder sees, at most 50; left out for everything.",
  })
  teams?: string[] | null;

  @Field(() => Date, { nullable: true, description: "When it ends by itself; left out for never." })
  expiresAt?: Date | null;
}

@ObjectType({ description: "A key that was made." })
export class CreateApiKeyPayload {
  @Field(() => ApiKey, { description: "What is known of it from now on." })
  apiKey!: ApiKey;

  @Field(() => String, {
    nullable: true,
    description:
      "The key itself, shown this once: send it as `Authorization: Bearer <key>`. Null when the request is repeated by its idempotency key: if the first answer was lost, revoke the key and make another.",
  })
  key!: string | null;
}

@InputType({ description: "A key that is to open the API no longer." })
export class RevokeApiKeyInput extends MutationInput {
  @Field(() => ID, { description: "The key." })
  apiKey!: string;
}

@ObjectType({ description: "A key that was revoked: it is refused within a second, and its subscriptions end." })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { description: "The key." })
  apiKey!: ApiKey;
}
