import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, Index, PrimaryColumn } from "typeorm";
import { moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { Node } from "./node.js";

export enum LicenseAuthority {
  SERVICE = "SERVICE",
  TARGET = "TARGET",
}
registerEnumType(LicenseAuthority, {
  name: "LicenseAuthority",
  description: "Who claims and returns licences for installs at a target.",
  valuesConfig: {
    SERVICE: { description: "Allotment, with its own token." },
    TARGET: { description: "The MDM itself, with a token that it owns." },
  },
});

export enum ApnsState {
  VALID = "VALID",
  EXPIRED = "EXPIRED",
  MISSING = "MISSING",
  NOT_REPORTED = "NOT_REPORTED",
  UNCHECKED = "UNCHECKED",
}
registerEnumType(ApnsState, {
  name: "ApnsState",
  description: "The MDM's Apple Push certificate: without a valid one no device hears anything.",
  valuesConfig: {
    VALID: { description: "Present and in date." },
    EXPIRED: { description: "Past its date: renew it at Apple, with the same Apple Account." },
    MISSING: { description: "The MDM has none." },
    NOT_REPORTED: { description: "The MDM does not tell." },
    UNCHECKED: { description: "Not asked yet: run `checkTarget`." },
  },
});

@ObjectType({ description: "One thing a check of a target found." })
export class TargetFinding {
  @Field(() => String, { description: "`info`, `warning` or `error`." })
  severity!: string;

  @Field(() => String, { description: "Stable, UPPER_SNAKE_CASE, of the plugin's own." })
  code!: string;

  @Field(() => String, { description: "What was found." })
  message!: string;

  @Field(() => String, { nullable: true, description: "What to do." })
  remedy?: string | null;
}

@ObjectType({ implements: Node, description: "One configured connection to one MDM, made by a plugin." })
@Entity()
@Check("target_authority_known", oneOf("license_authority", LicenseAuthority))
@Check("target_apns_known", oneOf("apns_state", ApnsState))
@Check("target_open_until", "(opened_at IS NULL) = (paused_until IS NULL)")
@Check("target_tried_open", "tried_until IS NULL OR opened_at IS NOT NULL")
@Check("target_failures_counted", "failures >= 0 AND (opened_at IS NULL OR failures > 0)")
@Index("target_name", ["name"], { unique: true })
@Index("target_added", ["addedAt", "id"])
@Index("target_teams", { synchronize: false })
export class Target extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => String, { description: "The plugin that made it." })
  @Column("text")
  plugin!: string;

  @Field(() => String, { description: "The admin's name for it, unique." })
  @Column("text")
  name!: string;

  @Field(() => LicenseAuthority, { description: "Who claims and returns licences for installs here." })
  @Column("text")
  licenseAuthority!: LicenseAuthority;

  /** The settings that are not secret. */
  @Column("jsonb")
  settings!: Record<string, unknown>;

  /** The secret settings, as JSON, sealed. */
  @Column(textOrNull)
  secrets!: string | null;

  @Field(() => ApnsState, { description: "The MDM's Apple Push certificate at the last check." })
  @Column("text", { default: ApnsState.UNCHECKED })
  apnsState!: ApnsState;

  @Field(() => Date, { nullable: true, description: "When that certificate expires, as far as the MDM tells." })
  @Column(momentOrNull)
  apnsExpiresAt!: Date | null;

  @Field(() => [TargetFinding], { description: "What the last check found." })
  @Column("jsonb", { default: "[]" })
  findings!: TargetFinding[];

  @Field(() => Date, { nullable: true, description: "When it was last checked." })
  @Column(momentOrNull)
  checkedAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: "When users, devices and collections were last imported completely.",
  })
  @Column(momentOrNull)
  holdersImportedAt!: Date | null;

  /** A complete listing that would count too many devices as deleted is held back until a confirmation (rule 6). */
  @Field(() => Date, {
    nullable: true,
    description:
      "Since when a listing that no longer shows too many people or devices is held back; `importHolders` with `confirmShrink` lets it.",
  })
  @Column(momentOrNull)
  shrinkHeldAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Why the last import failed; null if it did not." })
  @Column(textOrNull)
  importError!: string | null;

  /** How many calls in a row have failed (`target-circuit.ts` tells what these columns mean together). */
  @Column("int", { default: 0 })
  failures!: number;

  /** Since when the target is not called but for a try now and then; null while it is. */
  @Column(momentOrNull)
  openedAt!: Date | null;

  /** Until when it is not called at all. */
  @Column(momentOrNull)
  pausedUntil!: Date | null;

  /** Until when one call that tries it has time to answer, while all others wait. */
  @Column(momentOrNull)
  triedUntil!: Date | null;

  @Column(textOrNull)
  lastError!: string | null;

  @Column(momentOrNull)
  lastFailedAt!: Date | null;

  /** Whose it is: callers who are limited to one of these teams see it. */
  @Column("text", { array: true, default: "{}" })
  teams!: string[];

  @Field(() => Date, { description: "When it was added." })
  @Column(moment)
  addedAt!: Date;
}
