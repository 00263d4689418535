import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { SyncRun } from "../../entities/sync-run.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "A synchronisation to be stopped, whether it has begun or not." })
export class CancelSyncRunInput extends MutationInput {
  @Field(() => ID, { description: "The synchronisation." })
  syncRun!: string;
}

@ObjectType({ description: "A synchronisation that was stopped. What it had merged until then stays." })
export class CancelSyncRunPayload {
  @Field(() => SyncRun, { description: "The synchronisation, CANCELLED." })
  syncRun!: SyncRun;
}
