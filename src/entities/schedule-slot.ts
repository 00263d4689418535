import { Column, Entity, PrimaryColumn } from "typeorm";
import { moment } from "./columns.js";

/** One tick of one schedule, taken once by one replica: no row, no job. */
@Entity()
export class ScheduleSlot {
  @PrimaryColumn("text")
  schedule!: string;

  @PrimaryColumn(moment)
  slot!: Date;

  @Column(moment)
  takenAt!: Date;
}
