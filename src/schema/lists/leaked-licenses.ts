import "reflect-metadata";
import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { HolderKind, License } from "../../entities/license.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

export const LeakReason = {
  FOUND_AT_APPLE: "FOUND_AT_APPLE",
  MEMBER_LEFT: "MEMBER_LEFT",
  DEPLOYMENT_DELETED: "DEPLOYMENT_DELETED",
  DEPLOYMENT_ENDED: "DEPLOYMENT_ENDED",
  RETURN_FAILED: "RETURN_FAILED",
  ABANDONED: "ABANDONED",
  IRREVOCABLE: "IRREVOCABLE",
} as const;
export type LeakReason = keyof typeof LeakReason;
registerEnumType(LeakReason, {
  name: "LeakReason",
  description: "Why a licence is held at Apple although nothing here wants it.",
  valuesConfig: {
    FOUND_AT_APPLE: { description: "Somebody else gave it at Apple, or it was there before us." },
    MEMBER_LEFT: { description: "Its members have left their collections, and the deployment keeps what they have." },
    DEPLOYMENT_DELETED: { description: "Its deployment was deleted, and keeps what its members have." },
    DEPLOYMENT_ENDED: { description: "Nothing here uses it any more, and it was not given back." },
    RETURN_FAILED: { description: "It was to be given back five times; that is tried daily from now on." },
    ABANDONED: { description: "An admin gave up on its operation: Apple may hold it or not (`abandonedAt`)." },
    IRREVOCABLE: { description: "The app is gone, but Apple takes no licence of it back." },
  },
});

@ObjectType({ description: "A licence that is held at Apple, and that nothing here wants.", simpleResolvers: true })
export class LeakedLicense {
  @Field(() => License, { description: "The licence." })
  license!: License;

  @Field(() => LeakReason, { description: "Why it is so." })
  reason!: LeakReason;
}

@InputType({ description: "Which leaked licences to list: those that meet all that is given." })
class LeakedLicenseFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => [LeakReason], { nullable: true, description: "For one of these reasons." })
  reason?: LeakReason[] | null;

  @Field(() => HolderKind, { nullable: true, description: "Held by devices only, or by users only." })
  holderKind?: HolderKind | null;
}

const LeakedLicenseOrder = orderOf("LeakedLicense", {
  STARTED_AT: "When it started.",
});

export const LeakedLicenseListArgs = listArgs(LeakedLicenseFilter, LeakedLicenseOrder);
export type LeakedLicenseListArgs = InstanceType<typeof LeakedLicenseListArgs>;

export const LeakedLicenseConnection = connectionOf("LeakedLicense", "leaked licences", () => LeakedLicense);
