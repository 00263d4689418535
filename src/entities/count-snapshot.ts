import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { StoreApp } from "./store-app.js";

/**
 * An app's counts as a day (UTC) began. A day without a row of which counts were taken (`SnapshotDay`) had those of the last
 * row before it: only what has changed is written.
 */
@Entity()
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "count_snapshot_store_app_fk",
  onDelete: "CASCADE",
})
export class CountSnapshot {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryColumn("bigint")
  storeAppId!: string;

  @PrimaryColumn("date")
  day!: string;

  @Column("integer")
  totalCount!: number;

  @Column("integer")
  assignedCount!: number;

  @Column("integer")
  retiredCount!: number;

  @Column("integer")
  heldCount!: number;

  /** Null when unlimited. */
  @Column("integer", { nullable: true })
  freeCount!: number | null;

  @Column("integer")
  waitingCount!: number;
}
