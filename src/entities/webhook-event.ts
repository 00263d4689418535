import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from "typeorm";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Target } from "./target.js";

/**
 * One call of a target's product to us, saved as it came before anybody reads it: some tell a thing only once. Kept for a week
 * after it was read.
 */
@Entity()
@Index("webhook_event_read", ["readAt"], { where: "read_at IS NOT NULL" })
@Index("webhook_event_unread", ["targetId", "id"], { where: "read_at IS NULL" })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "webhook_event_target_fk", onDelete: "CASCADE" })
export class WebhookEvent {
  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "BY DEFAULT" })
  id!: string;

  @Column("uuid")
  targetId!: string;

  /** Without those that carry credentials. */
  @Column("jsonb")
  headers!: Record<string, string>;

  @Column("bytea")
  body!: Buffer;

  @Column(moment)
  receivedAt!: Date;

  @Column(momentOrNull)
  readAt!: Date | null;

  /** When it is read once more, since it tells of a step that nobody knew yet; null if it is not. */
  @Column(momentOrNull)
  readAgainAt!: Date | null;

  /** Why the plugin could not read it. */
  @Column(textOrNull)
  error!: string | null;
}
