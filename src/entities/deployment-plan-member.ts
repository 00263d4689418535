import "reflect-metadata";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { bigintOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { InstallationReason } from "./installation.js";

export enum PlanOutcome {
  INSTALL = "INSTALL",
  ALREADY_THERE = "ALREADY_THERE",
  WAITS_FOR_LICENSE = "WAITS_FOR_LICENSE",
  WAITS_FOR_USER = "WAITS_FOR_USER",
  NO_USER = "NO_USER",
  NO_DEVICE = "NO_DEVICE",
  NOT_APPLICABLE = "NOT_APPLICABLE",
  REMOVE = "REMOVE",
  KEPT = "KEPT",
}
registerEnumType(PlanOutcome, {
  name: "PlanOutcome",
  description: "What a deployment would mean for one member.",
  valuesConfig: {
    INSTALL: { description: "It has its licence, and the target is told to install." },
    ALREADY_THERE: { description: "Another deployment has the app on the device: its licence is joined." },
    WAITS_FOR_LICENSE: { description: "No licence is free for it (`OUT_OF_STOCK`), or its last one returns first." },
    WAITS_FOR_USER: { description: "The person has to be registered with Apple, or to accept the invitation, first." },
    NO_USER: { description: "The device has no user, and the deployment uses users' licences: it gets nothing." },
    NO_DEVICE: { description: "The person has no device at the target." },
    NOT_APPLICABLE: { description: "The device cannot get the app; `reason` says why." },
    REMOVE: { description: "The device loses the app." },
    KEPT: { description: "The device keeps the app: another deployment installs it there, and the install wins." },
  },
});

export enum PlannedLicense {
  NEW = "NEW",
  JOINED = "JOINED",
  RETURNS = "RETURNS",
  STAYS = "STAYS",
  IRREVOCABLE = "IRREVOCABLE",
}
registerEnumType(PlannedLicense, {
  name: "PlannedLicense",
  description: "What becomes of a licence by one member of a plan.",
  valuesConfig: {
    NEW: { description: "One is claimed." },
    JOINED: { description: "One that its holder has already, or gets by an earlier member, serves it, too." },
    RETURNS: { description: "It goes back, once no device uses it." },
    STAYS: { description: "It stays with its holder: an admin protects it or has given it." },
    IRREVOCABLE: { description: "It stays with its holder: Apple takes back none of this app." },
  },
});

/** One member of a DeploymentPlan: a device, or a user without one. */
@ObjectType({ description: "What a deployment would mean for one device, or for a person who has none." })
@Entity()
@Check("deployment_plan_member_outcome_known", oneOf("outcome", PlanOutcome))
@Check("deployment_plan_member_license_known", oneOf("license", PlannedLicense))
@Check("deployment_plan_member_of_someone", "num_nonnulls(device_id, user_id) >= 1")
@Index("deployment_plan_member_outcome", ["tokenId", "planId", "outcome", "position"])
@ForeignKey("DeploymentPlan", ["tokenId", "planId"], ["tokenId", "id"], {
  name: "deployment_plan_member_plan_fk",
  onDelete: "CASCADE",
})
export class DeploymentPlanMember {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryColumn("bigint")
  planId!: string;

  /** Its turn: who is licensed first comes first. */
  @PrimaryColumn("integer")
  position!: number;

  @Column(uuidOrNull)
  deviceId!: string | null;

  @Column(uuidOrNull)
  userId!: string | null;

  @Field(() => PlanOutcome, { description: "What becomes of it." })
  @Column("text")
  outcome!: PlanOutcome;

  @Field(() => InstallationReason, {
    nullable: true,
    description: "Why, in the words of the installation that it would become.",
  })
  @Column(textOrNull)
  reason!: InstallationReason | null;

  @Field(() => PlannedLicense, {
    name: "plannedLicense",
    nullable: true,
    description: "What becomes of a licence by it; null when of none.",
  })
  @Column(textOrNull)
  license!: PlannedLicense | null;

  /** The licence that it joins or gives up. */
  @Column(bigintOrNull)
  licenseId!: string | null;
}
