import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { Collection } from "./collection.js";
import { bigintOrNull, moment, momentOrNull, oneOf } from "./columns.js";
import {
  Deployment,
  DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
  OnLeave,
  PRIORITY,
} from "./deployment.js";
import { PlannedLicense, PlanOutcome } from "./deployment-plan-member.js";
import { InstallationReason } from "./installation.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";
import { Target } from "./target.js";

export enum PlanCertainty {
  DECIDED = "DECIDED",
  PREDICTED = "PREDICTED",
}
registerEnumType(PlanCertainty, {
  name: "PlanCertainty",
  description: "How a plan came to know what it says of licences.",
  valuesConfig: {
    DECIDED: { description: "Decided by the rules that give out the licences, on the data of that moment." },
    PREDICTED: { description: "The MDM gives out the licences itself: it may decide otherwise." },
  },
});

export enum PlanWarningCode {
  IRREVOCABLE = "IRREVOCABLE",
  APNS_EXPIRES = "APNS_EXPIRES",
  TOKEN_EXPIRES = "TOKEN_EXPIRES",
  TOKEN_UNVERIFIED = "TOKEN_UNVERIFIED",
  APP_UNLISTED = "APP_UNLISTED",
  OUT_OF_STOCK = "OUT_OF_STOCK",
  MEMBERS_HELD_BACK = "MEMBERS_HELD_BACK",
  PREDICTED = "PREDICTED",
}
registerEnumType(PlanWarningCode, {
  name: "PlanWarningCode",
  description: "What an admin should know before a deployment is made.",
  valuesConfig: {
    IRREVOCABLE: { description: "Licences of the app are never reclaimed: whoever gets one keeps it." },
    APNS_EXPIRES: { description: "The target's Apple Push certificate expires within 30 days." },
    TOKEN_EXPIRES: { description: "The token expires soon: from then on no licence is given or returned." },
    TOKEN_UNVERIFIED: { description: "Apple has not confirmed the token yet: nothing is claimed before that." },
    APP_UNLISTED: { description: "Apple no longer lists the app for this token: none of its licences can be claimed." },
    OUT_OF_STOCK: { description: "There are not enough licences: some members wait until there are." },
    MEMBERS_HELD_BACK: {
      description: "A listing that would shrink the collection is held back: members may have left.",
    },
    PREDICTED: { description: "The MDM gives out the licences itself: it may decide otherwise." },
  },
});

@ObjectType({ description: "Something to know before a deployment is made.", simpleResolvers: true })
export class PlanWarning {
  @Field(() => PlanWarningCode, { description: "What it is about." })
  code!: PlanWarningCode;

  @Field(() => String, { description: "The same in a sentence, with what to do." })
  message!: string;
}

@ObjectType({ description: "An app's licences at one moment of a plan.", simpleResolvers: true })
export class PlanStock {
  @Field(() => Int, { nullable: true, description: "Licences bought. Null when unlimited." })
  total!: number | null;

  @Field(() => Int, { description: "Our holdings that have not ended." })
  held!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      "Licences that can still be given, those included that are kept for other collections. Null when unlimited.",
  })
  free!: number | null;

  @Field(() => Int, { description: "How many of the free ones are kept for other collections." })
  reservedForOthers!: number;

  @Field(() => Int, { description: "Installations of the app, of all deployments, that wait for a licence." })
  waiting!: number;
}

@ObjectType({ description: "How many members of a plan have one outcome.", simpleResolvers: true })
export class PlanOutcomeCount {
  @Field(() => PlanOutcome, { description: "The outcome." })
  outcome!: PlanOutcome;

  @Field(() => InstallationReason, { nullable: true, description: "Why, when that needs saying." })
  reason!: InstallationReason | null;

  @Field(() => PlannedLicense, { nullable: true, description: "What becomes of a licence; null when of none." })
  license!: PlannedLicense | null;

  @Field(() => Int, { description: "How many members; never zero." })
  count!: number;
}

@ObjectType({
  implements: Node,
  description:
    "An honest dry run of a deployment, kept for 24 hours. It tells what the rules that give out licences would decide for each member at the moment it was made; it promises licences, not what devices will do, and it holds no stock: `createDeployment` with its id looks again, and refuses what has become worse.",
})
@Entity()
@Check("deployment_plan_action_known", oneOf("action", DeploymentAction))
@Check("deployment_plan_licensing_known", oneOf("licensing", DeploymentLicensing))
@Check("deployment_plan_on_leave_known", oneOf("on_leave", OnLeave))
@Check("deployment_plan_certainty_known", oneOf("certainty", PlanCertainty))
@Check("deployment_plan_priority_bounds", `priority BETWEEN ${PRIORITY.lowest} AND ${PRIORITY.highest}`)
@Check("deployment_plan_used_for_something", "(used_at IS NULL) = (deployment_id IS NULL)")
@Index("deployment_plan_expiry", ["expiresAt"])
@Index("deployment_plan_of_app", ["tokenId", "storeAppId"])
@Index("deployment_plan_of_collection", ["collectionId"])
@Index("deployment_plan_of_target", ["targetId"])
@Index("deployment_plan_of_deployment", ["tokenId", "deploymentId"], { where: "deployment_id IS NOT NULL" })
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "deployment_plan_store_app_fk",
  onDelete: "CASCADE",
})
@ForeignKey(() => Collection, ["collectionId"], ["id"], { name: "deployment_plan_collection_fk", onDelete: "CASCADE" })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "deployment_plan_target_fk", onDelete: "CASCADE" })
@ForeignKey(() => Deployment, ["tokenId", "deploymentId"], ["tokenId", "id"], {
  name: "deployment_plan_deployment_fk",
  onDelete: "CASCADE",
})
export class DeploymentPlan extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Column("uuid")
  collectionId!: string;

  @Column("uuid")
  targetId!: string;

  @Field(() => DeploymentAction, { description: "What the deployment would want." })
  @Column("text")
  action!: DeploymentAction;

  @Field(() => DeploymentLicensing, { description: "Whose licences it would use." })
  @Column("text")
  licensing!: DeploymentLicensing;

  @Field(() => Int, { description: "The deployment's place among those that are short of licences." })
  @Column("integer", { default: PRIORITY.normal })
  priority!: number;

  @Field(() => OnLeave, { description: "What would become of the app and its licence when a member leaves." })
  @Column("text", { default: OnLeave.KEEP })
  onLeave!: OnLeave;

  @Field(() => PlanCertainty, { description: "Whether it was decided or predicted." })
  @Column("text")
  certainty!: PlanCertainty;

  @Field(() => Int, {
    description:
      "New licences that its members want, those included that wait for stock or for the person. A licence that another deployment holds already is not new.",
  })
  @Column("integer", { default: 0 })
  licensesNeeded!: number;

  @Field(() => Int, { description: "How many of them there is no licence for." })
  @Column("integer", { default: 0 })
  licensesMissing!: number;

  @Field(() => Int, {
    description: "How many of them are wanted only once a person was registered or has accepted Apple's invitation.",
  })
  @Column("integer", { default: 0 })
  licensesLater!: number;

  @Field(() => Int, { description: "Licences that come back once the app is gone from the devices." })
  @Column("integer", { default: 0 })
  licensesReturning!: number;

  @Field(() => Int, {
    description: "Licences that do not come back although the app goes: irrevocable or protected ones.",
  })
  @Column("integer", { default: 0 })
  licensesNotReturning!: number;

  @Field(() => PlanStock, { description: "The app's licences when it was planned." })
  @Column("jsonb")
  stockBefore!: PlanStock;

  @Field(() => PlanStock, {
    description:
      "The same once those ahead of it and the deployment itself have got what there is; of an uninstall, once every licence that returns is back.",
  })
  @Column("jsonb")
  stockAfter!: PlanStock;

  @Field(() => [PlanOutcomeCount], { description: "How many members have which outcome." })
  @Column("jsonb", { default: "[]" })
  outcomeCounts!: PlanOutcomeCount[];

  @Field(() => [PlanWarning], { description: "What to know before it is used." })
  @Column("jsonb", { default: "[]" })
  warnings!: PlanWarning[];

  @Field(() => Date, { description: "When Apple was asked for the counts it relied on." })
  @Column(moment)
  countsAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: "The token's last synchronisation before it; null if none had ended.",
  })
  @Column(momentOrNull)
  lastSyncAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: "The target's last complete import of holders before it; null if none.",
  })
  @Column(momentOrNull)
  holdersImportedAt!: Date | null;

  @Field(() => String, { description: "Who made it." })
  @Column("text")
  createdBy!: string;

  @Field(() => Date, { description: "When it was made." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => Date, { description: "Until when `createDeployment` takes it: 24 hours after it was made." })
  @Column(moment)
  expiresAt!: Date;

  @Field(() => Date, { nullable: true, description: "When a deployment was made of it; it makes no second one." })
  @Column(momentOrNull)
  usedAt!: Date | null;

  @Column(bigintOrNull)
  deploymentId!: string | null;

  @Field(() => DeploymentPurpose, { description: "Always REQUIRED." })
  get purpose(): DeploymentPurpose {
    return DeploymentPurpose.REQUIRED;
  }

  @Field(() => Float, { description: "How old the counts were when it was made, in seconds." })
  get countsAgeSeconds(): number {
    return this.ageOf(this.countsAt);
  }

  @Field(() => Float, { nullable: true, description: "How long ago the token was synchronised then, in seconds." })
  get lastSyncAgeSeconds(): number | null {
    return this.lastSyncAt && this.ageOf(this.lastSyncAt);
  }

  @Field(() => Float, { nullable: true, description: "How long ago the holders were imported then, in seconds." })
  get holdersAgeSeconds(): number | null {
    return this.holdersImportedAt && this.ageOf(this.holdersImportedAt);
  }

  private ageOf(moment: Date): number {
    return Math.max((this.createdAt.getTime() - moment.getTime()) / 1000, 0);
  }
}
