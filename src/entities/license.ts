import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { AppleUser } from "./apple-user.js";
import { bigintOrNull, moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Device } from "./device.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";

export enum HolderKind {
  DEVICE = "DEVICE",
  USER = "USER",
}
registerEnumType(HolderKind, {
  name: "HolderKind",
  description: "What holds a licence.",
  valuesConfig: {
    DEVICE: { description: "A device, by its serial number." },
    USER: { description: "A person's registration with Apple, by its client user id." },
  },
});

export enum LicenseState {
  CLAIMING = "CLAIMING",
  HELD = "HELD",
  RETURNING = "RETURNING",
  ENDED = "ENDED",
  REFUSED = "REFUSED",
}
registerEnumType(LicenseState, {
  name: "LicenseState",
  description: "Where a holding stands.",
  valuesConfig: {
    CLAIMING: { description: "Set aside here, asked of Apple, not confirmed yet." },
    HELD: { description: "Confirmed at Apple." },
    RETURNING: { description: "No longer wanted; being given back at Apple." },
    ENDED: { description: "Back in stock." },
    REFUSED: { description: "Apple refused the claim: nothing was ever held." },
  },
});

export enum LicenseCause {
  DEPLOYMENT = "DEPLOYMENT",
  MANUAL = "MANUAL",
  SYNC = "SYNC",
  EXTERNAL = "EXTERNAL",
}
registerEnumType(LicenseCause, {
  name: "LicenseCause",
  description: "Why a holding started or ended.",
  valuesConfig: {
    DEPLOYMENT: { description: "A deployment wanted it, or no longer did." },
    MANUAL: { description: "An admin gave or took it here." },
    SYNC: { description: "Found at Apple by the first synchronisation of the token." },
    EXTERNAL: { description: "Changed at Apple by somebody else, between two reads." },
  },
});

@ObjectType({
  implements: Node,
  description: "One holding: from the claim to the return of one licence by one holder. Starts and ends once.",
})
@Entity()
@Check("license_holder_kind_known", oneOf("holder_kind", HolderKind))
@Check("license_state_known", oneOf("state", LicenseState))
@Check("license_start_cause_known", oneOf("start_cause", LicenseCause))
@Check("license_end_cause_known", oneOf("end_cause", LicenseCause))
@Check("license_ended_when_over", "(state IN ('ENDED', 'REFUSED')) = (ended_at IS NOT NULL)")
@Check(
  "license_held_when_confirmed",
  "state NOT IN ('HELD', 'RETURNING') OR assigned_at IS NOT NULL OR abandoned_at IS NOT NULL",
)
@Check("license_given_by_someone", "(given_at IS NULL) = (given_by IS NULL)")
@Check("license_end_has_cause", "(ended_at IS NULL) = (end_cause IS NULL)")
@Check("license_link_fits_kind", "CASE holder_kind WHEN 'DEVICE' THEN apple_user_id IS NULL ELSE device_id IS NULL END")
@Index("license_open", ["tokenId", "storeAppId", "holderKind", "holderKey"], {
  unique: true,
  where: "ended_at IS NULL",
})
@Index("license_of_nobody", ["tokenId", "id"], {
  where: "ended_at IS NULL AND device_id IS NULL AND apple_user_id IS NULL",
})
@Index("license_abandoned", ["tokenId", "id"], { where: "ended_at IS NULL AND abandoned_at IS NOT NULL" })
@Index("license_moving", ["tokenId", "id"], { where: "state IN ('CLAIMING', 'RETURNING', 'REFUSED')" })
@Index("license_of_app", ["tokenId", "storeAppId", "id"])
@Index("license_of_device", ["deviceId"], { where: "device_id IS NOT NULL" })
@Index("license_of_apple_user", ["tokenId", "appleUserId"], { where: "apple_user_id IS NOT NULL" })
@Index("license_of_operation", ["tokenId", "operationId"], { where: "operation_id IS NOT NULL" })
@Index("license_started", ["startedAt", "tokenId", "id"])
@Index("license_started_later", ["startedAt", "tokenId", "id"], { where: "start_cause <> 'SYNC'" })
@Index("license_started_of_token", ["tokenId", "startedAt", "id"])
@Index("license_ended_of_token", ["tokenId", "endedAt", "id"], { where: "ended_at IS NOT NULL" })
@Index("license_ended", ["endedAt", "tokenId", "id"], { where: "ended_at IS NOT NULL" })
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "license_store_app_fk",
  onDelete: "CASCADE",
})
@ForeignKey(() => Device, ["deviceId"], ["id"], { name: "license_device_fk", onDelete: "NO ACTION" })
@ForeignKey(() => AppleUser, ["tokenId", "appleUserId"], ["tokenId", "id"], {
  name: "license_apple_user_fk",
  onDelete: "NO ACTION",
})
export class License extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Field(() => HolderKind, { description: "What holds it." })
  @Column("text")
  holderKind!: HolderKind;

  @Field(() => String, { description: "The holder exactly as Apple spells it: serial number or client user id." })
  @Column("text")
  holderKey!: string;

  @Column(uuidOrNull)
  deviceId!: string | null;

  @Column(bigintOrNull)
  appleUserId!: string | null;

  @Field(() => LicenseState, { description: "Where it stands." })
  @Column("text")
  state!: LicenseState;

  @Field(() => Date, { description: "When it was claimed here, or Apple was asked and told of it." })
  @Column(moment)
  startedAt!: Date;

  @Field(() => LicenseCause, { description: "Why it started." })
  @Column("text")
  startCause!: LicenseCause;

  @Field(() => String, { description: "Who started it." })
  @Column("text")
  startActor!: string;

  @Field(() => Date, {
    nullable: true,
    description: "When Apple confirmed it; null while it has not, and for ever if refused.",
  })
  @Column(momentOrNull)
  assignedAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description:
      "When an admin last gave it without an install (`assignLicenses`): while set it is wanted, whatever is installed.",
  })
  @Column(momentOrNull)
  givenAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Who gave it." })
  @Column(textOrNull)
  givenBy!: string | null;

  @Field(() => Boolean, {
    description: "Protected by an admin: neither `reclaimLicenses` nor a deployment gives it back (`setNeverReclaim`).",
  })
  @Column("boolean", { default: false })
  neverReclaim!: boolean;

  @Field(() => Date, {
    nullable: true,
    description:
      "When an admin gave up on its operation without Apple's word: it counts as held, but only a later read says whether it is.",
  })
  @Column(momentOrNull)
  abandonedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: "When it ended." })
  @Column(momentOrNull)
  endedAt!: Date | null;

  @Field(() => LicenseCause, { nullable: true, description: "Why it ended." })
  @Column(textOrNull)
  endCause!: LicenseCause | null;

  @Field(() => String, { nullable: true, description: "Who ended it." })
  @Column(textOrNull)
  endActor!: string | null;

  /** The AppleOperation that claimed it; null when it was found at Apple. */
  @Column(bigintOrNull)
  startOperationId!: string | null;

  /** The AppleOperation that returned it; null when it ended without us. */
  @Column(bigintOrNull)
  endOperationId!: string | null;

  /** The Deployment that claimed it; null when none did. It may be gone. */
  @Column(bigintOrNull)
  startDeploymentId!: string | null;

  /** The Deployment that has claimed or last joined it; once it has ended, the one that let go of it. It may be gone. */
  @Column(bigintOrNull)
  lastDeploymentId!: string | null;

  /** The AppleOperation that has not ended yet, if any: a merge leaves the row alone while it is set (rule 3). */
  @Column(bigintOrNull)
  operationId!: string | null;

  /** When the Apple read that told of it was requested, or the operation was confirmed (rule 3). */
  @Column(momentOrNull)
  provenAt!: Date | null;
}
