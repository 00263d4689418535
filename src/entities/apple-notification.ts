import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from "typeorm";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Token } from "./token.js";

/** One notification of Apple's, saved as it came before anybody reads it; Apple may send it more than once. */
@Entity()
@Index("apple_notification_once", ["tokenId", "notificationId"], { unique: true })
@Index("apple_notification_unread", ["tokenId", "id"], { where: "read_at IS NULL" })
@Index("apple_notification_received", ["receivedAt"])
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "apple_notification_token_fk", onDelete: "CASCADE" })
export class AppleNotification {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "BY DEFAULT" })
  id!: string;

  /** Apple's id of it, by which a repetition is known. */
  @Column("text")
  notificationId!: string;

  /** Apple's `notificationType`. */
  @Column("text")
  type!: string;

  /** The whole body as sent. */
  @Column("jsonb")
  body!: Record<string, unknown>;

  @Column(moment)
  receivedAt!: Date;

  @Column(momentOrNull)
  readAt!: Date | null;

  /** What it led to, or why it was passed over; null while unread. */
  @Column(textOrNull)
  outcome!: string | null;
}
