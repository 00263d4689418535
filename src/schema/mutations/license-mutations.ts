import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { AppleUser } from "../../entities/apple-user.js";
import { Device } from "../../entities/device.js";
import { License } from "../../entities/license.js";
import { User } from "../../entities/user.js";
import { ReclaimResult } from "../reclaim.js";
import { MutationInput } from "./mutation-input.js";

@InputType({ description: "Licences to be taken back." })
export class ReclaimLicensesInput extends MutationInput {
  @Field(() => [ID], { description: "The licences, each named once, of any tokens: 1 to 1,000." })
  licenses!: string[];

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True says what would come of it, licence by licence, and changes nothing.",
  })
  dryRun!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "True takes them from under installations that still want them, too: those fail with the reason RECLAIMED and claim nothing more until they are retried.",
  })
  evenIfWanted!: boolean;
}

@ObjectType({
  description: "Licences that were, or would be, taken back; at Apple the work goes on after this answer.",
})
export class ReclaimLicensesPayload {
  @Field(() => [ReclaimResult], { description: "What comes of each, in the order of their ids." })
  results!: ReclaimResult[];

  @Field(() => Int, { description: "How many are, or would be, given back." })
  returnedCount!: number;
}

@InputType({ description: "Licences to be protected, or no longer." })
export class SetNeverReclaimInput extends MutationInput {
  @Field(() => [ID], { description: "The licences, each named once, of any tokens: 1 to 1,000." })
  licenses!: string[];

  @Field(() => Boolean, { description: "True protects them; false ends that." })
  neverReclaim!: boolean;
}

@ObjectType({ description: "Licences that are protected, or no longer." })
export class SetNeverReclaimPayload {
  @Field(() => [License], { description: "The licences." })
  licenses!: License[];
}

const AssignmentOutcome = {
  GIVEN: "GIVEN",
  ALREADY_HELD: "ALREADY_HELD",
  LICENSE_RETURNING: "LICENSE_RETURNING",
  SERVED_ELSEWHERE: "SERVED_ELSEWHERE",
  NO_SERIAL: "NO_SERIAL",
  DEVICE_GONE: "DEVICE_GONE",
  USER_LEFT: "USER_LEFT",
  REGISTRATION_REQUESTED: "REGISTRATION_REQUESTED",
  REGISTRATION_OPEN: "REGISTRATION_OPEN",
  INVITATION_OPEN: "INVITATION_OPEN",
} as const;
type AssignmentOutcome = keyof typeof AssignmentOutcome;
registerEnumType(AssignmentOutcome, {
  name: "AssignmentOutcome",
  description: "What comes of giving one holder a licence. Only GIVEN and ALREADY_HELD give it one.",
  valuesConfig: {
    GIVEN: { description: "A licence is claimed for it." },
    ALREADY_HELD: { description: "It has one, which is given to it from now on: no deployment takes it back." },
    LICENSE_RETURNING: { description: "Its last one is still on its way back: ask again when that has ended." },
    SERVED_ELSEWHERE: {
      description: "It has the app by another licence, of another token or of the other kind: it needs no second one.",
    },
    NO_SERIAL: { description: "The device's serial number is not known." },
    DEVICE_GONE: { description: "The device was wiped, retired or deleted." },
    USER_LEFT: { description: "No target knows the person any more." },
    REGISTRATION_REQUESTED: {
      description: "The person is registered with Apple now; ask again once the invitation was accepted.",
    },
    REGISTRATION_OPEN: { description: "The person is being registered with Apple: ask again later." },
    INVITATION_OPEN: { description: "The person has not accepted Apple's invitation: see `appleUser.invitationUrl`." },
  },
});

@InputType({ description: "Licences of one app to be given without an install." })
export class AssignLicensesInput extends MutationInput {
  @Field(() => ID, { description: "The app; books are given to users only, and never come back." })
  storeApp!: string;

  @Field(() => [ID], { defaultValue: [], description: "Devices, each named once; with `users` 1 to 1,000." })
  devices!: string[];

  @Field(() => [ID], { defaultValue: [], description: "People, each named once; with `devices` 1 to 1,000." })
  users!: string[];

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True says what would come of it, holder by holder, and changes nothing.",
  })
  dryRun!: boolean;
}

@ObjectType({ description: "What comes, or would come, of giving one holder a licence.", simpleResolvers: true })
export class AssignmentResult {
  @Field(() => Device, { nullable: true, description: "The device; null for a person." })
  device!: Device | null;

  @Field(() => User, { nullable: true, description: "The person; null for a device." })
  user!: User | null;

  @Field(() => AssignmentOutcome, { description: "What comes of it." })
  outcome!: AssignmentOutcome;

  @Field(() => License, {
    nullable: true,
    description: "Its licence; null when it has none, and in a dry run that would give it one.",
  })
  license!: License | null;

  @Field(() => AppleUser, {
    nullable: true,
    description: "The registration that the person had already, with its invitation; null for a device.",
  })
  appleUser!: AppleUser | null;
}

@ObjectType({ description: "Licences that were, or would be, given; at Apple the work goes on after this answer." })
export class AssignLicensesPayload {
  @Field(() => [AssignmentResult], { description: "What comes of each holder: devices first, each kind by id." })
  results!: AssignmentResult[];

  @Field(() => Int, { description: "How many licences are claimed for this." })
  claimedCount!: number;

  @Field(() => Int, {
    nullable: true,
    description: "How many were free for this before, reservations left out. Null when unlimited.",
  })
  freeCount!: number | null;

  @Field(() => Boolean, { description: "Whether Apple takes licences of this app back." })
  revocable!: boolean;
}
