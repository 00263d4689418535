import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "What of the past may be forgotten." })
export class PurgeEndedLicensesInput extends MutationInput {
  @Field(() => Date, { description: "Holdings that ended before this moment; at least 30 days ago." })
  endedBefore!: Date;

  @Field(() => Boolean, { defaultValue: true, description: "Only count them; nothing is forgotten. So if not said." })
  dryRun!: boolean;
}

@ObjectType({ description: "What a purge takes from the ledger, for ever." })
export class PurgeEndedLicensesPayload {
  @Field(() => Int, {
    description:
      "Holdings that ended before the moment: each is deleted with its start and its end, within minutes, and with the claims and returns at Apple of which no other holding is kept.",
  })
  licenses!: number;

  @Field(() => Boolean, { description: "Whether they were only counted." })
  dryRun!: boolean;
}
