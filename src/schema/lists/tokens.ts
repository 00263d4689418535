import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { Token, TokenHealthState, TokenPlatform } from "../../entities/token.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which tokens to list: those that meet all that is given." })
class TokenFilter {
  @Field(() => [TokenHealthState], { nullable: true, description: "In one of these states of health." })
  healthState?: TokenHealthState[] | null;

  @Field(() => String, { nullable: true, description: "With this label." })
  category?: string | null;

  @Field(() => String, { nullable: true, description: "Whose name contains this, whatever the case." })
  nameContains?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Whose name, description or labels contain this, whatever the case.",
  })
  search?: string | null;

  @Field(() => TokenPlatform, { nullable: true, description: "Of Apple Business only, or of Apple School only." })
  platform?: TokenPlatform | null;

  @Field(() => Date, { nullable: true, description: "Which expire before this moment, or have expired." })
  expiresBefore?: Date | null;
}

const TokenOrder = orderOf("Token", {
  NAME: "The name.",
  ADDED_AT: "When it was added.",
  EXPIRES_AT: "When it expires.",
});

export const TokenListArgs = listArgs(TokenFilter, TokenOrder);
export type TokenListArgs = InstanceType<typeof TokenListArgs>;

export const TokenConnection = connectionOf("Token", "tokens", () => Token);
