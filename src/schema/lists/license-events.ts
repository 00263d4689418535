import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { LicenseCause } from "../../entities/license.js";
import { connectionOf } from "../connection.js";
import { LicenseEvent, LicenseEventKind } from "../license-event.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which licence events to list: those that meet all that is given." })
class LicenseEventFilter {
  @Field(() => ID, { nullable: true, description: "Of licences of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of licences of this app." })
  storeApp?: string | null;

  @Field(() => ID, { nullable: true, description: "Of licences that this device holds or held." })
  device?: string | null;

  @Field(() => LicenseEventKind, { nullable: true, description: "Starts only, or ends only." })
  kind?: LicenseEventKind | null;

  @Field(() => [LicenseCause], { nullable: true, description: "For one of these causes." })
  cause?: LicenseCause[] | null;

  @Field(() => Date, { nullable: true, description: "At this moment or later." })
  since?: Date | null;

  @Field(() => Date, { nullable: true, description: "Before this moment." })
  before?: Date | null;
}

export const LicenseEventListArgs = filteredArgs(LicenseEventFilter);
export type LicenseEventListArgs = InstanceType<typeof LicenseEventListArgs>;

export const LicenseEventConnection = connectionOf("LicenseEvent", "licence events", () => LicenseEvent);
