import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import { moment } from "./columns.js";

/** The answer to a mutation that carried an idempotency key: the same key and input get it again, for 30 days. */
@Entity()
@Index("mutation_answer_created", ["createdAt"])
export class MutationAnswer {
  @PrimaryColumn("text")
  actor!: string;

  @PrimaryColumn("text")
  idempotencyKey!: string;

  @Column("text")
  mutation!: string;

  /** SHA-256 of the input. */
  @Column("text")
  inputDigest!: string;

  /** Ids of the objects in the payload, and its plain values. */
  @Column("jsonb")
  answer!: Record<string, unknown>;

  @Column(moment)
  createdAt!: Date;
}
