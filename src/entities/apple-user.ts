import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { Allow } from "./allow.js";
import { bigintOrNull, moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { Role } from "./role.js";
import { Token } from "./token.js";
import { User } from "./user.js";

export enum AppleUserStatus {
  REQUESTED = "REQUESTED",
  REGISTERED = "REGISTERED",
  ASSOCIATED = "ASSOCIATED",
  RETIRED = "RETIRED",
  DELETED = "DELETED",
  REFUSED = "REFUSED",
}
registerEnumType(AppleUserStatus, {
  name: "AppleUserStatus",
  description: "How far a registration with Apple has come.",
  valuesConfig: {
    REQUESTED: { description: "We have asked Apple, or are about to." },
    REGISTERED: { description: "Apple waits for the person to accept the invitation." },
    ASSOCIATED: { description: "Linked to an Apple Account: can hold and use licences." },
    RETIRED: { description: "Ended; holds nothing but what cannot be taken back." },
    DELETED: { description: "Apple's legacy end state." },
    REFUSED: {
      description: "Not made: Apple refused it, had not done it in five attempts, or an admin gave it up.",
    },
  },
});

/** SQL for a registration (alias-free) that is not over. */
export const LIVE_APPLE_USER_SQL = "status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')";

@ObjectType({ implements: Node, description: "One user's registration with one token." })
@Entity()
@Check("apple_user_status_known", oneOf("status", AppleUserStatus))
@Index("apple_user_live_client_id", ["tokenId", "clientUserId"], { unique: true, where: LIVE_APPLE_USER_SQL })
@Index("apple_user_live_user", ["tokenId", "userId"], {
  unique: true,
  where: `user_id IS NOT NULL AND ${LIVE_APPLE_USER_SQL}`,
})
@Index("apple_user_of_user", ["userId"], { where: "user_id IS NOT NULL" })
@Index("apple_user_of_nobody", ["tokenId", "id"], { where: "user_id IS NULL" })
@Index("apple_user_status", ["status", "tokenId", "id"])
@Index("apple_user_client_id", ["tokenId", "clientUserId"])
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "apple_user_token_fk", onDelete: "CASCADE" })
@ForeignKey(() => User, ["userId"], ["id"], { name: "apple_user_user_fk", onDelete: "SET NULL" })
export class AppleUser extends TokenScopedNode {
  @Field(() => String, { description: "The id under which Apple knows it." })
  @Column("text")
  clientUserId!: string;

  /** Null when Apple tells of a registration that is nobody's here. */
  @Column(uuidOrNull)
  userId!: string | null;

  @Field(() => AppleUserStatus, { description: "How far it has come." })
  @Column("text")
  status!: AppleUserStatus;

  @Field(() => String, { nullable: true, description: "The e-mail address given to Apple." })
  @Column(textOrNull)
  email!: string | null;

  @Column(textOrNull)
  managedAppleId!: string | null;

  @Column(textOrNull)
  inviteCode!: string | null;

  /** Whoever has it can link an Apple Account of their own. */
  @Allow(Role.OPERATOR)
  @Field(() => String, {
    nullable: true,
    description:
      "Where the person accepts the invitation; null when there is nothing to accept. Whoever opens it links their Apple Account, so it takes the role OPERATOR.",
  })
  @Column(textOrNull)
  invitationUrl!: string | null;

  /** When the person's devices were last told to show the invitation. */
  @Column(momentOrNull)
  invitedAt!: Date | null;

  /** Apple's hash of the linked Apple Account. */
  @Column(textOrNull)
  idHash!: string | null;

  /** The AppleOperation that has not ended yet, if any. */
  @Column(bigintOrNull)
  operationId!: string | null;

  /** The AppleOperation that has come to its refusal (REFUSED), and tells of its holder why; it is forgotten in time. */
  @Column(bigintOrNull)
  refusedOperationId!: string | null;

  /** When the Apple read that told of it was requested, or the operation was confirmed; null before either. */
  @Column(momentOrNull)
  provenAt!: Date | null;

  @Field(() => Date, { description: "When it was requested or first seen." })
  @Column(moment)
  addedAt!: Date;
}
