import "reflect-metadata";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { HolderKind, License } from "../../entities/license.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

export const ReclaimReason = {
  DEVICE_DELETED: "DEVICE_DELETED",
  DEVICE_WIPED: "DEVICE_WIPED",
  DEVICE_RETIRED: "DEVICE_RETIRED",
  DEVICE_SILENT: "DEVICE_SILENT",
  MEMBER_LEFT: "MEMBER_LEFT",
  DEPLOYMENT_DELETED: "DEPLOYMENT_DELETED",
  USER_LEFT: "USER_LEFT",
  HOLDER_UNKNOWN: "HOLDER_UNKNOWN",
} as const;
export type ReclaimReason = keyof typeof ReclaimReason;
registerEnumType(ReclaimReason, {
  name: "ReclaimReason",
  description:
    "Why a licence may be taken back. What is said of devices is so of all that use it, since one that is well needs it.",
  valuesConfig: {
    DEVICE_DELETED: { description: "The device was deleted at its target." },
    DEVICE_WIPED: { description: "The device was wiped." },
    DEVICE_RETIRED: { description: "The device is no longer managed." },
    DEVICE_SILENT: { description: "Its target has not heard from the device for `silentDays`." },
    MEMBER_LEFT: { description: "The member has left the collection, and no other installation wants it." },
    DEPLOYMENT_DELETED: { description: "The deployment was deleted, and no other installation wants it." },
    USER_LEFT: { description: "No target knows the person any more." },
    HOLDER_UNKNOWN: { description: "No target tells of a device or person that it belongs to." },
  },
});

@ObjectType({ description: "A licence that its holder does not seem to need.", simpleResolvers: true })
export class ReclaimCandidate {
  @Field(() => License, { description: "The licence." })
  license!: License;

  @Field(() => [ReclaimReason], { description: "Every reason there is." })
  reasons!: readonly ReclaimReason[];
}

@InputType({ description: "Which candidates to list: those that meet all that is given." })
class ReclaimCandidateFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => ID, { nullable: true, description: "Of this app." })
  storeApp?: string | null;

  @Field(() => [ReclaimReason], { nullable: true, description: "For one of these reasons, among others." })
  reason?: ReclaimReason[] | null;

  @Field(() => HolderKind, { nullable: true, description: "Held by devices only, or by users only." })
  holderKind?: HolderKind | null;
}

const ReclaimCandidateOrder = orderOf("ReclaimCandidate", {
  STARTED_AT: "When it started.",
});

@ArgsType()
export class ReclaimCandidateListArgs extends listArgs(ReclaimCandidateFilter, ReclaimCandidateOrder) {
  @Field(() => Int, {
    defaultValue: 90,
    description: "After how many days without a word to its target a device is silent: 1 to 3,650.",
  })
  silentDays!: number;
}

export const ReclaimCandidateConnection = connectionOf(
  "ReclaimCandidate",
  "licences that may be taken back",
  () => ReclaimCandidate,
);
