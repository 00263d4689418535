import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { HolderKind, License, LicenseState } from "../../entities/license.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which licences to list: those that meet all that is given." })
class LicenseFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => [LicenseState], { nullable: true, description: "In one of these states." })
  state?: LicenseState[] | null;

  @Field(() => HolderKind, { nullable: true, description: "Held by devices only, or by users only." })
  holderKind?: HolderKind | null;

  @Field(() => ID, { nullable: true, description: "Held by this device." })
  device?: string | null;

  @Field(() => ID, { nullable: true, description: "Held by this person." })
  user?: string | null;

  @Field(() => Boolean, { nullable: true, description: "True: those that have not ended. False: those that have." })
  open?: boolean | null;

  @Field(() => Date, { nullable: true, description: "That started at this moment or later." })
  startedSince?: Date | null;

  @Field(() => Date, { nullable: true, description: "That started before this moment." })
  startedBefore?: Date | null;
}

const LicenseOrder = orderOf("License", {
  STARTED_AT: "When it started.",
  ENDED_AT: "When it ended.",
});

export const LicenseListArgs = listArgs(LicenseFilter, LicenseOrder);
export type LicenseListArgs = InstanceType<typeof LicenseListArgs>;

export const LicenseConnection = connectionOf("License", "licences", () => License);
