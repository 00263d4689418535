import { Field, ObjectType } from "type-graphql";
import { Check, Column, Entity, Index, PrimaryColumn } from "typeorm";
import { Allow } from "./allow.js";
import { moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { Node } from "./node.js";
import { Role } from "./role.js";

@Allow(Role.ADMIN, { allTeams: true })
@ObjectType({
  implements: Node,
  description: "A key that opens this API, for a program or a person. The key itself is shown once and kept nowhere.",
})
@Entity()
@Check("api_key_role_known", oneOf("role", Role))
@Check("api_key_revoked_by", "(revoked_at IS NULL) = (revoked_by IS NULL)")
@Check("api_key_teams", "cardinality(teams) > 0")
@Index("api_key_prefix", ["prefix"], { unique: true })
@Index("api_key_name", ["name"], { unique: true, where: "revoked_at IS NULL" })
@Index("api_key_created", ["createdAt", "id"])
export class ApiKey extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => String, {
    description: "Your name for it, unique among those not revoked. What it does is done by `key:` and this name.",
  })
  @Column("text")
  name!: string;

  @Field(() => String, { description: "How the key begins, to tell which one stands somewhere. It opens nothing." })
  @Column("text")
  prefix!: string;

  /** SHA-256 of the key: it is as long as chance, so nothing slower is needed. */
  @Column("bytea")
  hash!: Buffer;

  @Field(() => Role, { description: "What its holder may do." })
  @Column("text")
  role!: Role;

  @Field(() => [String], {
    nullable: true,
    description: "The teams whose tokens and targets its holder sees; null for everything.",
  })
  @Column("text", { array: true, nullable: true })
  teams!: string[] | null;

  @Field(() => Date, { nullable: true, description: "When it ends by itself; null for never." })
  @Column(momentOrNull)
  expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: "When it was last used, to a minute; null when it never was." })
  @Column(momentOrNull)
  lastUsedAt!: Date | null;

  @Field(() => Date, { description: "When it was made." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => String, { description: "Who made it." })
  @Column("text")
  createdBy!: string;

  @Field(() => Date, { nullable: true, description: "When it was revoked; null while it was not." })
  @Column(momentOrNull)
  revokedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Who revoked it." })
  @Column(textOrNull)
  revokedBy!: string | null;
}
