import { Entity, PrimaryColumn } from "typeorm";

/** A day (UTC) of which the apps' counts were taken, whether any of them had changed or not: of others nothing is known. */
@Entity()
export class SnapshotDay {
  @PrimaryColumn("date")
  day!: string;
}
