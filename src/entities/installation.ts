import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { bigintOrNull, moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Deployment } from "./deployment.js";
import { Device } from "./device.js";
import { License } from "./license.js";
import { Node, TokenScopedNode } from "./node.js";
import { Target } from "./target.js";
import { User } from "./user.js";

export enum InstallationWant {
  PRESENT = "PRESENT",
  ABSENT = "ABSENT",
}
registerEnumType(InstallationWant, {
  name: "InstallationWant",
  description: "What is wanted of the app on the device.",
  valuesConfig: { PRESENT: { description: "There." }, ABSENT: { description: "Gone, and its licence back." } },
});

export enum InstallationState {
  REQUESTED = "REQUESTED",
  WAITING_FOR_LICENSE = "WAITING_FOR_LICENSE",
  WAITING_FOR_USER = "WAITING_FOR_USER",
  NO_DEVICE = "NO_DEVICE",
  NOT_APPLICABLE = "NOT_APPLICABLE",
  CLAIMING = "CLAIMING",
  LICENSED = "LICENSED",
  INSTALLING = "INSTALLING",
  INSTALLED = "INSTALLED",
  FAILED = "FAILED",
  REMOVING = "REMOVING",
  REMOVAL_FAILED = "REMOVAL_FAILED",
  RETURNING = "RETURNING",
  REMOVED = "REMOVED",
  SUPERSEDED = "SUPERSEDED",
  CANCELLED = "CANCELLED",
}
registerEnumType(InstallationState, {
  name: "InstallationState",
  description: "How far one device of a deployment has come.",
  valuesConfig: {
    REQUESTED: { description: "Wanted; its licence is about to be joined or claimed." },
    WAITING_FOR_LICENSE: { description: "No licence is free; it moves by itself when one is." },
    WAITING_FOR_USER: { description: "The person has not accepted Apple's invitation; no licence is held meanwhile." },
    NO_DEVICE: { description: "The person has no device at this target." },
    NOT_APPLICABLE: { description: "This device cannot get this app; `reason` says why." },
    CLAIMING: { description: "A licence is being claimed at Apple." },
    LICENSED: { description: "Licensed; the target is about to be told." },
    INSTALLING: { description: "The target has it." },
    INSTALLED: { description: "Seen on the device." },
    FAILED: { description: "Not installed; `reason`, `detail` and `remedy` say why and what to do." },
    REMOVING: { description: "Being removed from the device." },
    REMOVAL_FAILED: { description: "Still on the device; tried again daily, and the licence is kept." },
    RETURNING: {
      description:
        "Gone from the device, or working there for 30 days at most (`reason` RECLAIMED); its licence is being returned at Apple.",
    },
    REMOVED: {
      description:
        "Over, and it uses no licence any more: the app is gone, or works there for 30 days at most (`reason` RECLAIMED or LICENSE_LOST). The licence is back or used by another device of the person, unless `reason` says that it stays (IRREVOCABLE, LICENSE_KEPT) or may have leaked (OPERATION_ABANDONED).",
    },
    SUPERSEDED: { description: "Another deployment has taken over." },
    CANCELLED: {
      description: "No longer wanted while it had no licence; an app that is on the device all the same is left alone.",
    },
  },
});

/** The states in which it is the target's turn. */
export const AWAITS_TARGET: readonly InstallationState[] = [
  InstallationState.LICENSED,
  InstallationState.INSTALLING,
  InstallationState.REMOVING,
  InstallationState.REMOVAL_FAILED,
];

export enum InstallationReason {
  NO_USER = "NO_USER",
  DEVICE_LIMIT = "DEVICE_LIMIT",
  UNKNOWN_AT_TARGET = "UNKNOWN_AT_TARGET",
  NO_SERIAL = "NO_SERIAL",
  DEVICE_GONE = "DEVICE_GONE",
  PLATFORM_UNSUPPORTED = "PLATFORM_UNSUPPORTED",
  OUT_OF_STOCK = "OUT_OF_STOCK",
  LICENSE_RETURNING = "LICENSE_RETURNING",
  REGISTRATION_OPEN = "REGISTRATION_OPEN",
  INVITATION_OPEN = "INVITATION_OPEN",
  REGISTRATION_REFUSED = "REGISTRATION_REFUSED",
  REFUSED_BY_APPLE = "REFUSED_BY_APPLE",
  TOKEN_NOT_WRITABLE = "TOKEN_NOT_WRITABLE",
  REFUSED_BY_TARGET = "REFUSED_BY_TARGET",
  NEEDS_USER = "NEEDS_USER",
  TIMED_OUT = "TIMED_OUT",
  SERVED_BY_OTHER_TOKEN = "SERVED_BY_OTHER_TOKEN",
  LICENSE_LOST = "LICENSE_LOST",
  IRREVOCABLE = "IRREVOCABLE",
  USER_LEFT = "USER_LEFT",
  KEPT_BY_INSTALL = "KEPT_BY_INSTALL",
  RECLAIMED = "RECLAIMED",
  LICENSE_KEPT = "LICENSE_KEPT",
  OPERATION_ABANDONED = "OPERATION_ABANDONED",
}
registerEnumType(InstallationReason, {
  name: "InstallationReason",
  description: "Why an installation is where it is.",
  valuesConfig: {
    NO_USER: { description: "The device has no user, and the deployment uses users' licences." },
    DEVICE_LIMIT: { description: "The person's licence already serves five devices, as many as Apple allows." },
    UNKNOWN_AT_TARGET: { description: "The deployment's target does not know the device." },
    NO_SERIAL: { description: "The device's serial number is not known, and a device licence needs it." },
    DEVICE_GONE: { description: "Its target says that the device was wiped, retired or deleted." },
    PLATFORM_UNSUPPORTED: { description: "The app does not run on the device's platform." },
    OUT_OF_STOCK: { description: "No licence of the app is free." },
    LICENSE_RETURNING: { description: "The holder's last licence is still on its way back to Apple." },
    REGISTRATION_OPEN: { description: "The person is being registered with Apple." },
    INVITATION_OPEN: { description: "The person has not accepted Apple's invitation." },
    REGISTRATION_REFUSED: {
      description: "Apple refused to register the person, or has not done it in five attempts; `detail` says which.",
    },
    REFUSED_BY_APPLE: { description: "Apple refused the licence." },
    TOKEN_NOT_WRITABLE: {
      description: "The token may not write; see its health.",
      deprecationReason:
        "Never given: what waits for its token has no reason of its own. `Token.health` and `explainInstallation` (TOKEN_FROZEN) tell of it.",
    },
    REFUSED_BY_TARGET: { description: "The target refused." },
    NEEDS_USER: { description: "Someone has to act on the device." },
    TIMED_OUT: { description: "The target has not reported the outcome in time." },
    SERVED_BY_OTHER_TOKEN: {
      description:
        "The device already has this app with a licence of another token, or could: it holds one, or with licensing USER its person does that no other device uses.",
    },
    LICENSE_LOST: { description: "Its licence was taken away at Apple by somebody else." },
    IRREVOCABLE: { description: "The app is gone, but its licence cannot be taken back." },
    USER_LEFT: { description: "The person has left: no target knows them any more." },
    KEPT_BY_INSTALL: {
      description: "A conflict: another deployment wants the app on this device, and the install wins; see `keptBy`.",
    },
    RECLAIMED: {
      description:
        "Its licence was taken back, when it left or by an admin; the app stops working on the device within 30 days.",
    },
    LICENSE_KEPT: {
      description:
        "The app is gone; its licence stays with the holder, since an admin has given it (`assignLicenses`) or protects it (`setNeverReclaim`).",
    },
    OPERATION_ABANDONED: {
      description:
        "An admin gave up what was asked of Apple for it (`abandonAppleOperation`): a licence, which may have leaked, or to register the person.",
    },
  },
});

/** How long an app works on at most after its licence was taken back (Apple; reference: apple-protocol). */
export const RECLAIM_GRACE_MS = 30 * 24 * 60 * 60_000;

@ObjectType({ implements: Node, description: "The fact: one device of one deployment, or a member that reached none." })
@Entity()
@Check("installation_want_known", oneOf("want", InstallationWant))
@Check("installation_state_known", oneOf("state", InstallationState))
@Check("installation_reason_known", oneOf("reason", InstallationReason))
@Check("installation_of_someone", "num_nonnulls(device_id, user_id) >= 1")
@Check(
  "installation_no_device",
  "state NOT IN ('REQUESTED', 'CLAIMING', 'LICENSED', 'INSTALLING', 'INSTALLED', 'REMOVING') OR device_id IS NOT NULL",
)
@Index("installation_device", ["tokenId", "deploymentId", "deviceId"], { unique: true, where: "device_id IS NOT NULL" })
@Index("installation_member", ["tokenId", "deploymentId", "userId"], { unique: true, where: "device_id IS NULL" })
@Index("installation_page", ["tokenId", "deploymentId", "id"])
// With left_at beside its columns, so that counts by state need no row.
@Index("installation_of_deployment", { synchronize: false })
@Index("installation_of_app", ["tokenId", "storeAppId", "id"])
@Index("installation_at_target", ["targetId", "tokenId", "id"])
@Index("installation_state", ["state", "tokenId", "id"])
@Index("installation_state_at", ["stateAt", "tokenId", "id"])
@Index("installation_reason", ["reason", "tokenId", "id"], { where: "reason IS NOT NULL" })
@Index("installation_left", ["tokenId", "id"], { where: "left_at IS NOT NULL" })
@Index("installation_to_license", ["tokenId", "storeAppId", "deploymentId", "state", "queuedAt", "id"], {
  where: "state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')",
})
@Index("installation_awaits_return", ["tokenId", "storeAppId", "id"], { where: "reason = 'LICENSE_RETURNING'" })
@Index("installation_to_advance", ["tokenId", "licenseId"], { where: "state IN ('CLAIMING', 'RETURNING')" })
@Index("installation_to_apply", ["targetId", "id"], { where: "state IN ('LICENSED', 'REMOVING') AND handle IS NULL" })
@Index("installation_to_verify", ["targetId", "id"], { where: "verify_at IS NOT NULL" })
@Index("installation_to_poll", ["targetId", "nextLookAt"], { where: "handle IS NOT NULL" })
@Index("installation_handle", ["targetId", "handle"], { where: "handle IS NOT NULL" })
@Index("installation_deadline", ["deadlineAt"], { where: "deadline_at IS NOT NULL" })
@Index("installation_license", ["tokenId", "licenseId", "leftAt"], { where: "license_id IS NOT NULL" })
@Index("installation_left_license", ["tokenId", "licenseId"], {
  where: "license_id IS NOT NULL AND left_at IS NOT NULL",
})
@Index("installation_unlicensed", ["tokenId", "id"], {
  where: "license_id IS NULL AND observed_state = 'installed'",
})
@Index("installation_former_license", ["tokenId", "formerLicenseId"], { where: "former_license_id IS NOT NULL" })
@Index("installation_hindered", ["tokenId", "storeAppId", "id"], {
  where: "reason IN ('DEVICE_LIMIT', 'SERVED_BY_OTHER_TOKEN', 'USER_LEFT')",
})
@Index("installation_invited", ["tokenId", "stateAt"], { where: "reason = 'INVITATION_OPEN'" })
@Index("installation_of_device", ["deviceId"], { where: "device_id IS NOT NULL" })
@Index("installation_of_user", ["userId"], { where: "user_id IS NOT NULL" })
@ForeignKey(() => Deployment, ["tokenId", "deploymentId"], ["tokenId", "id"], {
  name: "installation_deployment_fk",
  onDelete: "RESTRICT",
})
@ForeignKey(() => License, ["tokenId", "licenseId"], ["tokenId", "id"], {
  name: "installation_license_fk",
  onDelete: "NO ACTION",
})
@ForeignKey(() => License, ["tokenId", "formerLicenseId"], ["tokenId", "id"], {
  name: "installation_former_license_fk",
  onDelete: "NO ACTION",
})
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "installation_target_fk", onDelete: "RESTRICT" })
@ForeignKey(() => Device, ["deviceId"], ["id"], { name: "installation_device_fk", onDelete: "NO ACTION" })
@ForeignKey(() => User, ["userId"], ["id"], { name: "installation_user_fk", onDelete: "NO ACTION" })
export class Installation extends TokenScopedNode {
  @Column("bigint")
  deploymentId!: string;

  /** The deployment's, repeated so that work is found by app and by target without a join. */
  @Column("bigint")
  storeAppId!: string;

  @Column("uuid")
  targetId!: string;

  @Column(uuidOrNull)
  deviceId!: string | null;

  /** The member, or the device's user when this was planned: whose licence it uses under user licensing. */
  @Column(uuidOrNull)
  userId!: string | null;

  @Column(bigintOrNull)
  licenseId!: string | null;

  /**
   * The licence by which the app goes on until there is one for this installation: of the device's former user, or of another
   * deployment that has left the app to it.
   */
  @Column(bigintOrNull)
  formerLicenseId!: string | null;

  @Field(() => InstallationWant, { description: "What is wanted." })
  @Column("text")
  want!: InstallationWant;

  @Field(() => InstallationState, { description: "How far it has come." })
  @Column("text")
  state!: InstallationState;

  @Field(() => InstallationReason, { nullable: true, description: "Why it is where it is, when that needs saying." })
  @Column(textOrNull)
  reason!: InstallationReason | null;

  @Field(() => String, { nullable: true, description: "The same in a sentence, in the words of Apple or the target." })
  @Column(textOrNull)
  detail!: string | null;

  @Field(() => String, { nullable: true, description: "What to do about it." })
  @Column(textOrNull)
  remedy!: string | null;

  @Field(() => Int, { description: "Raised by each change of what is wanted, each retry and each change of user." })
  @Column("integer", { default: 1 })
  generation!: number;

  /** Of the present step at the target; with generation it makes the step key. */
  @Column("integer", { default: 1 })
  attempt!: number;

  /** The target's note on the present step; null until it has accepted it. */
  @Column(textOrNull)
  handle!: string | null;

  /** When the target is next told (without a handle) or asked (with one). */
  @Column(momentOrNull)
  nextLookAt!: Date | null;

  /** When the plugin wants a `verify` step; null if it does not. */
  @Column(momentOrNull)
  verifyAt!: Date | null;

  /** How long the last pause before such a step was. */
  @Column("double precision", { default: 0 })
  verifyPauseMs!: number;

  @Column("integer", { default: 0 })
  verifications!: number;

  /** The end of the present wait; what happens then depends on the state (rule 10). */
  @Column(momentOrNull)
  deadlineAt!: Date | null;

  @Field(() => Date, { description: "When the state last changed." })
  @Column(moment)
  stateAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: "What the target last saw on the device, of whichever generation.",
  })
  @Column(textOrNull)
  observedState!: string | null;

  @Field(() => Date, { nullable: true, description: "When it saw that." })
  @Column(momentOrNull)
  observedAt!: Date | null;

  /**
   * Since when it has wanted its licence without a break, and so its turn among those of the same priority. It keeps its turn
   * while it waits, is refused for want of stock or loses its licence to somebody else; whoever was cancelled, gone, removed
   * or failed, and wants it again, comes last.
   */
  @Column(moment)
  queuedAt!: Date;

  @Field(() => Date, { description: "When it came to be." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description:
      "When its member left the collection, its device was lost or, where it uses its user's licence, has no user any more, or its deployment was deleted; null while none of this is so.",
  })
  @Column(momentOrNull)
  leftAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: "When the person's open invitation was last reminded of, by an alert: after 7 and after 30 days.",
  })
  @Column(momentOrNull)
  remindedAt!: Date | null;
}
