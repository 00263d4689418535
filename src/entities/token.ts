import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { bigintOrNull, moment, momentOrNull, oneOf, textOrNull, uuidOrNull } from "./columns.js";
import { Node } from "./node.js";
import { Target } from "./target.js";

export enum TokenAuthority {
  SERVICE = "SERVICE",
  TARGET = "TARGET",
}
registerEnumType(TokenAuthority, {
  name: "TokenAuthority",
  description: "Who claims and returns licences with a token.",
  valuesConfig: {
    SERVICE: { description: "Allotment does." },
    TARGET: { description: "The MDM that owns the token does; Allotment mirrors it." },
  },
});

export enum TokenPlatform {
  BUSINESS = "BUSINESS",
  EDUCATION = "EDUCATION",
}
registerEnumType(TokenPlatform, {
  name: "TokenPlatform",
  description: "Apple Business or Apple School, from Apple's `defaultPlatform`.",
  valuesConfig: {
    BUSINESS: { description: "Apple's `enterprisestore`." },
    EDUCATION: { description: "Apple's `volumestore`." },
  },
});

export enum TokenHealthState {
  UNVERIFIED = "UNVERIFIED",
  ACTIVE = "ACTIVE",
  EXPIRING = "EXPIRING",
  EXPIRED = "EXPIRED",
  REVOKED = "REVOKED",
  INVALID = "INVALID",
  CLAIMED_ELSEWHERE = "CLAIMED_ELSEWHERE",
  DUPLICATE_LOCATION = "DUPLICATE_LOCATION",
  READ_ONLY = "READ_ONLY",
  SUSPENDED = "SUSPENDED",
}
registerEnumType(TokenHealthState, {
  name: "TokenHealthState",
  description: "Whether a token works, and if not, why.",
  valuesConfig: {
    UNVERIFIED: {
      description:
        "Apple has not yet confirmed our claim: just added, resumed or taken over, or everything is being read first after the database was restored.",
    },
    ACTIVE: { description: "Reads and writes." },
    EXPIRING: { description: "Reads and writes, and expires soon: renew it." },
    EXPIRED: { description: "Past its expiry date: renew it." },
    REVOKED: {
      description: "Apple revoked the file, as it does when a newer one is downloaded: upload the newer one.",
    },
    INVALID: { description: "Apple does not know the token, or it opens another location than it did." },
    CLAIMED_ELSEWHERE: {
      description: "Another MDM, or a copy of this installation, has claimed the location: reads, does not write.",
    },
    DUPLICATE_LOCATION: { description: "Another token here belongs to the same location: reads, does not write." },
    READ_ONLY: { description: "The account that made the token may only read." },
    SUSPENDED: {
      description:
        "An admin has paused it: nothing is changed at Apple, and nothing is read there either, by no schedule and for no notification, but what an admin asks for (`syncToken`, `renewToken`).",
    },
  },
});

/** States in which nothing is asked of Apple that changes something there (rule 7). */
export const WRITABLE_HEALTH: readonly TokenHealthState[] = [TokenHealthState.ACTIVE, TokenHealthState.EXPIRING];

@ObjectType({ description: "Whether a token works: what is so, since when, how we know and what to do." })
export class TokenHealth {
  @Field(() => TokenHealthState, { description: "What is so." })
  @Column("text", { default: TokenHealthState.UNVERIFIED })
  state!: TokenHealthState;

  @Field(() => String, { nullable: true, description: "Why, in a sentence." })
  @Column(textOrNull)
  cause!: string | null;

  @Field(() => Date, { description: "Since when." })
  @Column(moment)
  since!: Date;

  @Field(() => String, { nullable: true, description: "How we know: Apple's error number or the fact that was read." })
  @Column(textOrNull)
  evidence!: string | null;

  @Field(() => String, { nullable: true, description: "What to do, in a sentence." })
  @Column(textOrNull)
  remedy!: string | null;
}

export enum LicensesOnRemoval {
  RETURN = "RETURN",
  LEAVE = "LEAVE",
}
registerEnumType(LicensesOnRemoval, {
  name: "LicensesOnRemoval",
  description: "What becomes of the licences of a token that is removed.",
  valuesConfig: {
    RETURN: {
      description: "Those that can be taken back are returned at Apple first; the token goes when they are back.",
    },
    LEAVE: { description: "They stay with their holders at Apple, and the token goes at once." },
  },
});

@ObjectType({ description: "Somebody who can renew a token at Apple." })
export class TokenContact {
  @Field(() => String, { description: "The name that people read." })
  name!: string;

  @Field(() => String, { description: "An e-mail address." })
  email!: string;
}

/** More than one person must be able to renew a token: Apple lets only the one who downloaded it. */
export const CONTACTS_WANTED = 2;

/** What is said of a token that has so many contacts, which are too few. */
export function contactsWarning(count: string): string {
  return `Name at least ${CONTACTS_WANTED} contacts with updateToken: the token has ${count}, and when nobody who can renew it is there, it expires.`;
}

@ObjectType({
  implements: Node,
  description: "One Apple content token, that is, one Apple location whose apps and licences it opens.",
})
@Entity()
@Check("token_authority_known", oneOf("authority", TokenAuthority))
@Check("token_platform_known", oneOf("platform", TokenPlatform))
@Check("token_health_known", oneOf("health_state", TokenHealthState))
@Check(
  "token_secret_or_target",
  `(authority = 'SERVICE') = (secret IS NOT NULL) AND (authority = 'TARGET') = (target_id IS NOT NULL)`,
)
@Index("token_location", ["locationId"], { unique: true, where: "location_id IS NOT NULL" })
@Index("token_fingerprint", ["fingerprint"], { unique: true, where: "fingerprint IS NOT NULL" })
@Index("token_search", { synchronize: false })
@Index("token_name", ["name", "id"])
@Index("token_added", ["addedAt", "id"])
@Index("token_expiry", ["expiresAt", "id"])
@Index("token_of_target", ["targetId", "externalId"], { unique: true, where: "target_id IS NOT NULL" })
@Index("token_teams", { synchronize: false })
@ForeignKey(() => Target, ["targetId"], ["id"], { name: "token_target", onDelete: "RESTRICT" })
export class Token extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => TokenAuthority, { description: "Who claims and returns licences with it." })
  @Column("text")
  authority!: TokenAuthority;

  @Field(() => String, { description: "The admin's name for it." })
  @Column("text")
  name!: string;

  @Field(() => String, { nullable: true, description: "The admin's words about it." })
  @Column(textOrNull)
  description!: string | null;

  @Field(() => [String], { description: "The admin's labels." })
  @Column("text", { array: true, default: "{}" })
  categories!: string[];

  @Field(() => [TokenContact], { description: "Who can renew it at Apple; more than one should." })
  @Column("jsonb", { default: [] })
  contacts!: TokenContact[];

  @Field(() => String, { nullable: true, description: "The organisation named in the token file." })
  @Column(textOrNull)
  organization!: string | null;

  /** Apple's `uId` of the location: the key by which two files of one location are found alike. */
  @Column(textOrNull)
  locationId!: string | null;

  @Field(() => String, { nullable: true, description: "Apple's name of the location." })
  @Column(textOrNull)
  locationName!: string | null;

  @Field(() => String, { nullable: true, description: "The storefront's country, ISO 3166-1 alpha-2." })
  @Column(textOrNull)
  country!: string | null;

  @Field(() => TokenPlatform, { description: "Apple Business or Apple School." })
  @Column("text")
  platform!: TokenPlatform;

  @Field(() => String, { nullable: true, description: "Apple's site where the token is renewed and apps are bought." })
  @Column(textOrNull)
  websiteUrl!: string | null;

  /** The token file's text, sealed. */
  @Column(textOrNull)
  secret!: string | null;

  /** SHA-256 of the token file's text: finds the same file again without opening secrets. */
  @Column(textOrNull)
  fingerprint!: string | null;

  @Column(uuidOrNull)
  targetId!: string | null;

  /** The product's id of the token, with authority TARGET. */
  @Column(textOrNull)
  externalId!: string | null;

  @Field(() => Date, { nullable: true, description: "When Apple stops accepting it." })
  @Column(momentOrNull)
  expiresAt!: Date | null;

  @Field(() => TokenHealth, { description: "Whether it works." })
  @Column(() => TokenHealth, { prefix: "health" })
  health!: TokenHealth;

  /** The last of the policy's warnings that was given of its end, in days before it; 0 for its end itself, null for none. */
  @Column("integer", { nullable: true })
  expiryWarnedDays!: number | null;

  /** The full sync that brought the token's first data has ended: from then on changes at Apple are EXTERNAL, not SYNC. */
  @Field(() => Date, { nullable: true, description: "The last synchronisation of everything." })
  @Column(momentOrNull)
  lastFullSyncAt!: Date | null;

  @Field(() => Date, { nullable: true, description: "The last synchronisation, full or delta." })
  @Column(momentOrNull)
  lastSyncAt!: Date | null;

  /** Apple's `versionId` of page 0 of the last complete read of each list. */
  @Column(textOrNull)
  assetsVersionId!: string | null;

  @Column(textOrNull)
  assignmentsVersionId!: string | null;

  @Column(textOrNull)
  usersVersionId!: string | null;

  /** The epoch that we last wrote, or meant to write, to Apple with our claim; null before the first claim. */
  @Column(bigintOrNull)
  claimedEpoch!: string | null;

  /** From whom an admin has told us to take the location: the `id` of another MDM's claim, or the instance of a copy. */
  @Column(textOrNull)
  takingOver!: string | null;

  /** Since when our data of it may be older than Apple's beyond what a delta tells; null when it is not. */
  @Column(momentOrNull)
  distrustedAt!: Date | null;

  /** When a notification last told of a change that only a read which begins later can show. */
  @Column(momentOrNull)
  hintedAt!: Date | null;

  /** Since when it is being removed and its licences returned; nothing is claimed with it any more. */
  @Field(() => Date, { nullable: true, description: "Since when it is being removed, its licences returned first." })
  @Column(momentOrNull)
  removingAt!: Date | null;

  @Column(textOrNull)
  removingActor!: string | null;

  /** Whose it is: callers who are limited to one of these teams see it. */
  @Column("text", { array: true, default: "{}" })
  teams!: string[];

  @Field(() => Date, { description: "When it was added." })
  @Column(moment)
  addedAt!: Date;

  @Field(() => Date, { description: "When an admin last changed it." })
  @Column(moment)
  updatedAt!: Date;

  @Field(() => [String], { description: "What should be mended before it becomes a fault, each in a sentence." })
  get warnings(): string[] {
    if (this.authority === TokenAuthority.TARGET || this.contacts.length >= CONTACTS_WANTED) return [];
    return [contactsWarning(`${this.contacts.length}`)];
  }
}
