import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { StoreApp } from "../../entities/store-app.js";
import { SyncRun } from "../../entities/sync-run.js";
import { Token } from "../../entities/token.js";
import { MutationInput } from "./mutation-input.js";

@InputType({
  description:
    "A token whose location another MDM, or a copy of this installation, has claimed, to be taken from it. Run it with `dryRun` first.",
})
export class TakeOverTokenInput extends MutationInput {
  @Field(() => ID, { description: "The token." })
  token!: string;

  @Field(() => Boolean, { defaultValue: false, description: "Only say what would be adopted and disturbed." })
  dryRun!: boolean;
}

@ObjectType({ description: "Who holds a location at Apple, in the holder's own words." })
class LocationClaim {
  @Field(() => String, { description: "The MDM's id." })
  id!: string;

  @Field(() => String, { description: "The MDM's name; empty if it gave none." })
  name!: string;

  @Field(() => String, { description: "What the MDM added; often the name of its server." })
  metadata!: string;
}

@ObjectType({ description: "What others have given of one app." })
class TakenOverApp {
  @Field(() => StoreApp, { description: "The app." })
  storeApp!: StoreApp;

  @Field(() => Int, { description: "Open licences that somebody else claimed." })
  licenses!: number;

  @Field(() => Int, { description: "Of these, the ones whose device or person is known here." })
  known!: number;
}

@ObjectType({
  description:
    "What a takeover adopts and disturbs. Counts are of the last synchronisation; the claim is Apple's answer.",
})
export class TakeOverPlan {
  @Field(() => LocationClaim, { description: "The claim that is written over." })
  claim!: LocationClaim;

  @Field(() => Boolean, {
    description: "The claim is of a copy of this installation, with a copy of its database: stop one of the two.",
  })
  copy!: boolean;

  @Field(() => [TakenOverApp], { description: "Apps with licences of others, the most licences first." })
  apps!: TakenOverApp[];

  @Field(() => Int, { description: "People's registrations at Apple." })
  registrations!: number;

  @Field(() => Int, { description: "Of these, the ones that are nobody's here." })
  unknownRegistrations!: number;

  @Field(() => Int, { description: "Devices that hold licences and that no target has told of." })
  unknownDevices!: number;

  @Field(() => Int, {
    description:
      "Registrations that are linked to the one user with that Managed Apple Account or e-mail address. Ambiguous ones are not.",
  })
  adoptableRegistrations!: number;

  @Field(() => Int, { description: "Licences that are linked to the device with that serial number." })
  adoptableLicenses!: number;

  @Field(() => Int, { description: "Deployments that go on as soon as the token may write." })
  waitingDeployments!: number;

  @Field(() => Int, { description: "Paused changes at Apple: each is looked up there, and sent if still to be done." })
  pausedOperations!: number;
}

@ObjectType({ description: "A takeover, or what it would be." })
export class TakeOverTokenPayload {
  @Field(() => Token, { description: "The token; its health tells when Apple has taken our claim." })
  token!: Token;

  @Field(() => TakeOverPlan, { description: "What it adopts and disturbs." })
  plan!: TakeOverPlan;

  @Field(() => SyncRun, {
    nullable: true,
    description: "The synchronisation that reads everything; null for a dry run.",
  })
  syncRun!: SyncRun | null;
}
