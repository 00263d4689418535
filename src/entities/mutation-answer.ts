import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import { moment, textOrNull } from "./columns.js";

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

  /** A keyed digest of the input, which may hold secrets; null in rows of before it was keyed, which are taken for the same input. */
  @Column(textOrNull)
  inputDigest!: string | null;

  /** Ids of the objects in the payload, and its plain values. */
  @Column("jsonb")
  answer!: Record<string, unknown>;

  @Column(moment)
  createdAt!: Date;
}
