import { Check, Column, Entity, PrimaryColumn } from "typeorm";
import { moment } from "./columns.js";

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

  @Column(moment)
  createdAt!: Date;
}
