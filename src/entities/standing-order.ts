import { Check, Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { Application } from "./application.js";
import { moment, momentOrNull, textOrNull } from "./columns.js";

/**
 * What a target's product goes on doing for an app, since Steps have been told there, until it is released: for everybody in a
 * collection of its own, or for the devices that were addressed alone.
 */
@Entity()
@Check("standing_order_attempts", "attempts >= 0")
@ForeignKey(() => Application, ["tokenId", "applicationId"], ["tokenId", "id"], {
  name: "standing_order_application_fk",
  onDelete: "CASCADE",
})
export class StandingOrder {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryColumn("bigint")
  applicationId!: string;

  /** The product's id of its collection, kept since ours may be gone by then; empty for devices that were addressed alone. */
  @PrimaryColumn("text")
  collection!: string;

  @Column("text")
  collectionName!: string;

  /** When it was first given. */
  @Column(moment)
  givenAt!: Date;

  /** When the devices that keep the app were first told alone, so that they do not need it; null while none was. */
  @Column(momentOrNull)
  handedOverAt!: Date | null;

  /** How often releasing it has failed. */
  @Column("integer", { default: 0 })
  attempts!: number;

  /** Not released before; null while it has not failed, and no device was told alone. */
  @Column(momentOrNull)
  nextAttemptAt!: Date | null;

  @Column(textOrNull)
  lastError!: string | null;
}
