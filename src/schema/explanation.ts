import "reflect-metadata";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { Installation } from "../entities/installation.js";

const WhoHasToAct = {
  ADMIN: "ADMIN",
  PERSON: "PERSON",
  APPLE: "APPLE",
  TARGET: "TARGET",
  ALLOTMENT: "ALLOTMENT",
  NOBODY: "NOBODY",
} as const;
type WhoHasToAct = keyof typeof WhoHasToAct;
registerEnumType(WhoHasToAct, {
  name: "WhoHasToAct",
  description: "Who can bring an installation on.",
  valuesConfig: {
    ADMIN: { description: "An admin, here, at Apple or at the MDM." },
    PERSON: { description: "The person, or whoever holds the device." },
    APPLE: { description: "Apple: it is waited for." },
    TARGET: { description: "The MDM, or the device: it is waited for." },
    ALLOTMENT: { description: "This service: it goes on by itself." },
    NOBODY: { description: "Nobody: it is as it should be, or as it was decided." },
  },
});

const CAUSES = {
  UNKNOWN_DEVICE: "No target tells of the device or person.",
  NOT_DEPLOYED: "No deployment brings the app to anybody.",
  NOT_A_MEMBER: "The app is deployed, but to no collection that the device or its user belongs to.",
  JOINING: "It belongs to such a collection, and its installation is being made.",
  WANTED: "A deployment brings the app there.",
  UNINSTALL_WANTED: "A deployment takes the app away there, or brings it no longer.",
  DEPLOYMENT_DELETED: "The deployment was deleted.",
  LEFT: "The member has left the collection, or the device was lost.",
  NO_DEVICE: "The person has no device at the target.",
  NO_USER: "The device has no user, whose licence is needed.",
  NO_SERIAL: "The device's serial number is not known.",
  USER_LEFT: "No target knows the person any more.",
  DEVICE_GONE: "The device was wiped, retired or deleted.",
  DEVICE_LIMIT: "The person's licence serves five devices already.",
  UNKNOWN_AT_TARGET: "The target does not know the device.",
  PLATFORM_UNSUPPORTED: "The app does not run on the device.",
  SERVED_BY_OTHER_TOKEN: "The device has the app, or could, by a licence of another token.",
  CONFLICT: "An install of another deployment beats this uninstall.",
  TOKEN_FROZEN: "The token may not write.",
  TOKEN_BEING_REMOVED: "The token is being removed.",
  LICENSING: "It is about to get a licence.",
  OUT_OF_STOCK: "No licence is free for it; it stands in the queue.",
  CLAIMS_PAUSED: "Apple has lately refused a claim for want of stock.",
  APP_UNLISTED: "Apple no longer lists the app for this token.",
  SERVED_FIRST: "Others were served first whose turn comes later.",
  LICENSE_RETURNING: "A licence is on its way back to Apple.",
  REGISTRATION_OPEN: "The person is being registered with Apple.",
  REGISTRATION_REFUSED: "Apple refused to register the person, or has not done it in five attempts.",
  INVITATION_OPEN: "The person has not accepted Apple's invitation.",
  OPERATION_UNDER_WAY: "Something is being asked of Apple.",
  OPERATION_FAILING: "What is asked of Apple has failed, or fails so far.",
  OPERATION_PAUSED: "What is asked of Apple waits for the token.",
  OPERATION_ABANDONED: "An admin gave up what was asked of Apple.",
  REFUSED_BY_APPLE: "Apple refused the licence.",
  LICENSED: "The holder has a licence.",
  FORMER_LICENSE:
    "The device goes on with the licence of its former user, or of another deployment, until this one has one.",
  LICENSE_LOST: "Somebody else took the licence away at Apple.",
  LICENSE_KEPT: "The licence stays with its holder, by an admin's word.",
  RECLAIMED: "The licence was taken back.",
  IRREVOCABLE: "The licence cannot be taken back.",
  APNS_NOT_VALID: "The target has no APNs certificate, or an expired one.",
  TARGET_PAUSED: "The target is left alone for a while, since a call has failed.",
  APPLICATION_NOT_READY: "The app does not stand ready at the target.",
  NOT_HANDED_OVER: "The target has not taken the order yet.",
  HANDED_OVER: "The target has the order.",
  NEEDS_USER: "Somebody has to act on the device.",
  REFUSED_BY_TARGET: "The target has refused.",
  TIMED_OUT: "The target has not reported in time.",
  INSTALLED: "The app was seen on the device.",
  BEING_REMOVED: "The app is being removed.",
  REMOVAL_FAILED: "The app could not be removed yet.",
  REMOVED: "The app is gone there, or counted on no longer.",
  SUPERSEDED: "Another installation has taken over.",
  CANCELLED: "It is no longer wanted, and had no licence.",
} as const;
export type ExplanationCause = keyof typeof CAUSES;
const causes = Object.keys(CAUSES) as ExplanationCause[];
export const ExplanationCause = Object.fromEntries(causes.map((cause) => [cause, cause])) as {
  readonly [Cause in ExplanationCause]: Cause;
};
registerEnumType(ExplanationCause, {
  name: "ExplanationCause",
  description: "Why an app is, or is not, where somebody looks for it.",
  valuesConfig: Object.fromEntries(causes.map((cause) => [cause, { description: CAUSES[cause] }])),
});

@ObjectType({ description: "One link of the chain from the wish to the device.", simpleResolvers: true })
export class ExplanationLink {
  @Field(() => ExplanationCause, { description: "What is so." })
  cause!: ExplanationCause;

  @Field(() => String, { description: "How we know, in a sentence or two." })
  evidence!: string;

  @Field(() => String, { description: "What happens next, or has to." })
  nextAction!: string;

  @Field(() => WhoHasToAct, { description: "Who can bring it on." })
  whoHasToAct!: WhoHasToAct;

  @Field(() => Date, { nullable: true, description: "Since when it is so; null when nobody knows." })
  since!: Date | null;
}

@ObjectType({ description: "Why an app is, or is not, on a device.", simpleResolvers: true })
export class InstallationExplanation {
  @Field(() => Installation, {
    nullable: true,
    description: "What is explained; null where there is no installation of the app, and that is explained.",
  })
  installation!: Installation | null;

  @Field(() => [ExplanationLink], {
    description: "From the wish down to the device, each link after what it follows from.",
  })
  chain!: readonly ExplanationLink[];
}

@ArgsType()
export class ExplainInstallationArgs {
  @Field(() => ID, { nullable: true, description: "The installation; then nothing else is given." })
  installation?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A device by its serial number, in upper or lower case; with `storeApp`.",
  })
  serialNumber?: string | null;

  @Field(() => ID, { nullable: true, description: "A person, with all of their devices; with `storeApp`." })
  user?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "The app, of any token that owns it: the same product of other tokens is explained, too.",
  })
  storeApp?: string | null;
}
