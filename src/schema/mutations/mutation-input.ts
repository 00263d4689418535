import "reflect-metadata";
import { Arg, Field, InputType } from "type-graphql";

@InputType()
export abstract class MutationInput {
  @Field(() => String, {
    nullable: true,
    description:
      "A name of your choice for this request, unique among yours: sent again with the same input it does nothing new and gets the first answer; with another input it is refused with CONFLICT. Remembered for 30 days.",
  })
  idempotencyKey?: string | null;
}

/** The one argument of a mutation. */
export function Input(type: () => new () => object): ReturnType<typeof Arg> {
  return Arg("input", type, { description: "What is to be done." });
}
