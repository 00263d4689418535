import { Column, Entity, PrimaryColumn } from "typeorm";

/** When the next request with an Apple token may be sent: one budget for all replicas. An unlogged table. */
@Entity()
export class RateLimit {
  @PrimaryColumn("varchar", { length: 255 })
  key!: string;

  /** Milliseconds since 1970, by the database's clock. */
  @Column("bigint", { nullable: true })
  expire!: string | null;
}
