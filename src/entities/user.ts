import { Field, ObjectType } from "type-graphql";
import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import { moment, momentOrNull, textOrNull } from "./columns.js";
import { Node } from "./node.js";

/** Equal normalised names are one person; null when there is nothing to compare, which never merges. */
export function normalizePrincipalName(name: string | null): string | null {
  return name?.trim().toLowerCase() || null;
}

@ObjectType({ implements: Node, description: "A person, as targets report them; one, however many targets know them." })
@Entity()
@Index("user_principal_name", ["principalName"], { unique: true, where: "principal_name IS NOT NULL" })
@Index("user_by_principal_name", ["principalName", "id"])
@Index("user_display_name", ["displayName", "id"])
@Index("user_search", { synchronize: false })
@Index("user_left", ["leftAt"], { where: "left_at IS NOT NULL" })
export class User extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  /** Normalised. */
  @Field(() => String, { nullable: true, description: "The sign-in name, in lower case." })
  @Column(textOrNull)
  principalName!: string | null;

  @Field(() => String, { nullable: true, description: "The name that people read." })
  @Column(textOrNull)
  displayName!: string | null;

  @Field(() => String, { nullable: true, description: "Where an invitation is sent." })
  @Column(textOrNull)
  email!: string | null;

  @Field(() => String, { nullable: true, description: "The Managed Apple Account, which needs no invitation." })
  @Column(textOrNull)
  managedAppleId!: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      "When a complete listing showed that no target knows the person any more; null while one does. Registrations with " +
      "Apple are retired a week later, once no managed device of theirs uses their licences.",
  })
  @Column(momentOrNull)
  leftAt!: Date | null;

  @Field(() => Date, { description: "When a target first told of it." })
  @Column(moment)
  addedAt!: Date;
}
