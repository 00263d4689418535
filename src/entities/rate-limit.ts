import { Column, Entity, PrimaryColumn } from "typeorm";

/** The requests of one Apple token in the present second, as rate-limiter-flexible keeps them: one budget for all replicas. */
@Entity()
export class RateLimit {
  @PrimaryColumn("varchar", { length: 255 })
  key!: string;

  @Column("integer", { default: 0 })
  points!: number;

  /** Milliseconds since 1970. */
  @Column("bigint", { nullable: true })
  expire!: string | null;
}
