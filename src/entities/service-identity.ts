import { Check, Column, Entity, PrimaryColumn } from "typeorm";
import { moment, momentOrNull, textOrNull } from "./columns.js";

/**
 * Who this installation is at Apple: `mdmInfo.id` and the epoch in its metadata. One row, made by the first migration,
 * so that every replica of one database speaks with one name.
 */
@Entity()
@Check("service_identity_single", "single")
export class ServiceIdentity {
  @PrimaryColumn("boolean", { default: true })
  single!: boolean;

  @Column("uuid")
  mdmId!: string;

  /** Raised at each full sync; tells a restored or cloned database from the living one. */
  @Column("bigint", { default: 1 })
  epoch!: string;

  /**
   * Tells two living copies of one database apart: a copy that finds itself restored takes a new one, and the other sees
   * it at Apple.
   */
  @Column("uuid")
  instance!: string;

  /** The instances we were before: a claim under one of them is our own past, unless a copy lives on with it. */
  @Column("uuid", { array: true, default: "{}" })
  formerInstances!: string[];

  /** PostgreSQL's system identifier and the database's number, as last seen: another one means another database. */
  @Column(textOrNull)
  databaseSeen!: string | null;

  /** PostgreSQL's timeline as last seen: it grows with a recovery and with a failover. */
  @Column("integer", { nullable: true })
  timelineSeen!: number | null;

  /** The Apple location that this installation is bound to while it may have one token. */
  @Column(textOrNull)
  boundLocationId!: string | null;

  /** Apple's name of it, for those who are told of it after the token is gone. */
  @Column(textOrNull)
  boundLocationName!: string | null;

  /** Holdings that ended before this were purged; null while none were. */
  @Column(momentOrNull)
  ledgerSince!: Date | null;

  @Column(moment)
  createdAt!: Date;
}
