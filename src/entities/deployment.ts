import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { Application } from "./application.js";
import { Collection } from "./collection.js";
import { moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";
import { Target } from "./target.js";

/** The bounds of a deployment's priority, and what it is unless said otherwise. */
export const PRIORITY = { lowest: -1000, normal: 0, highest: 1000 } as const;

export enum DeploymentAction {
  INSTALL = "INSTALL",
  UNINSTALL = "UNINSTALL",
}
registerEnumType(DeploymentAction, {
  name: "DeploymentAction",
  description: "What a deployment wants.",
  valuesConfig: {
    INSTALL: { description: "The app on every device; each need uses one licence." },
    UNINSTALL: { description: "The app gone from every device, and then its licences back." },
  },
});

export enum DeploymentPurpose {
  REQUIRED = "REQUIRED",
  AVAILABLE = "AVAILABLE",
}
registerEnumType(DeploymentPurpose, {
  name: "DeploymentPurpose",
  description: "How strongly a deployment wants it.",
  valuesConfig: {
    REQUIRED: { description: "Without asking the person." },
    AVAILABLE: {
      description: "Refused with PRECONDITION_FAILED: volume-purchased apps are always deployed as required.",
    },
  },
});

export enum DeploymentLicensing {
  USER = "USER",
  DEVICE = "DEVICE",
}
registerEnumType(DeploymentLicensing, {
  name: "DeploymentLicensing",
  description: "Whose licence an install uses.",
  valuesConfig: {
    USER: { description: "The person's: one for up to five devices; a device without a user gets nothing." },
    DEVICE: { description: "The device's own." },
  },
});

export enum OnLeave {
  KEEP = "KEEP",
  UNINSTALL = "UNINSTALL",
  RECLAIM = "RECLAIM",
}
registerEnumType(OnLeave, {
  name: "OnLeave",
  description:
    "What becomes of an installation whose member leaves the collection, whose device is wiped, retired or deleted, or whose deployment is deleted. What has not begun is cancelled in any case.",
  valuesConfig: {
    KEEP: {
      description: "The app stays where it is and keeps its licence, which becomes a candidate to be reclaimed.",
    },
    UNINSTALL: { description: "The app is removed; its licence returns when the device has confirmed that." },
    RECLAIM: {
      description:
        "The licence returns at once; the app stops working on the device within 30 days. Irrevocable apps refuse it.",
    },
  },
});

@ObjectType({ implements: Node, description: "The wish: one app, to one collection, through one target." })
@Entity()
@Check("deployment_action_known", oneOf("action", DeploymentAction))
@Check("deployment_purpose_required", "purpose = 'REQUIRED'")
@Check("deployment_licensing_known", oneOf("licensing", DeploymentLicensing))
@Check("deployment_priority_bounds", `priority BETWEEN ${PRIORITY.lowest} AND ${PRIORITY.highest}`)
@Check("deployment_on_leave_known", oneOf("on_leave", OnLeave))
@Check("deployment_collection_while_it_lives", "collection_id IS NOT NULL OR deleted_at IS NOT NULL")
@Check("deployment_deleted_by_somebody", "(deleted_at IS NULL) = (deleted_by IS NULL)")
@Index("deployment_unique", ["tokenId", "storeAppId", "collectionId", "targetId"], {
  unique: true,
  where: "deleted_at IS NULL",
})
@Index("deployment_of_collection", ["collectionId"])
@Index("deployment_created", ["createdAt", "tokenId", "id"])
@Index("deployment_deleted", ["deletedAt"], { where: "deleted_at IS NOT NULL" })
@Index("deployment_action_at", ["actionAt", "tokenId", "id"])
@Index("deployment_at_target", ["targetId", "tokenId", "id"])
@Index("deployment_of_application", ["tokenId", "applicationId"])
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "deployment_store_app_fk",
  onDelete: "RESTRICT",
})
@ForeignKey(() => Application, ["tokenId", "applicationId"], ["tokenId", "id"], {
  name: "deployment_application_fk",
  onDelete: "RESTRICT",
})
@ForeignKey(() => Collection, ["collectionId"], ["id"], { name: "deployment_collection_fk", onDelete: "SET NULL" })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "deployment_target_fk", onDelete: "RESTRICT" })
export class Deployment extends TokenScopedNode {
  @Column("bigint")
  storeAppId!: string;

  @Column("bigint")
  applicationId!: string;

  /** Null once the collection of a deleted deployment is deleted, too. */
  @Column(uuidOrNull)
  collectionId!: string | null;

  @Column("uuid")
  targetId!: string;

  @Field(() => DeploymentAction, { description: "What it wants now." })
  @Column("text")
  action!: DeploymentAction;

  @Field(() => DeploymentPurpose, { description: "Always REQUIRED." })
  @Column("text")
  purpose!: DeploymentPurpose;

  @Field(() => DeploymentLicensing, { description: "Whose licences it uses." })
  @Column("text")
  licensing!: DeploymentLicensing;

  @Field(() => Int, {
    description:
      "Who is licensed first where licences are short: the higher priority, then who has waited longer. From -1000 to 1000, 0 unless said otherwise.",
  })
  @Column("integer", { default: PRIORITY.normal })
  priority!: number;

  @Field(() => OnLeave, { description: "What becomes of the app and its licence when a member leaves." })
  @Column("text", { default: OnLeave.KEEP })
  onLeave!: OnLeave;

  @Field(() => String, { description: "Who made it." })
  @Column("text")
  createdBy!: string;

  @Field(() => Date, { description: "When it was made." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => String, { description: "Who last changed its action." })
  @Column("text")
  actionBy!: string;

  @Field(() => Date, { description: "When its action last changed." })
  @Column(moment)
  actionAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: "When it was deleted; null while it lives. Its installations stay, and are brought to their end.",
  })
  @Column(momentOrNull)
  deletedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Who deleted it." })
  @Column(textOrNull)
  deletedBy!: string | null;
}
