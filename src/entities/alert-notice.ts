import { Column, Entity, PrimaryGeneratedColumn } from "typeorm";
import type { AlertKind } from "./alert.js";
import { moment } from "./columns.js";

/**
 * An alert that was raised, raised anew or cleared, and that no webhook has been told of yet. The database's own trigger writes
 * it with the change, whoever makes it, and a digest takes it away.
 */
@Entity()
export class AlertNotice {
  @PrimaryGeneratedColumn("identity", { type: "bigint", generatedIdentity: "ALWAYS" })
  id!: string;

  @Column("uuid")
  alertId!: string;

  @Column("text")
  kind!: AlertKind;

  @Column("text")
  subject!: string;

  @Column("text")
  message!: string;

  @Column("boolean")
  cleared!: boolean;

  @Column(moment)
  noticedAt!: Date;
}
