import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, Index, PrimaryColumn } from "typeorm";
import { moment, momentOrNull, oneOf, uuidOrNull } from "./columns.js";
import { Node } from "./node.js";

export enum AlertKind {
  LICENSES_SHRINK_HELD = "LICENSES_SHRINK_HELD",
  MEMBERS_SHRINK_HELD = "MEMBERS_SHRINK_HELD",
  COUNT_MISMATCH = "COUNT_MISMATCH",
  TOKEN_NOT_WRITABLE = "TOKEN_NOT_WRITABLE",
  TOKENS_EXPIRE = "TOKENS_EXPIRE",
  DATABASE_RESTORED = "DATABASE_RESTORED",
  NOTIFICATIONS_OFF = "NOTIFICATIONS_OFF",
  APNS_EXPIRES = "APNS_EXPIRES",
  INVITATIONS_OPEN = "INVITATIONS_OPEN",
  LOW_STOCK = "LOW_STOCK",
  SYNC_FAILED = "SYNC_FAILED",
  OPERATION_STUCK = "OPERATION_STUCK",
  TARGET_FAILING = "TARGET_FAILING",
  TARGET_FLOODING = "TARGET_FLOODING",
  RELEASE_FAILED = "RELEASE_FAILED",
}
registerEnumType(AlertKind, {
  name: "AlertKind",
  description: "What an alert is about.",
  valuesConfig: {
    LICENSES_SHRINK_HELD: {
      description: "A read at Apple would have ended too many holdings at once and is held back.",
    },
    MEMBERS_SHRINK_HELD: { description: "A listing would have taken too many members away at once and is held back." },
    COUNT_MISMATCH: { description: "Apple's count of an app's licences in use is not that of the holdings it shows." },
    TOKEN_NOT_WRITABLE: { description: "A token may not write; what is planned with it waits." },
    TOKENS_EXPIRE: { description: "Tokens expire soon, or have expired: all of them in one alert a day." },
    DATABASE_RESTORED: {
      description:
        "The database is older than what Apple knows of us, or a copy: nothing is written before all is read.",
    },
    NOTIFICATIONS_OFF: {
      description: "Apple does not notify us of a token's changes although it should: they are seen later.",
    },
    APNS_EXPIRES: {
      description:
        "The APNs certificate of a target expires within 30 days, has expired, or is missing: without one no device hears anything.",
    },
    INVITATIONS_OPEN: {
      description:
        "People have not accepted Apple's invitation for more than 7 days, and wait for their apps; raised anew when somebody has waited for 30.",
    },
    LOW_STOCK: { description: "An app has fewer free licences than a rule says (`setAlertRule`)." },
    SYNC_FAILED: { description: "The last synchronisations of a token failed, as many as a rule says." },
    OPERATION_STUCK: { description: "A change at Apple is open for longer, or was sent more often, than a rule says." },
    TARGET_FAILING: {
      description: "Calls to a target fail; it is left alone but for a try now and then (see its `circuit`).",
    },
    TARGET_FLOODING: {
      description: "A target's product tells us more than can be read; what it tells beyond that is refused.",
    },
    RELEASE_FAILED: {
      description:
        "What ended deployments have set up at a target could not be ended there: it goes on acting on whoever joins the target's collections.",
    },
  },
});

/** The subject of an alert about several tokens. */
export const SEVERAL_TOKENS = "tokens";

@ObjectType({
  implements: Node,
  description:
    "Something an admin should know of, from when it was noticed until it is over; kept for 90 days after that.",
})
@Entity()
@Check("alert_kind_known", oneOf("kind", AlertKind))
@Index("alert_raised", ["raisedAt", "id"])
@Index("alert_raised_open", ["raisedAt", "id"], { where: "cleared_at IS NULL" })
@Index("alert_cleared", ["clearedAt"], { where: "cleared_at IS NOT NULL" })
@Index("alert_of_kind", ["kind", "raisedAt", "id"])
@Index("alert_of_subject", ["subject", "raisedAt", "id"])
@Index("alert_of_token", ["tokenId", "raisedAt", "id"])
@Index("alert_open", ["kind", "subject"], { unique: true, where: "cleared_at IS NULL" })
export class Alert extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => AlertKind, { description: "What it is about." })
  @Column("text")
  kind!: AlertKind;

  @Field(() => String, {
    description: "Global id of the object it is about; `tokens` when it is about several tokens.",
  })
  @Column("text")
  subject!: string;

  /** Of the subject, where it is a token or belongs to one. */
  @Column(uuidOrNull)
  tokenId!: string | null;

  @Field(() => String, { description: "What was noticed and what to do, in a sentence." })
  @Column("text")
  message!: string;

  @Field(() => Date, { description: "When it was noticed." })
  @Column(moment)
  raisedAt!: Date;

  @Field(() => Date, { nullable: true, description: "When it was over; null while it is not." })
  @Column(momentOrNull)
  clearedAt!: Date | null;
}
